package dev.skein.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The parts of a body in chunked transfer coding, each in one array, so that each is one write. */
final class Chunk {
  private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private Chunk() {}

  /** One chunk with these bytes, at least one. */
  static byte[] of(byte[] bytes, int offset, int length) {
    String size = Integer.toHexString(length);
    int start = size.length() + 2;
    var chunk = new byte[start + length + 2];
    for (int at = 0; at < size.length(); at++) {
      chunk[at] = (byte) size.charAt(at);
    }
    lineEnd(chunk, start - 2);
    System.arraycopy(bytes, offset, chunk, start, length);
    lineEnd(chunk, start + length);
    return chunk;
  }

  /** The end of a complete body. */
  static byte[] end() {
    return END.clone();
  }

  /** The end of a broken body: its trailers report the error. */
  static byte[] brokenEnd(ErrorReport error) {
    String body =
        new JsonText().put("errorType", error.type()).put("errorMessage", error.message()).end();
    String trailers =
        ("0\r\nLambda-Runtime-Function-Error-Type: " + error.typeHeader() + "\r\n")
            + "Lambda-Runtime-Function-Error-Body: "
            + Base64.getEncoder().encodeToString(body.getBytes(StandardCharsets.US_ASCII))
            + "\r\n\r\n";
    return trailers.getBytes(StandardCharsets.US_ASCII);
  }

  private static void lineEnd(byte[] chunk, int at) {
    chunk[at] = '\r';
    chunk[at + 1] = '\n';
  }
}
