package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * As much of the Lambda Runtime API (2018-06-01) as one function needs that is never out of step,
 * with the time of each step. Times are those of {@link System#nanoTime}.
 */
final class RuntimeApi implements AutoCloseable {

  /** What API Gateway's 29 seconds leave to a function. */
  private static final Duration TIMEOUT = Duration.ofSeconds(28);

  /**
   * One event, done.
   *
   * @param asked when the function asked for it
   * @param handedOut when it got it
   * @param answered when its response was here
   * @param reply the response, or what the function says went wrong
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record Turn(long asked, long handedOut, long answered, boolean failed, byte[] reply) {}

  private record Start(long asked, long handedOut) {}

  private final BlockingQueue<byte[]> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<Start> started = new LinkedBlockingQueue<>();
  private final BlockingQueue<Turn> turns = new LinkedBlockingQueue<>();
  private final Loopback server = new Loopback(this::handle);

  RuntimeApi() throws IOException {}

  /** What AWS_LAMBDA_RUNTIME_API holds. */
  String authority() {
    return server.authority();
  }

  /** Hands this event out as soon as the function asks for one. */
  void offer(byte[] event) {
    events.add(event);
  }

  /** The next event that is done, or null when there is none within {@code limit}. */
  @Nullable Turn poll(Duration limit) throws InterruptedException {
    return turns.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    server.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.endsWith("/invocation/next")) {
        next(exchange);
      } else {
        done(exchange, !path.endsWith("/response"));
      }
    } catch (InterruptedException e) {
      // This server is being closed: the function asked for an event that will never be.
      Thread.currentThread().interrupt();
    }
  }

  private void next(HttpExchange exchange) throws IOException, InterruptedException {
    long asked = System.nanoTime();
    byte[] event = events.take();
    var headers = exchange.getResponseHeaders();
    headers.set("Lambda-Runtime-Aws-Request-Id", UUID.randomUUID().toString());
    headers.set(
        "Lambda-Runtime-Deadline-Ms",
        Long.toString(System.currentTimeMillis() + TIMEOUT.toMillis()));
    headers.set(
        "Lambda-Runtime-Invoked-Function-Arn",
        "arn:aws:lambda:us-east-1:123456789012:function:measured");
    started.add(new Start(asked, System.nanoTime()));
    Loopback.reply(exchange, 200, event);
  }

  private void done(HttpExchange exchange, boolean failed) throws IOException {
    byte[] reply = exchange.getRequestBody().readAllBytes();
    long answered = System.nanoTime();
    Start start = started.poll();
    turns.add(
        start == null
            ? new Turn(answered, answered, answered, true, reply)
            : new Turn(start.asked(), start.handedOut(), answered, failed, reply));
    Loopback.reply(exchange, 202, "{\"status\":\"OK\"}".getBytes(UTF_8));
  }
}
