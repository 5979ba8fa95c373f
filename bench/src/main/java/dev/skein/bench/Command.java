package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Runs a program to its end. */
final class Command {

  private Command() {}

  /**
   * Runs it, and returns its output without surrounding white space.
   *
   * @param variables added to the environment of this process
   * @throws MeasurementException if it is not installed, or fails, with the end of its output
   */
  static String run(List<String> command, Map<String, String> variables)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(variables);
    Process process = start(builder);
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new MeasurementException("%s failed: %s".formatted(command.getFirst(), end(output)));
    }
    return output;
  }

  private static Process start(ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new MeasurementException(builder.command().getFirst() + " is not installed");
    }
  }

  private static String end(String output) {
    String line = output.substring(output.lastIndexOf('\n') + 1);
    return line.length() > 300 ? line.substring(0, 300) + "…" : line;
  }
}
