package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmOutcome;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutcomeProblemsTest {
  @Test
  void tooManyCallsInFlightAreNotTheProvidersFault() {
    var problem =
        OutcomeProblems.of(new LlmOutcome.Overloaded(Duration.ofMillis(1001))).orElseThrow();

    assertThat(problem.name()).isEqualTo("overloaded");
    assertThat(problem.status()).isEqualTo(503);
    assertThat(problem.headers()).isEqualTo(Map.of("Retry-After", "2"));
    assertThat(problem.detail())
        .isEqualTo("This service has more model calls in flight than it takes.");
  }

  @Test
  void aReplyThatBrokeOffIsNoReply() {
    var problem = OutcomeProblems.of(new LlmOutcome.Cut("the stream ended")).orElseThrow();

    assertThat(problem.name()).isEqualTo("model-cut");
    assertThat(problem.status()).isEqualTo(502);
    assertThat(problem.detail()).isEqualTo("The model's reply broke off before it was whole.");
  }

  @Test
  void anAnswerIsNoProblem() {
    assertThat(OutcomeProblems.of(new LlmOutcome.Completed("", "length", "", Optional.empty())))
        .isEmpty();
  }
}
