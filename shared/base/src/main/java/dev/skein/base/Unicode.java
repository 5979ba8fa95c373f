package dev.skein.base;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** UTF-8 and surrogates, checked without a copy of what is checked. */
public final class Unicode {
  private static final char REPLACEMENT = '\uFFFD';

  private Unicode() {}

  /**
   * The text of these bytes.
   *
   * @throws CharacterCodingException when they are not valid UTF-8
   */
  public static String decode(byte[] utf8, int offset, int length) throws CharacterCodingException {
    // The constructor needs no buffer of characters, and replaces what is not valid.
    String text = new String(utf8, offset, length, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0
        ? text
        : StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(utf8, offset, length))
            .toString();
  }

  /** Whether a text has a half of a character without the other half: UTF-8 cannot encode it. */
  public static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean paired =
            i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
        if (!paired) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /**
   * The first {@code max} characters of a text, or one less where that would split a surrogate
   * pair.
   *
   * @param max in UTF-16 units; none if negative
   */
  public static String cut(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    int end = Math.max(0, max);
    return text.substring(
        0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
  }
}
