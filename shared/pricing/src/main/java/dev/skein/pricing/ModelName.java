package dev.skein.pricing;

/**
 * The names of models in the table: a name, in which {@code #} is any digit and {@code *} at the
 * end is the rest of a version, such as {@code -2024-07-18} or {@code -latest}; {@code **} at the
 * end is any rest. {@code gpt-4*} is not {@code gpt-4o} and not {@code gpt-4-turbo}, which have
 * prices of their own.
 */
final class ModelName {
  private ModelName() {}

  /** Whether a name in the table contains {@code #} or {@code *}. */
  static boolean isPattern(String text, int start, int end) {
    if (text.charAt(end - 1) == '*') {
      return true;
    }
    for (int i = start; i < end; i++) {
      if (text.charAt(i) == '#') {
        return true;
      }
    }
    return false;
  }

  /**
   * Checks a name that a person has written.
   *
   * @throws InvalidLineException if no model can have it
   */
  static void check(String name) {
    if (name.startsWith("#")) {
      throw new InvalidLineException(
          "must not begin a name with #; a comment is a line of its own");
    }
    if (name.equals("*")) {
      throw new InvalidLineException("must say ** for all models, because * is only a version");
    }
    int stars = name.endsWith("**") ? 2 : name.endsWith("*") ? 1 : 0;
    if (name.lastIndexOf('*', name.length() - stars - 1) >= 0) {
      throw new InvalidLineException(
          "must have * or ** only at the end of a name, not as in \"" + name + "\"");
    }
    for (int i = 0; i < name.length(); i++) {
      if ("\"'`,=".indexOf(name.charAt(i)) >= 0) {
        throw new InvalidLineException(
            "must have names without quotes, commas and =, separated by spaces, not " + name);
      }
    }
  }

  /** Whether the pattern at a place of the table is a name's. */
  static boolean matches(String text, int start, int end, String name) {
    int stars = 0;
    while (stars < 2 && end - stars > start && text.charAt(end - stars - 1) == '*') {
      stars++;
    }
    int length = end - stars - start;
    if (name.length() < length || (stars == 0 && name.length() != length)) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char expected = text.charAt(start + i);
      boolean same = expected == '#' ? isDigit(name.charAt(i)) : expected == name.charAt(i);
      if (!same) {
        return false;
      }
    }
    return stars != 1 || isVersion(name, length);
  }

  /** Whether what follows names a version of the same model and not another model. */
  private static boolean isVersion(String name, int start) {
    if (start < name.length() && start > 0) {
      boolean separated = isSeparator(name.charAt(start)) || isSeparator(name.charAt(start - 1));
      if (!separated) {
        return false;
      }
    }
    int i = start;
    while (i < name.length()) {
      int word = i;
      while (i < name.length() && !isSeparator(name.charAt(i)) && !isDigit(name.charAt(i))) {
        i++;
      }
      if (i > word && !isVersionWord(name.substring(word, i))) {
        return false;
      }
      if (i < name.length()) {
        i++;
      }
    }
    return true;
  }

  private static boolean isVersionWord(String word) {
    return switch (word) {
      case "latest", "preview", "exp", "experimental", "beta", "v" -> true;
      default -> false;
    };
  }

  private static boolean isSeparator(char c) {
    return c == '-' || c == '.' || c == '@' || c == ':' || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
