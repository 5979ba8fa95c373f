package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stubs of the model, the audit queue and the audit table, which keep a record of what they got.
 */
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

  /** The only record of the table, in whatever partition of an index it is searched. */
  private static final String ITEM =
      """
      {"pk":{"S":"0d9f3c1a-7a52-4a55-9d0e-5b0c6f3f2a11"},"sk":{"S":"record"},\
      "audit_id":{"S":"0d9f3c1a-7a52-4a55-9d0e-5b0c6f3f2a11"},\
      "timestamp":{"S":"2026-11-02T10:00:00.123Z"},"phase":{"S":"intent"},"endpoint":{"S":"/chat"},\
      "user_id":{"S":"alice"},"expires_at":{"N":"1825149600"},\
      "time_and_id":{"S":"2026-11-02T10:00:00.123Z#0d9f3c1a-7a52-4a55-9d0e-5b0c6f3f2a11"}}\
      """;

  private static final String FOUND =
      "{\"Count\":1,\"ScannedCount\":1,\"Items\":[%s]}".formatted(ITEM);
  private static final String NOTHING_FOUND = "{\"Count\":0,\"ScannedCount\":0,\"Items\":[]}";
  private static final String READ =
      "{\"Responses\":{\"audit\":[%s]},\"UnprocessedKeys\":{}}".formatted(ITEM);
  private static final String SHARDS = "{\"Item\":{\"shards\":{\"N\":\"1\"}}}";

  /** Begins the keys of the hash chains, which have no link yet. */
  private static final String CHAIN = "#chain#";

  /** A time that a text itself demands of the model. */
  private static final Pattern TIME = Pattern.compile("\\[(\\d+) ms]");

  private final Received received = new Received();
  private final StubServer model;
  private final StubServer queue;
  private final StubServer table;
  private volatile Duration modelTime = Duration.ZERO;
  private volatile Duration queueTime = Duration.ZERO;

  /**
   * Starts all three.
   *
   * @param certificates null to speak in the clear
   */
  Upstream(@Nullable Certificates certificates) throws IOException {
    var aws = certificates == null ? null : certificates.aws();
    model =
        StubServer.start(
            certificates == null ? null : certificates.model(),
            connection -> connection.serve(it -> complete(it, connection)));
    queue = StubServer.start(aws, connection -> connection.serve(it -> send(it, connection)));
    table = StubServer.start(aws, connection -> connection.serve(it -> store(it, connection)));
  }

  /** The base URL of the model. */
  URI model() {
    return model.uri("/v1");
  }

  /** What was received since the start, or since it was last cleared. */
  Received received() {
    return received;
  }

  /** How long the model takes for each of the next replies. */
  void modelTime(Duration time) {
    modelTime = time;
  }

  /** How long the queue takes to acknowledge each of the next messages. */
  void queueTime(Duration time) {
    queueTime = time;
  }

  /** What points a function at these stubs, and makes it wait for them on a busy machine. */
  Map<String, String> variables() {
    return Map.of(
        "AUDIT_TIMEOUT_MS", "10000",
        "DEADLINE_RESERVE_MS", "11000",
        "OPENAI_API_KEY", "none",
        "OPENAI_BASE_URL", model().toString(),
        "OPENAI_MODEL", "m-1",
        "AUDIT_QUEUE_URL", queue.uri("/123456789012/audit").toString(),
        "AUDIT_TABLE", "audit",
        "AWS_ENDPOINT_URL_SQS", queue.uri("").toString(),
        "AWS_ENDPOINT_URL_DYNAMODB", table.uri("").toString());
  }

  private void complete(IncomingRequest request, HttpConnection connection)
      throws IOException, InterruptedException {
    if (!request.method().equals("POST")) {
      refuse(request, connection);
      return;
    }
    Matcher own = TIME.matcher(new String(request.body().readAllBytes(), UTF_8));
    Duration time = own.find() ? Duration.ofMillis(Long.parseLong(own.group(1))) : modelTime;
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
    connection.respondJson("200 OK", REPLY.getBytes(UTF_8));
  }

  private void send(IncomingRequest request, HttpConnection connection)
      throws IOException, InterruptedException {
    if (!request.hasHeader("X-Amz-Target", "AmazonSQS.SendMessage")) {
      refuse(request, connection);
      return;
    }
    String message = JSON.readTree(request.body()).path("MessageBody").asText();
    TimeUnit.NANOSECONDS.sleep(queueTime.toNanos());
    received.message(message);
    var response = Map.of("MessageId", UUID.randomUUID(), "MD5OfMessageBody", md5(message));
    connection.respondJson("200 OK", JSON.writeValueAsBytes(response));
  }

  private void store(IncomingRequest request, HttpConnection connection) throws IOException {
    String body = new String(request.body().readAllBytes(), UTF_8);
    boolean isOfChain = body.contains(CHAIN);
    String response =
        switch (request.header("X-Amz-Target")) {
          case "DynamoDB_20120810.PutItem" -> {
            if (!isOfChain) {
              received.item();
            }
            yield "{}";
          }
          case "DynamoDB_20120810.UpdateItem" -> "{}";
          case "DynamoDB_20120810.Query" -> isOfChain ? NOTHING_FOUND : FOUND;
          case "DynamoDB_20120810.GetItem" -> SHARDS;
          case "DynamoDB_20120810.BatchGetItem" -> READ;
          default -> "";
        };
    if (response.isEmpty()) {
      refuse(request, connection);
    } else {
      connection.respondJson("200 OK", response.getBytes(UTF_8));
    }
  }

  /** Whatever opens a connection beforehand gets a response without a body, as HEAD must. */
  private static void refuse(IncomingRequest request, HttpConnection connection)
      throws IOException {
    request.body().drain();
    connection.respond("404 Not Found", Map.of(), new byte[0]);
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
    table.close();
  }
}
