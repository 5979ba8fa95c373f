package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.testing.FreePorts;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one execution environment builds once and keeps. */
@Timeout(180)
class OneEnvironmentTest {
  private static final int CHATS = 300;

  @Test
  void hundredsOfChatsBuildTheClientOnceAndKeepTheirConnectionToTheModel() {
    var settings = FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "1"));
    try (var world = RunningStack.start(settings, RunningStack.patientAudit())) {
      for (int i = 0; i < CHATS; i++) {
        assertThat(world.post("/chat", "{\"message\":\"x\",\"user_id\":\"many\"}").status())
            .isEqualTo(200);
      }

      assertThat(world.model().requests()).isEqualTo(CHATS);
      // A reply is told with its end mark: on a busy machine the next call may come just before the
      // connection is free again.
      assertThat(world.model().connections()).isBetween(1, 3);
      assertThat(world.output().lines().filter(line -> line.contains("http_client_built")))
          .hasSize(1);
      RunningStack.await(
          "every record",
          Duration.ofSeconds(60),
          () -> world.itemsInTheTable("many", "completed") == CHATS);
    }
  }
}
