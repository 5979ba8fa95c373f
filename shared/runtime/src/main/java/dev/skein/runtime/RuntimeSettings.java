package dev.skein.runtime;

import java.util.Map;

/**
 * The runtime's settings, from environment variables.
 *
 * @param handler the name of the handler's class
 * @param workers how many events are handled concurrently, at least 1
 * @param buffered whether each response is posted as a whole when the handler has returned: if
 *     {@code RESPONSE_MODE} says so, and under {@code sam local}, which cannot read a stream
 */
record RuntimeSettings(String handler, int workers, boolean buffered, FunctionInfo function) {

  /** What every context says about the function; empty where the platform sets no variable. */
  record FunctionInfo(
      String name, String version, int memoryMb, String logGroup, String logStream) {}

  static RuntimeSettings from(Map<String, String> environment) throws InitException {
    return new RuntimeSettings(
        text(environment, "_HANDLER"),
        atLeastOne(environment, "AWS_LAMBDA_MAX_CONCURRENCY", 1),
        buffered(environment),
        new FunctionInfo(
            text(environment, "AWS_LAMBDA_FUNCTION_NAME"),
            text(environment, "AWS_LAMBDA_FUNCTION_VERSION"),
            atLeastOne(environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 128),
            text(environment, "AWS_LAMBDA_LOG_GROUP_NAME"),
            text(environment, "AWS_LAMBDA_LOG_STREAM_NAME")));
  }

  private static boolean buffered(Map<String, String> environment) throws InitException {
    String mode = environment.get("RESPONSE_MODE");
    if (mode == null || mode.isEmpty() || mode.equals("streaming")) {
      return text(environment, "AWS_SAM_LOCAL").equals("true");
    }
    if (mode.equals("buffered")) {
      return true;
    }
    throw invalid("RESPONSE_MODE must be streaming or buffered, not \"" + mode + "\".");
  }

  private static String text(Map<String, String> environment, String name) {
    String value = environment.get(name);
    return value == null ? "" : value;
  }

  private static int atLeastOne(Map<String, String> environment, String name, int absent)
      throws InitException {
    String value = text(environment, name);
    if (value.isEmpty()) {
      return absent;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Rejected below, as is a number that is too small.
    }
    throw invalid(name + " must be an integer of at least 1, not \"" + value + "\".");
  }

  private static InitException invalid(String message) {
    return new InitException("Runtime.InvalidSetting", message);
  }
}
