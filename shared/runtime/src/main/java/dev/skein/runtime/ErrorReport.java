package dev.skein.runtime;

/**
 * Why an invocation or the initialization failed, as it is reported to the Runtime API.
 *
 * @param type one word, such as {@code Runtime.NoResponse}
 * @param message must not contain anything that callers sent
 */
record ErrorReport(String type, String message) {

  /**
   * An exception of the handler: only its class, as its message may contain what a caller sent,
   * unless it is made to be reported.
   */
  static ErrorReport of(Throwable fault) {
    String message =
        fault instanceof ReportedException
            ? String.valueOf(fault.getMessage())
            : "The handler failed. See the log event handler_failed of this request.";
    return new ErrorReport(fault.getClass().getName(), message);
  }

  /** The type as a header value, without line breaks or spaces. */
  String typeHeader() {
    var value = new StringBuilder(type.length());
    for (int at = 0; at < type.length(); at++) {
      char c = type.charAt(at);
      value.append(c > ' ' && c < 127 ? c : '_');
    }
    return value.toString();
  }
}
