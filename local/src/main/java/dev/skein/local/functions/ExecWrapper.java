package dev.skein.local.functions;

import dev.skein.local.console.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The program of a function's zip that gets the managed runtime's start command, to change it. */
final class ExecWrapper {

  static final String VARIABLE = "AWS_LAMBDA_EXEC_WRAPPER";

  private static final String TASK = "/var/task/";

  private ExecWrapper() {}

  /**
   * Where it is on this machine; empty when the function has none.
   *
   * @param root what {@code /var/task} means here
   * @throws StartupException when it cannot be run
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
          "%s: its zip holds no %s, which its variable %s names: add it to the zip, or correct the variable."
              .formatted(function, value, VARIABLE));
    }
    if (!Files.isExecutable(wrapper)) {
      throw new StartupException(
          "%s: %s, which its variable %s names, is not executable: give it mode 0755 in the zip."
              .formatted(function, value, VARIABLE));
    }
    return Optional.of(wrapper);
  }
}
