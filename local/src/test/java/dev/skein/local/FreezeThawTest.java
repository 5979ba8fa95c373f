package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedModel.Drop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Between two invocations Lambda freezes an environment, for a moment or for hours, and nobody
 * keeps its connections alive: they may be closed, aborted, or forgotten without a word.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class FreezeThawTest {
  private static final int CYCLES = Integer.getInteger("skein.freeze.cycles", 50);

  /** The JDK counts whole seconds. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(1);

  /** Silence takes its time: the connection has to be too old to be tried. */
  private static final List<Drop> WAYS =
      List.of(Drop.FIN, Drop.RST, Drop.FIN, Drop.RST, Drop.SILENT);

  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void anEnvironmentThatWasFrozenAnswersWhateverBecameOfItsConnections() throws Exception {
    var shortKeepAlive =
        "CHAT_MAX_TOKENS: \"32000\"\n"
            + "          JAVA_TOOL_OPTIONS: -Djdk.httpclient.keepalive.timeout="
            + KEEP_ALIVE.toSeconds();
    try (var world =
        RunningStack.edited(
            folder,
            Map.of(
                "CHAT_MAX_TOKENS: \"32000\"",
                shortKeepAlive,
                "LLM_FIRST_BYTE_TIMEOUT_MS: \"30000\"",
                "LLM_FIRST_BYTE_TIMEOUT_MS: \"10000\""))) {
      assertThat(chat(world)).isEqualTo(200);
      var frozen = world.stack().environmentPids("ChatFunction");
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        var how = WAYS.get(cycle % WAYS.size());
        signal("STOP", frozen);
        world.model().dropIdle(how);
        if (how == Drop.SILENT) {
          LockSupport.parkNanos(KEEP_ALIVE.plusMillis(200).toNanos());
        }
        signal("CONT", frozen);
        if (how == Drop.SILENT) {
          // On a busy machine a call may come before the thread that closes it: docs/adr/0017.
          RunningStack.await(
              "the client closes what is too old",
              SOON,
              () -> world.model().silentConnections() == 0);
        }

        assertThat(chat(world)).as("cycle %d, %s", cycle, how).isEqualTo(200);
      }
      assertThat(world.stack().environmentPids("ChatFunction")).isEqualTo(frozen);
    }
  }

  private static int chat(RunningStack world) {
    return world.post("/chat", "{\"message\":\"hello\",\"user_id\":\"frozen\"}").status();
  }

  private static void signal(String name, List<Long> pids)
      throws IOException, InterruptedException {
    for (long pid : pids) {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
      assertThat(kill.waitFor()).isZero();
    }
  }
}
