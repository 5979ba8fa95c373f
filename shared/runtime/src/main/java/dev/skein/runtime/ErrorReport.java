package dev.skein.runtime;

/**
 * Why an invocation or the initialisation failed, as the Runtime API gets it.
 *
 * @param type one word, such as {@code Runtime.NoResponse}
 * @param message free of what callers sent
 */
record ErrorReport(String type, String message) {

  /** A fault in the handler: its class only, because its message may hold what a caller sent. */
  static ErrorReport of(Throwable fault) {
    return new ErrorReport(
        fault.getClass().getName(),
        "The handler failed. See the log event handler_failed of this request.");
  }

  /** The type as a header's value, which has neither line ends nor spaces. */
  String typeHeader() {
    var value = new StringBuilder(type.length());
    for (int at = 0; at < type.length(); at++) {
      char c = type.charAt(at);
      value.append(c > ' ' && c < 127 ? c : '_');
    }
    return value.toString();
  }
}
