package dev.skein.local.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Starts processes that Ctrl-C in the terminal does not reach, and that never outlive this JVM.
 * Thread-safe.
 *
 * <p>A guard makes sure of the latter: a shell that gets every process ID over a pipe. The pipe
 * closes with this JVM, even on SIGKILL, and the guard then ends the processes that still run.
 */
public final class ChildProcesses implements AutoCloseable {

  private static final String GUARD =
      """
      running=' '
      while read -r sign pid; do
        case $sign in
          +) running="$running$pid " ;;
          -) running="${running%% $pid *} ${running#* $pid }" ;;
        esac
      done
      kill $running 2>/dev/null
      for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        left=
        for pid in $running; do
          kill -0 $pid 2>/dev/null && left="$left $pid"
        done
        [ -z "$left" ] && exit
        sleep 0.2
      done
      kill -9 $left 2>/dev/null
      """;

  /** Files that the program creates can be read by their owner only. */
  private static final List<String> PRIVATE_FILES =
      List.of("/bin/sh", "-c", "umask 077 && exec \"$@\"", "sh");

  private final List<String> shield;
  private final Process guard;
  private final OutputStream guardInput;

  private ChildProcesses(List<String> shield, Process guard) {
    this.shield = shield;
    this.guard = guard;
    this.guardInput = guard.getOutputStream();
  }

  /** Starts the guard. */
  public static ChildProcesses guarded() {
    List<String> shield = shield();
    List<String> command = new ArrayList<>(shield);
    command.addAll(List.of("/bin/sh", "-c", GUARD));
    try {
      Process guard =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new ChildProcesses(shield, guard);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The java command of this JVM. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Starts a process with these environment variables. Only the owner of this JVM can read the
   * files that it creates.
   *
   * @param output for standard output and standard error
   */
  public Process start(
      List<String> command,
      Map<String, String> environment,
      Path folder,
      ProcessBuilder.Redirect output) {
    List<String> shielded = new ArrayList<>(shield);
    shielded.addAll(PRIVATE_FILES);
    shielded.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(shielded)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      notifyGuard("+", process);
      var _ = process.onExit().thenAccept(ended -> notifyGuard("-", ended));
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends SIGTERM, and SIGKILL if the process has not ended after {@code grace}. */
  public static void stop(Process process, Duration grace) throws InterruptedException {
    // Process.destroy() would close the pipes, and the last output would be lost.
    process.toHandle().destroy();
    if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      kill(process);
    }
  }

  /** Sends SIGKILL and waits for the end of the process. */
  public static void kill(Process process) throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** Ends the guard and all processes that still run. */
  @Override
  public void close() {
    try {
      guardInput.close();
      guard.waitFor(5, TimeUnit.SECONDS);
    } catch (IOException e) {
      guard.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void notifyGuard(String sign, Process process) {
    try {
      guardInput.write((sign + " " + process.pid() + "\n").getBytes(StandardCharsets.US_ASCII));
      guardInput.flush();
    } catch (IOException e) {
      // The guard has ended, in close().
    }
  }

  /** A new session keeps a process out of reach of the terminal's signals. */
  private static List<String> shield() {
    return List.of("/usr/bin/setsid", "/bin/setsid").stream()
        .filter(setsid -> Files.isExecutable(Path.of(setsid)))
        .findFirst()
        .stream()
        .toList();
  }
}
