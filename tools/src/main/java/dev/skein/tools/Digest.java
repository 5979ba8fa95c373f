package dev.skein.tools;

/** The 32 bytes of a SHA-256, in less memory than their text. */
record Digest(long first, long second, long third, long fourth) {
  private static final int DIGITS = 16;

  /**
   * @param hex 64 lower-case hex digits
   */
  static Digest of(String hex) {
    return new Digest(part(hex, 0), part(hex, 1), part(hex, 2), part(hex, 3));
  }

  private static long part(String hex, int index) {
    return Long.parseUnsignedLong(hex, index * DIGITS, (index + 1) * DIGITS, DIGITS);
  }
}
