package dev.skein.base;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Opens connections while the environment starts, so that the first invocation finds them in the
 * HTTP client's pool, with the TLS handshake done: the platform gives a start more CPU than an
 * invocation. A request without a body, a key or a signature opens the connection; any response
 * will do. A failure costs nothing: the first real request then opens a connection itself.
 * Thread-safe.
 */
public final class Preconnect {

  /** From {@code PRECONNECT}: {@code on} (the default) or {@code off}. */
  private enum Mode {
    ON,
    OFF
  }

  /** How long a start waits for its connections; one that opens later is pooled all the same. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(1);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
  private static final long MAX_BODY_BYTES = 64 << 10;

  private final Mode mode;
  private final HttpClient http;
  private final List<CompletableFuture<Boolean>> opened = new ArrayList<>();

  private Preconnect(Mode mode, HttpClient http) {
    this.mode = mode;
    this.http = http;
  }

  /**
   * Connections of this client.
   *
   * @throws InvalidSettingException if {@code PRECONNECT} is invalid
   */
  public static Preconnect over(HttpClient http, Settings settings) {
    return new Preconnect(settings.choice("PRECONNECT", Mode.ON), http);
  }

  /**
   * Opens one connection, and returns at once.
   *
   * @param method {@code HEAD}, or {@code GET} if the response is known to be small
   * @return whether the connection is in the pool now; never fails
   */
  public synchronized CompletableFuture<Boolean> open(String method, String url) {
    if (mode == Mode.OFF) {
      return CompletableFuture.completedFuture(false);
    }
    HttpRequest request;
    try {
      request =
          HttpRequest.newBuilder(URI.create(url))
              .method(method, BodyPublishers.noBody())
              .header("User-Agent", "skein")
              .timeout(REQUEST_TIMEOUT)
              .build();
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(false);
    }
    var connection =
        // A connection returns to the pool when the body was read to its end.
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.discarding(), MAX_BODY_BYTES))
            .handle((response, failure) -> failure == null && isKept(response));
    opened.add(connection);
    return connection;
  }

  private static boolean isKept(HttpResponse<?> response) {
    return response.headers().firstValue("Connection").filter("close"::equalsIgnoreCase).isEmpty();
  }

  /**
   * Waits until every connection is open or has failed, for a second at most, and logs their
   * number.
   */
  public synchronized void await(Log log) {
    if (mode == Mode.OFF) {
      return;
    }
    var all = CompletableFuture.allOf(opened.toArray(CompletableFuture[]::new));
    var _ = all.completeOnTimeout(null, MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS).join();
    log.info(
        "preconnected",
        line -> {
          line.put("connections", opened.size());
          line.put("opened", opened.stream().filter(it -> it.getNow(false)).count());
        });
  }
}
