package dev.skein.local.front;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The start of a streamed response: JSON with its status and headers, then eight null bytes. */
final class Prelude {

  private static final int MAX_BYTES = 64 * 1024;
  private static final int NULLS = 8;

  private Prelude() {}

  /** Reads up to the body's first byte; empty if the prelude is invalid. */
  static Optional<ProxyResponse> read(InputStream stream) {
    try {
      ByteArrayOutputStream json = new ByteArrayOutputStream();
      int next = stream.read();
      while (next > 0 && json.size() < MAX_BYTES) {
        json.write(next);
        next = stream.read();
      }
      byte[] rest = stream.readNBytes(NULLS - 1);
      boolean complete = next == 0 && rest.length == NULLS - 1;
      for (byte one : rest) {
        complete &= one == 0;
      }
      return complete ? ProxyResponse.parsePrelude(json.toByteArray()) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
