package dev.skein.base;

/**
 * Text that is not valid JSON, or exceeds a limit. The message says what is wrong and where without
 * repeating any of the text, so that it can be shown to a caller and logged.
 */
public final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedJsonException(String message) {
    super(message, null, false, false);
  }
}
