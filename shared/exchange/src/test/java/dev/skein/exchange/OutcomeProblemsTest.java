package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmOutcome;
import dev.skein.llm.ProviderError;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutcomeProblemsTest {
  @Test
  void retryAfterIsInWholeSecondsRoundedUp() {
    var outcome =
        new LlmOutcome.Unavailable(new ProviderError(503), Optional.of(Duration.ofMillis(1001)));
    var problem = OutcomeProblems.of(outcome).orElseThrow();

    assertThat(problem.name()).isEqualTo("model-unavailable");
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.headers()).isEqualTo(Map.of("Retry-After", "2"));
  }

  @Test
  void aReplyThatBrokeOffIsABadGateway() {
    var problem = OutcomeProblems.of(new LlmOutcome.Cut("the stream ended")).orElseThrow();

    assertThat(problem.name()).isEqualTo("model-cut");
    assertThat(problem.status()).isEqualTo(502);
    assertThat(problem.detail()).isEqualTo("The model's reply broke off before it was complete.");
  }

  @Test
  void anAnswerIsNoProblem() {
    assertThat(OutcomeProblems.of(new LlmOutcome.Completed("", "length", "", Optional.empty())))
        .isEmpty();
  }
}
