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

  /** So much more is read and dropped, for a caller that reads no answer before it has sent all. */
  int DROPPED = 10 * LIMIT;

  /** All of it; empty when there is none. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Whole(byte[] bytes) implements ReceivedBody {}

  /** More than was to be kept. */
  record TooLarge() implements ReceivedBody {}

  /** Not there in time. */
  record TooSlow() implements ReceivedBody {}

  /** The most memory that the body can take, in KiB; at least 1. */
  static int kibibytes(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    if (length != null) {
      return 1 + (int) (Math.min(Long.parseLong(length), LIMIT) / 1024);
    }
    boolean chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
    return 1 + (chunked ? LIMIT / 1024 : 0);
  }

  /**
   * Reads all that the caller sends.
   *
   * @param most so many bytes are kept; a larger body is read and dropped
   */
  static ReceivedBody read(HttpExchange exchange, int most, Duration limit, ExecutorService threads)
      throws IOException, InterruptedException {
    Future<ReceivedBody> reading = threads.submit(() -> read(exchange.getRequestBody(), most));
    try {
      return reading.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // The interrupt closes the connection, under this read and under the server's own at the end
      // of the exchange; the answer goes out before.
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, threads)
          .execute(() -> reading.cancel(true));
      return new TooSlow();
    } catch (ExecutionException e) {
      throw new IOException("the caller went away", e.getCause());
    }
  }

  private static ReceivedBody read(InputStream in, int most) throws IOException {
    byte[] bytes = in.readNBytes(most + 1);
    if (bytes.length <= most) {
      return new Whole(bytes);
    }
    byte[] dropped = new byte[64 * 1024];
    int more = 0;
    int total = 0;
    while (more >= 0 && total < DROPPED) {
      total += more;
      more = in.read(dropped);
    }
    return new TooLarge();
  }
}
