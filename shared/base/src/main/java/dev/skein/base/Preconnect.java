package dev.skein.base;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private final List<Connection> connections = new CopyOnWriteArrayList<>();

  /** Whether it was opened and waits in the pool; never fails. */
  private record Connection(String url, CompletableFuture<Boolean> opened) {
    private boolean isOpen() {
      return opened.getNow(false);
    }
  }

  private Preconnect(Mode mode) {
    this.mode = mode;
  }

  /**
   * Reads the environment.
   *
   * @throws InvalidSettingException if {@code PRECONNECT} is invalid
   */
  public static Preconnect from(Settings settings) {
    return new Preconnect(settings.choice("PRECONNECT", Mode.ON));
  }

  /** One that opens no connection if {@code off}, and else this. */
  public Preconnect disabledIf(boolean off) {
    return off ? new Preconnect(Mode.OFF) : this;
  }

  /**
   * Begins to open a connection, and returns at once. Opens none if the URL is not valid.
   *
   * @param method {@code HEAD}, or {@code GET} if the response is known to be small
   */
  public void open(HttpClient http, String method, String url) {
    if (mode == Mode.OFF) {
      return;
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
      return;
    }
    // A connection returns to the pool when the body was read to its end.
    var body = BodyHandlers.limiting(BodyHandlers.discarding(), MAX_BODY_BYTES);
    var opened =
        http.sendAsync(request, body)
            .handle((response, failure) -> failure == null && isKept(response));
    connections.add(new Connection(url, opened));
  }

  private static boolean isKept(HttpResponse<?> response) {
    return response.headers().firstValue("Connection").filter("close"::equalsIgnoreCase).isEmpty();
  }

  /** How many connections to this URL were opened, and wait in the pool. */
  public int opened(String url) {
    return (int) connections.stream().filter(it -> it.url().equals(url) && it.isOpen()).count();
  }

  /** Waits until every connection is open or has failed, a second at most, and logs the result. */
  public void await(Log log) {
    if (mode == Mode.OFF) {
      return;
    }
    var all =
        CompletableFuture.allOf(
            connections.stream().map(Connection::opened).toArray(CompletableFuture[]::new));
    var _ = all.completeOnTimeout(null, MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS).join();
    log.info(
        "preconnected",
        line -> {
          line.put("connections", connections.size());
          line.put("opened", connections.stream().filter(Connection::isOpen).count());
        });
  }
}
