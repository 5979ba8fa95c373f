package dev.skein.local;

import dev.skein.local.console.StackConsole;
import java.nio.file.Path;
import java.util.Map;

/** {@code Main FOLDER} runs the template in that folder (default: the current one) locally. */
public final class Main {

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    Path root = Path.of(args.length == 0 ? "" : args[0]).toAbsolutePath();
    Map<String, String> environment = System.getenv();
    // Explicit, since a thread of the JDK's HTTP client or of the SDK may still run.
    System.exit(new Launcher(root, environment, StackConsole.ofProcess(environment)).run());
  }
}
