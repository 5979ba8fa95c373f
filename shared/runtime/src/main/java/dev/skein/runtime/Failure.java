package dev.skein.runtime;

/**
 * Why an invocation or the start failed, in the program's own words.
 *
 * @param type one word
 */
record Failure(String type, String message) {

  /** A fault in the handler: its class only, for its message may hold what a caller sent. */
  static Failure of(Throwable fault) {
    return new Failure(
        fault.getClass().getName(),
        "The handler failed. The log line handler_failed of this request tells where.");
  }

  /** The type as a header's value, which has neither line ends nor blanks. */
  String typeHeader() {
    var value = new StringBuilder(type.length());
    for (int at = 0; at < type.length(); at++) {
      char c = type.charAt(at);
      value.append(c > ' ' && c < 127 ? c : '_');
    }
    return value.toString();
  }
}
