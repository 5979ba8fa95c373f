package dev.skein.local.services;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.process.PrivateFiles;
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

/** A third-party server, unmodified, in a child process that listens on 127.0.0.1. */
final class LocalService implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofMillis(1500);
  private static final int TAIL_LINES = 15;

  /**
   * How to start a service.
   *
   * @param name for messages
   * @param log the file for its output
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

  /** Starts the process; it does not accept connections yet. */
  static LocalService launch(Plan plan, ChildProcesses children) {
    try {
      Path folder = PrivateFiles.createFolders(plan.log().toAbsolutePath().resolveSibling(""));
      ProcessBuilder.Redirect log =
          ProcessBuilder.Redirect.to(PrivateFiles.createFile(plan.log()).toFile());
      return new LocalService(
          plan, children.start(plan.command(), plan.environment(), folder, log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + plan.port());
  }

  long pid() {
    return process.pid();
  }

  /**
   * @throws StartupException if the service ends, or does not listen within a minute
   */
  void awaitListening() throws InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!accepts()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new StartupException(
            "%s did not start. The end of its log, %s:%n%s"
                .formatted(plan.name(), plan.log(), tail()));
      }
      Thread.sleep(20);
    }
  }

  /** From now on, reports it when the service ends by itself. */
  void reportExitTo(StackConsole console) {
    var _ =
        process
            .onExit()
            .thenAccept(
                _ -> {
                  if (!stopping) {
                    console.problem(
                        "%s stopped unexpectedly (exit code %d). Restart the stack. The end of its log, %s:%n%s"
                            .formatted(plan.name(), process.exitValue(), plan.log(), tail()));
                  }
                });
  }

  /** Asks the process to end, and does not wait. */
  void terminate() {
    stopping = true;
    process.toHandle().destroy();
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

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(Ports.loopback(plan.port()), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String tail() {
    try {
      // A log may contain bytes that are not UTF-8.
      List<String> lines =
          new String(Files.readAllBytes(plan.log()), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
