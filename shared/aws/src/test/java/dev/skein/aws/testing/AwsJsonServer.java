package dev.skein.aws.testing;

import dev.skein.base.Json;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * An AWS JSON service on a real socket. It rejects requests as AWS does if their signature, time or
 * token is wrong; otherwise it gives the next scripted answer, or accepts. Thread-safe.
 */
public final class AwsJsonServer implements AutoCloseable {
  public static final String REGION = "eu-west-1";
  public static final String ACCESS_KEY = "AKIDEXAMPLE";
  public static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  public static final String TOKEN = "token/of+a=session";

  /** What a successful {@code SendMessage} answers. */
  public static final String ACCEPTED = "{\"MessageId\":\"m-1\",\"MD5OfMessageBody\":\"0\"}";

  private static final DateTimeFormatter SIGNED_AT =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");

  /**
   * A request that the server received.
   *
   * @param headers by lower-case name
   */
  public record Received(String path, Map<String, String> headers, String body) {}

  /** Answers one request. */
  @FunctionalInterface
  public interface Answer {
    void writeTo(HttpConnection connection) throws IOException, InterruptedException;
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> script = new ConcurrentLinkedQueue<>();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private volatile Answer usual = reply("200 OK", ACCEPTED);
  private final String service;
  private final LoopbackServer server;
  private volatile Duration clockOffset = Duration.ZERO;
  private volatile String token = TOKEN;

  private AwsJsonServer(String service) {
    this.service = service;
    try {
      this.server = LoopbackServer.start(0, threads, it -> it.serve(request -> serve(request, it)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server of this service, such as {@code sqs}. */
  public static AwsJsonServer start(String service) {
    return new AwsJsonServer(service);
  }

  /** Its address. */
  public URI url() {
    return server.uri("");
  }

  /** The credentials that it accepts. */
  public static AwsCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(
        AwsSessionCredentials.create(ACCESS_KEY, SECRET_KEY, TOKEN));
  }

  /** Each answers one of the next requests whose signature is valid. */
  public void answers(Answer... answers) {
    script.addAll(List.of(answers));
  }

  /** Answers every request for which nothing is scripted, instead of an acceptance. */
  public void setUsualAnswer(Answer answer) {
    usual = answer;
  }

  /** A successful {@code GetSecretValue} of a secret with this string. */
  public static Answer secret(String text) {
    return reply(
        "200 OK",
        Json.STRICT.write(
            Json.object()
                .put("ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf")
                .put("Name", "key")
                .put("VersionId", "0f6ea2a5-1d5b-4a43-9a3c-6f0d7a1b2c3d")
                .put("SecretString", text)));
  }

  /** Sets the service's clock this far ahead of the real one. */
  public void setClockAhead(Duration offset) {
    this.clockOffset = offset;
  }

  /** From now on, this is the only valid session token. */
  public void setToken(String valid) {
    this.token = valid;
  }

  /** The requests, in the order of their arrival, rejected ones too. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  /** A reply with this status and body. */
  public static Answer reply(String status, String body) {
    return it ->
        it.respond(
            status,
            Map.of("Content-Type", "application/x-amz-json-1.0", "x-amzn-RequestId", "r-1"),
            body.getBytes(StandardCharsets.UTF_8));
  }

  /** An error as SQS sends it. */
  public static Answer error(String status, String type) {
    return reply(status, "{\"__type\":\"%s\",\"message\":\"of the service\"}".formatted(type));
  }

  /** Ends the connection with a reset. */
  public static Answer reset() {
    return HttpConnection::reset;
  }

  /** Sends nothing until the client closes the connection. */
  public static Answer silence() {
    return it -> {
      if (it.peek() < 0) {
        it.close();
      }
    };
  }

  /** Sends the head and half of the body, then nothing until the client closes the connection. */
  public static Answer half() {
    return it -> {
      String head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Mess";
      it.write(head.getBytes(StandardCharsets.US_ASCII));
      silence().writeTo(it);
    };
  }

  /** Accepts, and closes the connection without announcing it. */
  public static Answer acceptedThenClosed() {
    return it -> {
      reply("200 OK", ACCEPTED).writeTo(it);
      it.close();
    };
  }

  private void serve(IncomingRequest request, HttpConnection connection)
      throws IOException, InterruptedException {
    byte[] body = request.body().readAllBytes();
    received.add(
        new Received(
            request.path(),
            Map.copyOf(request.headers()),
            new String(body, StandardCharsets.UTF_8)));
    Answer next = rejection(request, body);
    if (next == null) {
      next = script.poll();
    }
    (next == null ? usual : next).writeTo(connection);
  }

  private @Nullable Answer rejection(IncomingRequest request, byte[] body) {
    String given = request.header("authorization");
    String date = request.header("x-amz-date");
    Instant now = Instant.now().plus(clockOffset);
    if (date.isEmpty()) {
      // Whatever opens a connection beforehand does not sign; the response to HEAD has no body.
      return it -> it.respond("404 Not Found", Map.of(), new byte[0]);
    }
    Instant signedAt = LocalDateTime.parse(date, SIGNED_AT).toInstant(ZoneOffset.UTC);
    if (Duration.between(signedAt, now).abs().compareTo(Duration.ofMinutes(5)) > 0) {
      return rejectedAt(now, "com.amazon.coral.service#InvalidSignatureException");
    }
    String scope = "%s/%s/%s/aws4_request".formatted(date.substring(0, 8), REGION, service);
    List<String> signed = List.of(SignatureV4.part(given, "SignedHeaders").split(";", -1));
    String expected =
        SignatureV4.authorization(
            request.method(),
            request.path(),
            new HashMap<>(request.headers()),
            signed,
            body,
            scope,
            ACCESS_KEY,
            SECRET_KEY);
    if (!signed.containsAll(List.of("content-type", "host", "x-amz-date", "x-amz-target"))
        || !given.equals(expected)) {
      return rejectedAt(now, "com.amazon.coral.service#InvalidSignatureException");
    }
    return request.header("x-amz-security-token").equals(token)
        ? null
        : rejectedAt(now, "com.amazon.coral.service#ExpiredTokenException");
  }

  private static Answer rejectedAt(Instant now, String type) {
    String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
    return it ->
        it.respond(
            "403 Forbidden",
            Map.of("Date", date, "x-amzn-RequestId", "r-1"),
            "{\"__type\":\"%s\"}".formatted(type).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.close();
    threads.shutdownNow();
  }
}
