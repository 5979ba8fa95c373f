package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one execution environment builds once and keeps. */
@Timeout(180)
class OneEnvironmentTest {
  private static final int CHATS = 1_000;

  @Test
  void aThousandChatsBuildTheClientOnceAndOpenOneConnectionToTheModel() {
    var settings = LocalSettings.onFreePorts().withLimits(1, 10, Duration.ofSeconds(29));
    try (var world = RunningStack.start(settings, RunningStack.patientAudit())) {
      for (int i = 0; i < CHATS; i++) {
        assertThat(world.post("/chat", "{\"message\":\"x\",\"user_id\":\"many\"}").status())
            .isEqualTo(200);
      }

      assertThat(world.model().requests()).isEqualTo(CHATS);
      assertThat(world.model().connections()).isEqualTo(1);
      assertThat(world.output().lines().filter(line -> line.contains("http_client_built")))
          .hasSize(1);
      RunningStack.await(
          "every record",
          Duration.ofSeconds(60),
          () -> world.itemsInTheTable("many", "completed") == CHATS);
    }
  }
}
