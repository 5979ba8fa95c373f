package dev.skein.local.process;

import static dev.skein.local.testing.Waiting.isAlive;
import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildProcessesTest {

  @TempDir private Path folder;

  /** Starts two children and waits to be killed. */
  static final class Parent {

    private Parent() {}

    public static void main(String[] args) throws Exception {
      ChildProcesses children = ChildProcesses.guarded();
      Process gone = start(children, Path.of(args[0]), "true");
      Process staying = start(children, Path.of(args[0]), "sleep 1000");
      gone.waitFor();
      System.out.println(staying.pid());
      Thread.currentThread().join();
    }
  }

  @Test
  void noChildOutlivesAParentThatIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                ChildProcesses.java(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = parent.inputReader()) {
      long child = Long.parseLong(output.readLine());
      assertThat(isAlive(child)).isTrue();

      parent.destroyForcibly();

      until("the child is gone", () -> !isAlive(child));
    }
  }

  @Test
  void aChildRunsInItsOwnSession() throws Exception {
    try (ChildProcesses children = ChildProcesses.guarded()) {
      Process child = start(children, folder, "sleep 1000");

      until("it is itself", () -> session(child.pid()) == child.pid());
      ChildProcesses.stop(child, Duration.ofSeconds(5));
    }
  }

  @Test
  void aChildThatIgnoresSigtermIsKilled() throws Exception {
    try (ChildProcesses children = ChildProcesses.guarded()) {
      Process deaf =
          children.start(
              List.of("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"),
              Map.of("PATH", "/usr/bin:/bin"),
              folder,
              ProcessBuilder.Redirect.PIPE);
      assertThat(deaf.inputReader().readLine()).isEqualTo("ready");

      ChildProcesses.stop(deaf, Duration.ofMillis(100));

      assertThat(deaf.isAlive()).isFalse();
      assertThat(deaf.exitValue()).isEqualTo(137);
    }
  }

  @Test
  void closingEndsRunningChildren() throws Exception {
    ChildProcesses children = ChildProcesses.guarded();
    Process child = start(children, folder, "sleep 1000");

    children.close();

    until("it is gone", () -> !child.isAlive());
  }

  /** The fourth field after the name, as proc(5) tells. */
  private static long session(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
  }

  private static Process start(ChildProcesses children, Path folder, String command) {
    return children.start(
        List.of("/bin/sh", "-c", "exec " + command),
        Map.of("PATH", "/usr/bin:/bin"),
        folder,
        ProcessBuilder.Redirect.DISCARD);
  }
}
