package dev.skein.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;

/** The gzip of a text's UTF-8, or of its beginning. Not thread-safe. */
final class CompressedText {
  /**
   * What is kept of a text, in bytes. Even if they do not compress at all, a message with them and
   * with the longest previews stays below the 1 MiB of SQS.
   */
  static final int MAX_BYTES = 560_000;

  private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
  private final GZIPOutputStream gzip;
  private int room = MAX_BYTES;

  CompressedText() {
    try {
      this.gzip = new GZIPOutputStream(compressed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds as many whole characters as there is room for, and nothing more after that. */
  void add(byte[] utf8) {
    int length = utf8.length <= room ? utf8.length : wholeCharacters(utf8, room);
    room = length < utf8.length ? 0 : room - length;
    try {
      gzip.write(utf8, 0, length);
    } catch (IOException e) {
      // An array can always be written to.
      throw new UncheckedIOException(e);
    }
  }

  /** The largest length up to {@code max} that does not end inside a character. */
  private static int wholeCharacters(byte[] utf8, int max) {
    int length = max;
    while (length > 0 && (utf8[length] & 0xC0) == 0x80) {
      length--;
    }
    return length;
  }

  /** All of it. Nothing can be added afterwards. */
  String base64() {
    try {
      gzip.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(compressed.toByteArray());
  }
}
