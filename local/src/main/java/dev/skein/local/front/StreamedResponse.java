package dev.skein.local.front;

import com.sun.net.httpserver.HttpExchange;
import dev.skein.local.functions.InvocationResult;
import dev.skein.runtimeapi.RuntimeApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Writes an answer to the wire piece by piece, while the function still makes it. */
final class StreamedResponse {

  private static final int PIECE = 16 * 1024;

  /**
   * A caller that reads nothing may hold the last piece back for so long after the stream broke.
   */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final HttpExchange exchange;
  private final RoutedResponse.Streamed served;
  private final Thread writer = Thread.currentThread();
  private boolean over;

  private StreamedResponse(HttpExchange exchange, RoutedResponse.Streamed served) {
    this.exchange = exchange;
    this.served = served;
  }

  /**
   * Writes all of it, after the headers that the exchange holds already.
   *
   * @return why it was cut, and then the exchange must not be closed: an orderly end would make the
   *     answer look whole; empty after a good end
   */
  static Optional<String> write(HttpExchange exchange, RoutedResponse.Streamed served)
      throws InterruptedException {
    return new StreamedResponse(exchange, served).write();
  }

  private Optional<String> write() throws InterruptedException {
    InvocationResult.Streamed stream = served.stream();
    var _ = stream.end().thenAccept(end -> end.ifPresent(_ -> releaseSoon()));
    try {
      copy(stream.body());
    } catch (IOException e) {
      // The caller has gone, or this thread was released: the stream's end tells which.
      Thread.interrupted();
    } finally {
      stream.abandon();
      finish();
    }
    try {
      return stream.end().get().map(StreamedResponse::told);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void copy(InputStream body) throws IOException {
    int status = served.head().status();
    byte[] piece = new byte[PIECE];
    if (ResponseWriter.isBodiless(exchange, status)) {
      exchange.sendResponseHeaders(status, -1);
      body.transferTo(OutputStream.nullOutputStream());
      return;
    }
    exchange.sendResponseHeaders(status, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
      out.write(piece, 0, count);
      out.flush();
    }
  }

  private void releaseSoon() {
    CompletableFuture.delayedExecutor(GRACE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::release);
  }

  /** An interrupt closes the connection under a write. */
  private synchronized void release() {
    if (!over) {
      writer.interrupt();
    }
  }

  private synchronized void finish() {
    over = true;
  }

  private static String told(InvocationResult end) {
    return switch (end) {
      case InvocationResult.Failed(String type, String _) when type.equals(RuntimeApi.ABANDONED) ->
          "the caller went away";
      case InvocationResult.Failed(String type, String _) -> "the function failed: " + type;
      case InvocationResult.TimedOut _ -> "the function ran longer than its Timeout";
      case InvocationResult.Ended(String why) -> why;
      case InvocationResult.Answered _,
          InvocationResult.Streamed _,
          InvocationResult.Late _,
          InvocationResult.Throttled _,
          InvocationResult.TooLarge _ ->
          throw new IllegalStateException("no stream ends so: " + end);
    };
  }
}
