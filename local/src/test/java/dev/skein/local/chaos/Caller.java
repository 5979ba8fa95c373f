package dev.skein.local.chaos;

import dev.skein.local.chaos.ChaosPlan.Kill;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Calls the API, and reports what came back, complete or not. Thread-safe. */
final class Caller implements AutoCloseable {
  /**
   * How long a caller waits for the whole answer; longer than everything a request may wait for.
   */
  static final Duration PATIENCE = Duration.ofSeconds(45);

  private final URI api;
  private final Consumer<ChaosPlan.Request> streaming;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * What a caller got.
   *
   * @param status 0 if there was no response
   * @param auditId empty if the response did not come from a function
   * @param body as far as it came
   * @param ended whether the response was complete
   * @param timedOut whether the caller gave up
   */
  record Answer(
      ChaosPlan.Request request,
      int status,
      String auditId,
      String requestId,
      String body,
      boolean ended,
      boolean timedOut) {

    /** Whether it is the reply that was asked for, with its end. */
    boolean isComplete() {
      boolean streamEnded =
          !request.route().streamed || body.contains("\"finish_reason\":\"stop\"");
      return status == 200 && ended && streamEnded;
    }
  }

  /**
   * @param streaming called when the first event of a stream has come, if the plan kills then
   */
  Caller(URI api, Consumer<ChaosPlan.Request> streaming) {
    this.api = api;
    this.streaming = streaming;
  }

  Answer call(ChaosPlan.Request request) throws InterruptedException {
    var sent =
        HttpRequest.newBuilder(URI.create(api + request.route().path))
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(request.body()))
            .build();
    try {
      return read(request, http.send(sent, BodyHandlers.ofInputStream()));
    } catch (IOException e) {
      return new Answer(request, 0, "", "", "", false, e instanceof HttpTimeoutException);
    }
  }

  private Answer read(ChaosPlan.Request request, HttpResponse<InputStream> response) {
    var body = new StringBuilder();
    boolean[] timedOut = {false};
    boolean ended = false;
    var guard =
        CompletableFuture.runAsync(
            () -> {
              timedOut[0] = true;
              close(response.body());
            },
            CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        body.append(line).append('\n');
        if (request.kill() == Kill.STREAMING && line.contains("echo")) {
          streaming.accept(request);
        }
        if (request.leaves() && line.contains("echo")) {
          throw new IOException("the caller leaves");
        }
      }
      ended = true;
    } catch (IOException e) {
      // The connection broke, or the caller leaves: the answer is not complete.
    } finally {
      guard.cancel(true);
    }
    return new Answer(
        request,
        response.statusCode(),
        response.headers().firstValue("X-Skein-Audit-Id").orElse(""),
        response.headers().firstValue("X-Request-Id").orElse(""),
        body.toString(),
        ended && !timedOut[0],
        timedOut[0]);
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // It is closed.
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
