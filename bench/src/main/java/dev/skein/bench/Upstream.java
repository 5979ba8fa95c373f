package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** Stubs of the model and the audit queue that chat calls; they respond at once, and count. */
final class Upstream implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The model's text. */
  static final String TEXT = "A skein is a flight of geese.";

  /** The body of the model's response. */
  static final String REPLY =
      """
      {"id":"chatcmpl-1","object":"chat.completion","created":1793613600,"model":"stub","choices":[{"index":0,\
      "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
      "usage":{"prompt_tokens":14,"completion_tokens":9,"total_tokens":23}}\
      """
          .formatted(TEXT);

  private final AtomicInteger completions = new AtomicInteger();
  private final AtomicInteger messages = new AtomicInteger();
  private final LoopbackServer model =
      FixedServer.start(connection -> connection.serve(it -> complete(it, connection)));
  private final LoopbackServer queue =
      FixedServer.start(connection -> connection.serve(it -> send(it, connection)));

  Upstream() throws IOException {}

  URI model() {
    return model.uri("/v1");
  }

  URI queue() {
    return queue.uri("");
  }

  /** Calls of the model so far. */
  int completions() {
    return completions.get();
  }

  /** Messages sent to the queue so far. */
  int messages() {
    return messages.get();
  }

  private void complete(IncomingRequest request, HttpConnection connection) throws IOException {
    request.body().drain();
    completions.incrementAndGet();
    connection.respondJson("200 OK", REPLY.getBytes(UTF_8));
  }

  private void send(IncomingRequest request, HttpConnection connection) throws IOException {
    if (!request.hasHeader("X-Amz-Target", "AmazonSQS.SendMessage")) {
      request.body().drain();
      connection.respondJson("400 Bad Request", "{\"__type\":\"InvalidAction\"}".getBytes(UTF_8));
      return;
    }
    String message = JSON.readTree(request.body()).path("MessageBody").asText();
    messages.incrementAndGet();
    var response = Map.of("MessageId", UUID.randomUUID(), "MD5OfMessageBody", md5(message));
    connection.respondJson("200 OK", JSON.writeValueAsBytes(response));
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
