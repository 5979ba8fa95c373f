package dev.skein.local.services;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.process.ChildProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Someone else's server, run unmodified as a process of its own that listens on loopback. */
final class LocalService implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofMillis(1500);
  private static final int TAIL_LINES = 15;

  /**
   * How to start a part.
   *
   * @param name for people
   * @param log the file that takes its output
   */
  record Plan(
      String name, List<String> command, Map<String, String> environment, int port, Path log) {}

  private final Plan plan;
  private final Process process;
  private volatile boolean stopping;

  private LocalService(Plan plan, Process process) {
    this.plan = plan;
    this.process = process;
  }

  /** Returns when the part accepts connections; tells the console when it dies later. */
  static LocalService start(Plan plan, ChildProcesses children, StackConsole console)
      throws InterruptedException {
    Path folder = plan.log().toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException("a log file needs a folder: " + plan.log());
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LocalService part =
        new LocalService(
            plan,
            children.start(
                plan.command(),
                plan.environment(),
                folder,
                ProcessBuilder.Redirect.to(plan.log().toFile())));
    part.awaitListening();
    var _ = part.process.onExit().thenAccept(ended -> part.reportDeath(console));
    return part;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + plan.port());
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    stopping = true;
    try {
      ChildProcesses.stop(process, STOP_LIMIT);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void awaitListening() throws InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!accepts()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        close();
        throw new StartupException(
            "%s did not start. The end of its log, %s:%n%s"
                .formatted(plan.name(), plan.log(), tail()));
      }
      Thread.sleep(20);
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(Ports.loopback(plan.port()), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void reportDeath(StackConsole console) {
    if (!stopping) {
      console.problem(
          "%s ended by itself (exit code %d). Stop and start again. The end of its log, %s:%n%s"
              .formatted(plan.name(), process.exitValue(), plan.log(), tail()));
    }
  }

  private String tail() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(plan.log()), StandardCharsets.UTF_8).lines().toList();
      return String.join(
          System.lineSeparator(),
          lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
