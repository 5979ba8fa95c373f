package dev.skein.aot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a tool of the JDK as a process of its own. */
final class JdkTool {

  static final Path JDK = Path.of(System.getProperty("java.home"));

  private JdkTool() {}

  /**
   * Waits for its end.
   *
   * @throws AotBuildException if it fails; the message is its output
   */
  static void run(String name, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(arguments);
    command.addFirst(JDK.resolve("bin").resolve(name).toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new AotBuildException(name + " failed: " + output);
    }
  }
}
