package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import dev.skein.local.testing.FreePorts;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replies of a chat function whose response is buffered, for which Lambda accepts 6 MB. */
@Timeout(300)
class LargeBufferedReplyTest {
  private static final Map<String, String> BUFFERED =
      Map.of(
          "RESPONSE_MODE: streaming", "RESPONSE_MODE: buffered",
          "ResponseTransferMode: RESPONSE_STREAM", "# answers whole",
          "TimeoutInMillis: 900000", "# within API Gateway's limit",
          "MemorySize: 1024", "MemorySize: 512");

  @Test
  void aReplyOverTheLimitIsABadGatewayAndTheEnvironmentServesTheNext(@TempDir Path folder) {
    var one = FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "1"));
    try (var world = RunningStack.withPlaces(folder, one, BUFFERED, _ -> Map.of())) {
      assertThat(reply(world, 5_000_000).status()).isEqualTo(200);
      long pid = world.stack().environmentPids("ChatFunction").getFirst();

      assertThat(reply(world, 7_000_000).status()).isEqualTo(502);
      assertThat(reply(world, 15_000_000).status()).isEqualTo(502);

      assertThat(reply(world, 5_000_000).status()).isEqualTo(200);
      assertThat(world.stack().environmentPids("ChatFunction")).containsExactly(pid);
    }
  }

  private static RunningStack.Reply reply(RunningStack world, int characters) {
    world.model().enqueue(ScriptedReply.text("x".repeat(characters)));
    return world.post(
        "/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
  }
}
