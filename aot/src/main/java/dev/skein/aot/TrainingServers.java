package dev.skein.aot;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * Stand-ins for the model, and for the audit queue and Secrets Manager, over TLS. Requests that
 * they do not know get 404.
 */
final class TrainingServers implements AutoCloseable {

  /** The key that the functions get. No file of a build may contain it. */
  static final String KEY = "sk-key-of-the-training-run";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BACKLOG = 64;

  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":9,\"total_tokens\":23}";
  private static final String TEXT = "positive, geese and \\\"yarn\\\": \\u00fcber 3 topics.";
  private static final String HEAD =
      "{\"id\":\"training-1\",\"created\":1793613600,\"model\":\"m\"";

  private static final String CHAT =
      HEAD
          + ",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
          + "\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],%s}";
  private static final String CHAT_CHUNK =
      HEAD
          + ",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
          + "{\"content\":\"%s\"},\"finish_reason\":%s}]}";
  private static final String TEXT_CHOICE =
      HEAD
          + ",\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\"%s\","
          + "\"logprobs\":null,\"finish_reason\":%s}]";

  private final AtomicInteger messages = new AtomicInteger();
  private final LoopbackServer model;
  private final LoopbackServer queue;
  private final Path trustStore;

  private TrainingServers(SSLContext model, SSLContext queue, Path trustStore) throws IOException {
    this.trustStore = trustStore;
    this.model = start(model, this::model);
    this.queue = start(queue, this::aws);
  }

  /**
   * Starts both. Their certificates differ in the kind of key, as those of public servers do.
   *
   * @param folder for the certificates
   */
  static TrainingServers start(Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    TrainingCertificates certificates = TrainingCertificates.make(folder);
    return new TrainingServers(
        certificates.server("EC"), certificates.server("RSA"), certificates.trustStore());
  }

  /** The JDK's trust store with the authority of the servers' certificates. */
  Path trustStore() {
    return trustStore;
  }

  private static LoopbackServer start(SSLContext context, Responder responder) throws IOException {
    return LoopbackServer.start(
        context
            .getServerSocketFactory()
            .createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()),
        task -> Thread.ofPlatform().daemon().start(task),
        connection -> connection.serve(request -> responder.respond(request, connection)));
  }

  private interface Responder {
    void respond(IncomingRequest request, HttpConnection connection) throws IOException;
  }

  String modelUrl() {
    return "https://127.0.0.1:" + model.port() + "/v1";
  }

  String queueUrl() {
    return "https://127.0.0.1:" + queue.port();
  }

  /** The number of messages that the queue has received. */
  int messages() {
    return messages.get();
  }

  private void model(IncomingRequest request, HttpConnection connection) throws IOException {
    JsonNode body = JSON.readTree(request.body().readAllBytes());
    boolean streamed = body.path("stream").asBoolean();
    switch (request.method() + " " + request.path()) {
      case "POST /v1/chat/completions" -> {
        if (streamed) {
          stream(connection, CHAT_CHUNK);
        } else {
          connection.respondJson("200 OK", CHAT.formatted(TEXT, USAGE).getBytes(UTF_8));
        }
      }
      case "POST /v1/completions" -> {
        if (streamed) {
          stream(connection, TEXT_CHOICE + "}");
        } else {
          String reply = TEXT_CHOICE.formatted(TEXT, "\"stop\"") + "," + USAGE + "}";
          connection.respondJson("200 OK", reply.getBytes(UTF_8));
        }
      }
      case "POST /v1/embeddings" -> connection.respondJson("200 OK", embeddings(body));
      default -> unknown(request, connection);
    }
  }

  private static void stream(HttpConnection connection, String event) throws IOException {
    connection.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            .getBytes(UTF_8));
    for (String word : TEXT.split("(?<= )", -1)) {
      chunk(connection, event.formatted(word, "null"));
    }
    chunk(connection, event.formatted("", "\"stop\""));
    chunk(connection, HEAD + ",\"choices\":[]," + USAGE + "}");
    chunk(connection, "[DONE]");
    connection.write("0\r\n\r\n".getBytes(UTF_8));
  }

  private static void chunk(HttpConnection connection, String data) throws IOException {
    byte[] event = ("data: " + data + "\n\n").getBytes(UTF_8);
    String size = Integer.toHexString(event.length) + "\r\n";
    connection.write((size + new String(event, UTF_8) + "\r\n").getBytes(UTF_8));
  }

  private static byte[] embeddings(JsonNode request) {
    int inputs = request.path("input").isArray() ? request.path("input").size() : 1;
    List<String> data = new ArrayList<>();
    for (int index = 0; index < inputs; index++) {
      data.add("{\"object\":\"embedding\",\"index\":" + index + ",\"embedding\":[0.1,-2e-3,1]}");
    }
    String list = "{\"object\":\"list\",\"model\":\"m\",\"data\":[" + String.join(",", data) + "],";
    return (list + "\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}").getBytes(UTF_8);
  }

  private void aws(IncomingRequest request, HttpConnection connection) throws IOException {
    if (request.hasHeader("X-Amz-Target", "secretsmanager.GetSecretValue")) {
      request.body().drain();
      connection.respondJson("200 OK", JSON.writeValueAsBytes(Map.of("SecretString", KEY)));
      return;
    }
    if (!request.hasHeader("X-Amz-Target", "AmazonSQS.SendMessage")) {
      unknown(request, connection);
      return;
    }
    String message = JSON.readTree(request.body()).path("MessageBody").asText();
    String number = Integer.toString(messages.incrementAndGet());
    connection.respondJson(
        "200 OK",
        JSON.writeValueAsBytes(Map.of("MessageId", number, "MD5OfMessageBody", md5(message))));
  }

  private static void unknown(IncomingRequest request, HttpConnection connection)
      throws IOException {
    request.body().drain();
    connection.respondJson("404 Not Found", new byte[0]);
  }

  private static String md5(String message) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      return HexFormat.of().formatHex(md5.digest(message.getBytes(UTF_8)));
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
