package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.testing.FreePorts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both clients of the audit queue against a real queue server. */
@Timeout(180)
class QueueClientTest {
  private static final String CHAT = "{\"message\":\"x\",\"user_id\":\"queued\"}";

  private static RunningStack stack(Map<String, String> variables) {
    var all = new HashMap<>(RunningStack.patientAudit());
    all.putAll(variables);
    return RunningStack.start(FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "1")), all);
  }

  @Test
  void theSdksClientQueuesRecordsToo() {
    try (var world = stack(Map.of("AUDIT_QUEUE_CLIENT", "sdk"))) {
      assertThat(world.post("/chat", CHAT).status()).isEqualTo(200);

      assertThat(world.awaitTrail("queued", "completed", 1)).hasSize(1);
      assertThat(world.output()).doesNotContain("audit_alternate");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "sdk"})
  void theErrorOfAMissingQueueIsLoggedWithTheRecord(String client) {
    var missing = "http://127.0.0.1:9324/000000000000/Missing";
    try (var world = stack(Map.of("AUDIT_QUEUE_CLIENT", client, "AUDIT_QUEUE_URL", missing))) {
      assertThat(world.post("/chat", CHAT).status()).isEqualTo(200);

      RunningStack.await(
          "both records in the log",
          Duration.ofSeconds(60),
          () ->
              world.output().lines().filter(line -> line.contains("audit_alternate")).count() == 2);
      assertThat(world.output().lines().filter(line -> line.contains("audit_alternate")))
          .allSatisfy(
              line ->
                  assertThat(line)
                      .contains("cause=QueueDoesNotExist upstream_status=400 record={"));
    }
  }
}
