package dev.skein.local.functions;

import dev.skein.local.console.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The wrapper script of a function, which gets the runtime's start command and may change it. */
final class ExecWrapper {

  static final String VARIABLE = "AWS_LAMBDA_EXEC_WRAPPER";

  private static final String TASK = "/var/task/";

  private ExecWrapper() {}

  /**
   * The path of the script on this machine; empty if the function has none.
   *
   * @param root replaces {@code /var/task}
   * @throws StartupException if it is missing or not executable
   */
  static Optional<Path> of(String function, Map<String, String> variables, Path root) {
    String value = variables.getOrDefault(VARIABLE, "");
    if (value.isBlank()) {
      return Optional.empty();
    }
    Path wrapper =
        value.startsWith(TASK) ? root.resolve(value.substring(TASK.length())) : Path.of(value);
    if (!Files.isRegularFile(wrapper)) {
      throw new StartupException(
          "%s: its zip does not contain %s, to which %s is set. Add it to the zip, or correct the variable."
              .formatted(function, value, VARIABLE));
    }
    if (!Files.isExecutable(wrapper)) {
      throw new StartupException(
          "%s: %s, to which %s is set, is not executable. Give it mode 0755 in the zip."
              .formatted(function, value, VARIABLE));
    }
    return Optional.of(wrapper);
  }
}
