package dev.skein.local.front;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request's body, bounded in size and time. */
sealed interface ReceivedBody {

  int LIMIT = 6 * 1024 * 1024;

  /** Bytes of a larger body that are read and dropped, for a caller that sends all of it first. */
  int DROPPED = 10 * LIMIT;

  /** The whole body; empty if there is none. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Whole(byte[] bytes) implements ReceivedBody {}

  /** The body is larger than the limit. */
  record TooLarge() implements ReceivedBody {}

  /** The body did not arrive in time. */
  record TooSlow() implements ReceivedBody {}

  /** The most memory that the body can need, in KiB; at least 1. */
  static int kibibytes(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    if (length != null) {
      return 1 + (int) (Math.min(Long.parseLong(length), LIMIT) / 1024);
    }
    boolean chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
    return 1 + (chunked ? LIMIT / 1024 : 0);
  }

  /**
   * Reads the body.
   *
   * @param most the largest body in bytes; a larger one is read and dropped
   */
  static ReceivedBody read(HttpExchange exchange, int most, Duration limit, ExecutorService threads)
      throws IOException, InterruptedException {
    Future<ReceivedBody> reading = threads.submit(() -> read(exchange.getRequestBody(), most));
    try {
      return reading.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // The interrupt closes the connection, which also ends the server's own read when the
      // exchange
      // is closed. The response is sent before.
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, threads)
          .execute(() -> reading.cancel(true));
      return new TooSlow();
    } catch (ExecutionException e) {
      throw new IOException("the caller disconnected", e.getCause());
    }
  }

  private static ReceivedBody read(InputStream in, int most) throws IOException {
    byte[] bytes = in.readNBytes(most + 1);
    if (bytes.length <= most) {
      return new Whole(bytes);
    }
    byte[] buffer = new byte[64 * 1024];
    int dropped = 0;
    for (int count = 0; count >= 0 && dropped < DROPPED; count = in.read(buffer)) {
      dropped += count;
    }
    return new TooLarge();
  }
}
