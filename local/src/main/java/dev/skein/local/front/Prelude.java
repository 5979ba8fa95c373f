package dev.skein.local.front;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** What a response that streams begins with: JSON for its status and headers, and eight zeros. */
final class Prelude {

  /** Bytes of the longest one. */
  private static final int LIMIT = 64 * 1024;

  private static final int ZEROS = 8;

  private Prelude() {}

  /** Leaves the stream at the body's first byte; empty when it does not begin so. */
  static Optional<ProxyResponse> read(InputStream stream) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    int next = stream.read();
    while (next > 0 && json.size() < LIMIT) {
      json.write(next);
      next = stream.read();
    }
    int zeros = 0;
    while (next == 0) {
      zeros++;
      next = zeros < ZEROS ? stream.read() : -1;
    }
    return zeros == ZEROS ? ProxyResponse.ofPrelude(json.toByteArray()) : Optional.empty();
  }
}
