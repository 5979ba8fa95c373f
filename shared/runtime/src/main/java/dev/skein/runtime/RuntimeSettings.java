package dev.skein.runtime;

import java.util.Map;

/**
 * What the platform and the template tell the runtime through the environment.
 *
 * @param handler the handler's class, perhaps with {@code ::} and a method behind it
 * @param workers how many events are handled at once, 1 or more
 * @param buffered whether responses are collected and posted whole
 */
record RuntimeSettings(String handler, int workers, boolean buffered, FunctionInfo function) {

  /** What every context tells of the function; empty where the platform says nothing. */
  record FunctionInfo(
      String name, String version, int memoryMb, String logGroup, String logStream) {}

  static RuntimeSettings from(Map<String, String> environment) throws StartException {
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

  private static boolean buffered(Map<String, String> environment) throws StartException {
    String mode = environment.get("RESPONSE_MODE");
    if (mode == null || mode.isEmpty() || mode.equals("streaming")) {
      return false;
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
      throws StartException {
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
      // Told below, like a number that is too small.
    }
    throw invalid(name + " must be a whole number from 1 on, not \"" + value + "\".");
  }

  private static StartException invalid(String message) {
    return new StartException("Runtime.InvalidSetting", message);
  }
}
