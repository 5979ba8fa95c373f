package dev.skein.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** The parts of a body in chunked transfer coding, each in one array, so that it is one write. */
final class Chunk {
  private Chunk() {}

  /** One chunk with these bytes, at least one. */
  static byte[] of(byte[] bytes, int offset, int length) {
    byte[] size = ascii(Integer.toHexString(length) + "\r\n");
    byte[] chunk = Arrays.copyOf(size, size.length + length + 2);
    System.arraycopy(bytes, offset, chunk, size.length, length);
    chunk[chunk.length - 2] = '\r';
    chunk[chunk.length - 1] = '\n';
    return chunk;
  }

  /** The end of a complete body. */
  static byte[] end() {
    return ascii("0\r\n\r\n");
  }

  /** The end of an incomplete body: its trailers report the error. */
  static byte[] brokenEnd(ErrorReport error) {
    String body =
        new JsonText().put("errorType", error.type()).put("errorMessage", error.message()).end();
    return ascii(
        ("0\r\nLambda-Runtime-Function-Error-Type: " + error.typeHeader() + "\r\n")
            + "Lambda-Runtime-Function-Error-Body: "
            + Base64.getEncoder().encodeToString(ascii(body))
            + "\r\n\r\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
