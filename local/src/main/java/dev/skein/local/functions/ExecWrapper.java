package dev.skein.local.functions;

import dev.skein.local.console.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The script in a function's zip that starts it: a wrapper, or the bootstrap of its own runtime.
 */
final class ExecWrapper {

  static final String VARIABLE = "AWS_LAMBDA_EXEC_WRAPPER";

  private static final String BOOTSTRAP = "bootstrap";

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

  /**
   * The program that starts a function on provided.al2023, where no wrapper is used.
   *
   * @throws StartupException if the zip does not contain it, or it is not executable
   */
  static Path bootstrap(String function, Path root) {
    Path bootstrap = root.resolve(BOOTSTRAP);
    if (!Files.isExecutable(bootstrap)) {
      throw new StartupException(
          "%s: its zip does not contain an executable %s, which provided.al2023 starts. Build it with `mvn -Paot package`."
              .formatted(function, BOOTSTRAP));
    }
    return bootstrap;
  }
}
