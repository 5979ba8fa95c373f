package dev.skein.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Runs events through a handler as the runtime loop does, while the environment starts: what makes
 * a first invocation slow is loading classes, and the platform gives a start more CPU than an
 * invocation. The Runtime API and every service that the handler calls are one stub server on the
 * loopback address, so nothing of it leaves the environment. It is not done in a class initializer,
 * with which the other threads would deadlock.
 */
public final class Rehearsal {
  private static final String INVOCATION =
      "Lambda-Runtime-Aws-Request-Id: rehearsal\r\nLambda-Runtime-Deadline-Ms: ";

  private static final long TIME_LIMIT_MS = 30_000;
  private static final Duration MAX_WAIT = Duration.ofSeconds(5);

  private Rehearsal() {}

  /**
   * A response with status 200.
   *
   * @param headers header lines, each with its line end
   * @param body ASCII
   */
  public record Reply(String headers, String body) {

    /** A reply with this content type. */
    public static Reply of(String contentType, String body) {
      return new Reply("Content-Type: " + contentType + "\r\n", body);
    }
  }

  /**
   * Handles the events, one after another. A failure ends it, and leaves the rest to the first
   * invocation. What takes longer than five seconds goes on in the background: the platform gives a
   * start ten. Does nothing in a restored environment, which has rehearsed before its snapshot.
   *
   * @param handler makes the handler, from the URL of the stub server that it is to call
   * @param services the reply of the services to a request, which is given from its request line on
   * @param executor starts a thread for each task
   * @param events JSON in ASCII
   */
  public static void run(
      Function<URI, StreamingHandler> handler,
      Function<String, Reply> services,
      Executor executor,
      List<String> events) {
    run(handler, services, executor, events, MAX_WAIT);
  }

  static void run(
      Function<URI, StreamingHandler> handler,
      Function<String, Reply> services,
      Executor executor,
      List<String> events,
      Duration maxWait) {
    if (SnapStart.isRestored()) {
      return;
    }
    try {
      CompletableFuture.runAsync(() -> handle(handler, services, executor, events), executor)
          .completeOnTimeout(null, maxWait.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException thrown ? thrown : e;
    }
  }

  private static void handle(
      Function<URI, StreamingHandler> handler,
      Function<String, Reply> services,
      Executor executor,
      List<String> events) {
    Iterator<String> next = events.iterator();
    Function<String, Reply> replies =
        request ->
            request.startsWith("GET /2018-06-01/")
                ? event(next.next())
                : request.startsWith("POST /2018-06-01/")
                    ? Reply.of("text/plain", "")
                    : services.apply(request);
    var log = new RuntimeLog(nowhere());
    try (var server = StubServer.start(replies, executor)) {
      var rehearsed = handler.apply(server.url());
      var api = new RuntimeApiClient(server.address(), log, new int[] {0});
      var settings = RuntimeSettings.from(System.getenv());
      var worker = new Worker(rehearsed, settings, api, new Shutdown(rehearsed, log), log);
      while (next.hasNext()) {
        var _ = worker.handle(api.next());
      }
    } catch (IOException | InitException e) {
      // The environment starts cold, and just as correct.
    }
  }

  private static Reply event(String json) {
    long deadline = System.currentTimeMillis() + TIME_LIMIT_MS;
    return new Reply(INVOCATION + deadline + "\r\n", json);
  }

  private static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.US_ASCII);
  }
}
