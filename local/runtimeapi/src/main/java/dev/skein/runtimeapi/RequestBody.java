package dev.skein.runtimeapi;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Map;

/**
 * The body of one request, read from its connection piece by piece. It ends with -1 only where the
 * request says that it ends; a connection that breaks before is an {@link IOException}.
 */
final class RequestBody extends InputStream {

  private final InputStream in;
  private final boolean chunked;

  /** Bytes of the body, or of the chunk. */
  private long left;

  private boolean inChunks;
  private boolean ended;
  private Map<String, String> trailers = Map.of();

  private RequestBody(InputStream in, boolean chunked, long length) {
    this.in = in;
    this.chunked = chunked;
    this.left = length;
    this.ended = !chunked && length == 0;
  }

  static RequestBody of(Request request, InputStream in) throws IOException {
    if (request.has("Transfer-Encoding", "chunked")) {
      return new RequestBody(in, true, 0);
    }
    String length = request.header("Content-Length");
    return new RequestBody(in, false, length.isEmpty() ? 0 : number(length, 10));
  }

  /** Whether it was read to its end. */
  boolean isEnded() {
    return ended;
  }

  /** What followed the last chunk, by lower-case name; empty before the end. */
  Map<String, String> trailers() {
    return trailers;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!ended && left == 0) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int count = in.read(bytes, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the connection ended within a body");
    }
    left -= count;
    ended = !chunked && left == 0;
    return count;
  }

  private void nextChunk() throws IOException {
    // The end of a chunk is read with the next one: a piece waits for nothing that follows it.
    if (inChunks && !Request.line(in).isEmpty()) {
      throw new ProtocolException("a chunk is longer than it says");
    }
    inChunks = true;
    left = number(Request.line(in).split(";", 2)[0].strip(), 16);
    if (left == 0) {
      trailers = Request.headers(in);
      ended = true;
    }
  }

  private static long number(String digits, int radix) throws IOException {
    try {
      return Long.parseUnsignedLong(digits, radix) & Long.MAX_VALUE;
    } catch (NumberFormatException e) {
      throw new ProtocolException("a length that is no number");
    }
  }
}
