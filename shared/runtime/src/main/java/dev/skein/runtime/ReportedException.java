package dev.skein.runtime;

/**
 * Fails an invocation with an error whose message reaches whoever invoked the function. Of every
 * other exception only the class does.
 */
public final class ReportedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An error with this message.
   *
   * @param message must not contain anything that callers sent
   */
  public ReportedException(String message) {
    super(message, null, false, false);
  }
}
