package dev.skein.local;

import dev.skein.local.console.StackConsole;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * {@code Main FOLDER [FILE]} runs the template in that folder (default: the current one) locally.
 * If it cannot start, the reason is written to the file (default: the console).
 */
public final class Main {

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    Path root = Path.of(args.length == 0 ? "" : args[0]).toAbsolutePath();
    Optional<Path> failure = args.length < 2 ? Optional.empty() : Optional.of(Path.of(args[1]));
    Map<String, String> environment = System.getenv();
    StackConsole console = StackConsole.ofProcess(environment);
    // Explicit, since a thread of the JDK's HTTP client or of the SDK may still run.
    System.exit(new Launcher(root, failure, environment, console).run());
  }
}
