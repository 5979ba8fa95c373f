package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** What a chat calls, a model and an audit queue: stand-ins that answer at once, and count. */
final class Upstream implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the model says. */
  static final String TEXT = "A skein is a flight of geese.";

  /** The reply's body. */
  static final String REPLY =
      """
      {"id":"chatcmpl-1","object":"chat.completion","created":1793613600,"model":"stub","choices":[{"index":0,\
      "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
      "usage":{"prompt_tokens":14,"completion_tokens":9,"total_tokens":23}}\
      """
          .formatted(TEXT);

  private final AtomicInteger completions = new AtomicInteger();
  private final AtomicInteger messages = new AtomicInteger();
  private final Loopback model = new Loopback(this::complete);
  private final Loopback queue = new Loopback(this::send);

  Upstream() throws IOException {}

  URI model() {
    return model.uri("/v1");
  }

  URI queue() {
    return queue.uri("");
  }

  /** How many calls the model has answered. */
  int completions() {
    return completions.get();
  }

  /** How many messages the queue has taken. */
  int messages() {
    return messages.get();
  }

  private void complete(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      completions.incrementAndGet();
      Loopback.reply(exchange, 200, REPLY.getBytes(UTF_8));
    }
  }

  private void send(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] request = exchange.getRequestBody().readAllBytes();
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      if (!"AmazonSQS.SendMessage".equals(target)) {
        Loopback.reply(exchange, 400, "{\"__type\":\"InvalidAction\"}".getBytes(UTF_8));
        return;
      }
      String message = JSON.readTree(request).path("MessageBody").asText();
      messages.incrementAndGet();
      var taken = Map.of("MessageId", UUID.randomUUID(), "MD5OfMessageBody", md5(message));
      Loopback.reply(exchange, 200, JSON.writeValueAsBytes(taken));
    }
  }

  private static String md5(String message) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("MD5").digest(message.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    model.close();
    queue.close();
  }
}
