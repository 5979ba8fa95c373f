package dev.skein.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.util.Map;

/**
 * The body of a request, read from the connection without its framing. A read returns what has
 * arrived, and does not wait for the chunk after it. It returns -1 only at the end that the request
 * declares; a connection that ends before causes an {@link EOFException}. Not thread-safe.
 */
public final class IncomingBody extends InputStream {

  private final InputStream in;
  private final boolean chunked;

  /** Bytes that are left of the body, or of the current chunk. */
  private long left;

  private boolean insideChunk;
  private boolean ended;
  private Map<String, String> trailers = Map.of();

  private IncomingBody(InputStream in, boolean chunked, long length) {
    this.in = in;
    this.chunked = chunked;
    this.left = length;
    this.ended = !chunked && length == 0;
  }

  static IncomingBody of(Map<String, String> headers, InputStream in) throws ProtocolException {
    String encoding = headers.get("transfer-encoding");
    String length = headers.get("content-length");
    if (encoding == null) {
      return new IncomingBody(in, false, length == null ? 0 : length(length, 10));
    }
    if (length != null || !encoding.equalsIgnoreCase("chunked")) {
      throw new ProtocolException(
          "both Content-Length and Transfer-Encoding, or a coding that is not chunked");
    }
    return new IncomingBody(in, true, 0);
  }

  /** Whether the whole body has been read. */
  public boolean isEnded() {
    return ended;
  }

  /** The trailers by lower-case name; empty until the whole body has been read. */
  public Map<String, String> trailers() {
    return trailers;
  }

  /** Reads what is left, and discards it. */
  public void drain() throws IOException {
    transferTo(OutputStream.nullOutputStream());
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
    // A chunk's line break is read together with the next size: a read must not wait for it.
    if (insideChunk && !MessageHead.line(in).isEmpty()) {
      throw new ProtocolException("a chunk is longer than its size");
    }
    insideChunk = true;
    left = length(MessageHead.line(in).split(";", 2)[0].strip(), 16);
    if (left == 0) {
      trailers = MessageHead.trailers(in);
      ended = true;
    }
  }

  private static long length(String digits, int radix) throws ProtocolException {
    try {
      if (Character.digit(digits.isEmpty() ? ' ' : digits.charAt(0), radix) >= 0) {
        return Long.parseLong(digits, radix);
      }
    } catch (NumberFormatException e) {
      // Reported below, as a sign is.
    }
    throw new ProtocolException("an invalid Content-Length or chunk size");
  }
}
