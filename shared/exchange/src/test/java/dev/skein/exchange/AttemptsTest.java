package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.audit.AuditRecord;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.ProviderError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private static final LlmOutcome OK =
      new LlmOutcome.Completed("text", "stop", "m", Optional.empty());
  private static final LlmOutcome DOWN =
      new LlmOutcome.Unavailable(new ProviderError(503), Optional.empty());

  private static LlmResult result(Attempt... attempts) {
    return new LlmResult(OK, List.of(attempts));
  }

  @Test
  void equalAttemptsAreCountedTogetherInTheOrderOfTheFirst() {
    var attempts =
        Attempts.of(
            List.of(
                result(new Attempt("a", DOWN), new Attempt("b", OK)),
                result(new Attempt("a", OK)),
                result(new Attempt("a", DOWN), new Attempt("b", OK))));

    assertThat(attempts.count()).isEqualTo(5);
    assertThat(attempts.tried())
        .containsExactly(
            new AuditRecord.Tried("a", "model-unavailable", 2),
            new AuditRecord.Tried("b", "ok", 2),
            new AuditRecord.Tried("a", "ok", 1));
    assertThat(attempts.headers())
        .isEqualTo(
            Map.of(
                "X-Skein-Attempts", "5", "X-Skein-Tried", "a model-unavailable x2, b ok x2, a ok"));
  }

  @Test
  void whereNothingWasSentThereIsOnlyTheCount() {
    var attempts = Attempts.of(List.of(result()));

    assertThat(attempts.headers()).isEqualTo(Map.of("X-Skein-Attempts", "0"));
    assertThat(attempts.text()).isEmpty();
  }

  @Test
  void aModelsNameCannotEndItsEntryOrTheHeader() {
    var attempts = Attempts.of(List.of(result(new Attempt("m,1 \r\nX: \u00fc\ud83e\udebf~", OK))));

    assertThat(attempts.text()).isEqualTo("m_1___X:___~ ok");
    assertThat(attempts.tried().getFirst().model()).startsWith("m,1 ");
  }

  @Test
  void aLongListIsCutAtAnEntry() {
    var tried =
        IntStream.range(100, 400)
            .mapToObj(i -> new Attempt("model-" + i, OK))
            .toArray(Attempt[]::new);

    var text = Attempts.of(List.of(result(tried))).text();

    // Each entry but the first takes 14 characters.
    assertThat(text).hasSize(12 + 70 * 14).endsWith(", model-170 ok");
  }
}
