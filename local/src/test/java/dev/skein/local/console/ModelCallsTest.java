package dev.skein.local.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ModelCallsTest {

  private static void log(ModelCalls calls, String event, int request, String fields) {
    calls.add(
        LogLine.of(
            "{\"event\":\"%s\",\"request_id\":\"r-%d\",%s}".formatted(event, request, fields)));
  }

  @Test
  void aRequestWhoseLastEventNeverComesIsUnknownAfterTheWait() {
    var calls = new ModelCalls(Duration.ofMillis(20));
    log(calls, "model_attempt_failed", 1, "\"model\":\"m\",\"reason\":\"x\",\"count\":1");

    assertThat(calls.of("r-1").join()).isEqualTo(ModelCalls.Summary.UNKNOWN);
  }

  @Test
  void theOldestEventsThatNoRequestNeedsAreForgotten() {
    var calls = new ModelCalls(Duration.ofSeconds(20));
    for (int i = 0; i < 3000; i++) {
      log(calls, "model_attempt_failed", i, "\"model\":\"m\",\"reason\":\"x\",\"count\":1");
    }
    for (int i : new int[] {0, 2999}) {
      log(calls, "model_calls", i, "\"ok\":1,\"tried\":\"m ok\"");
    }

    assertThat(calls.of("r-0").join().models()).isEqualTo("m");
    assertThat(calls.of("r-2999").join().models()).isEqualTo("m: x; m");
  }
}
