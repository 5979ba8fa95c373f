package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The completed record reaches the queue, whatever keeps the invocation from ending normally. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class CompletedRecordTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private RunningStack world;

  @BeforeAll
  void start(@TempDir Path folder) {
    world =
        RunningStack.edited(
            folder,
            Map.of(
                "Timeout: 900\n", "Timeout: 10\n",
                "DEADLINE_RESERVE_MS: \"2000\"", "DEADLINE_RESERVE_MS: \"6000\"",
                "AUDIT_TIMEOUT_MS: \"1500\"", "AUDIT_TIMEOUT_MS: \"4000\""));
  }

  @AfterAll
  void stop() {
    world.close();
  }

  private static String chat(String userId) {
    return "{\"message\":\"hello\",\"user_id\":\"" + userId + "\"}";
  }

  @Test
  void aCallerThatDoesNotReadItsWholeReplyCannotKeepTheRecordFromBeingSent() {
    // Six megabytes as JSON, which no pair of socket buffers holds.
    String piece = "\u0001".repeat(100_000);
    world
        .model()
        .enqueue(ScriptedReply.stream(Collections.nCopies(10, piece).toArray(new String[0])));

    try (var caller = StreamingCaller.post(world.stack().api(), "/chat", chat("stalled"), 4096)) {
      assertThat(caller.status()).isEqualTo(200);
      assertThat(world.awaitTrail("stalled", "completed", 1)).hasSize(1);
    }
    assertThat(world.output()).doesNotContain("ran longer than its Timeout");
  }

  @Test
  void sigtermLetsAChatWhoseModelCallIsInFlightEndAndQueueItsRecord() throws Exception {
    assertThat(world.post("/chat", chat("warm")).status()).isEqualTo(200);
    var release = new CountDownLatch(1);
    world.model().enqueue(ScriptedReply.text("just in time").held(release));
    var call = world.postAsync("/chat", chat("terminated"));
    world.model().awaitInFlight(1, SOON);

    for (long pid : world.stack().environmentPids("ChatFunction")) {
      assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(pid)).start().waitFor())
          .isZero();
    }
    release.countDown();

    var reply = call.join();
    assertThat(reply.status()).isEqualTo(200);
    var record = world.awaitTrail("terminated", "completed", 1).getFirst();
    assertThat(record.get("status").intValue()).isEqualTo(200);
    assertThat(world.output()).doesNotContain("audit_alternate");
  }
}
