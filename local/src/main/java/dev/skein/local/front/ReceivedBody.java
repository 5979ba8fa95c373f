package dev.skein.local.front;

import dev.skein.http.IncomingRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;

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

  /**
   * The body is not framed as HTTP requires.
   *
   * @param detail a sentence
   */
  record Malformed(String detail) implements ReceivedBody {}

  /** The most memory that the body can need, in KiB; at least 1. */
  static int kibibytes(IncomingRequest request) {
    boolean chunked = !request.header("Transfer-Encoding").isEmpty();
    return 1 + (int) (chunked ? LIMIT : Math.min(length(request), LIMIT)) / 1024;
  }

  /**
   * Reads the body.
   *
   * @param most the largest body in bytes; a larger one is read and dropped
   */
  static ReceivedBody read(Exchange exchange, int most, Duration limit) throws IOException {
    IncomingRequest request = exchange.request();
    boolean expects = request.hasToken("Expect", "100-continue");
    try {
      if (expects && length(request) > most) {
        // The caller waits for permission to send it.
        return new TooLarge();
      }
      exchange.startBody(limit);
      return read(request.body(), most);
    } catch (SocketTimeoutException e) {
      return new TooSlow();
    } catch (ProtocolException e) {
      return new Malformed(CallerConnection.notHttp(e));
    } finally {
      exchange.endBody();
    }
  }

  private static long length(IncomingRequest request) {
    String length = request.header("Content-Length");
    return length.isEmpty() ? 0 : Long.parseLong(length);
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
