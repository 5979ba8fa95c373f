package dev.skein.base;

/**
 * Text that is not the JSON we take. Its message says what is wrong and where, in our own words and
 * without any of the text, so that it may be shown to a caller and logged.
 */
public final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedJsonException(String message) {
    super(message, null, false, false);
  }
}
