package dev.skein.local.poller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.functions.InvocationResult;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BatchResultTest {

  private static final Set<String> BATCH = Set.of("a", "b");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "{\"batchItemFailures\":null}",
        "{\"batchItemFailures\":[]}",
        "{\"other\":1}"
      })
  void anEmptyResponseMeansSuccess(String answer) {
    assertThat(verdict(answer, true)).isEqualTo(new BatchResult(Set.of(), ""));
  }

  @Test
  void listedMessagesFailAndTheOthersSucceed() {
    assertThat(verdict("{\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}", true))
        .isEqualTo(new BatchResult(Set.of("b"), ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "{\"batchItemFailures\":[",
        "{} {}",
        "[]",
        "\"ok\"",
        "{\"batchItemFailures\":{}}",
        "{\"batchItemFailures\":[{}]}",
        "{\"batchItemFailures\":[null]}",
        "{\"batchItemFailures\":[\"a\"]}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":null}]}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":\"c\"}]}",
        "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},{\"itemIdentifier\":\"c\"}]}"
      })
  void anInvalidResponseFailsTheWholeBatch(String answer) {
    BatchResult verdict = verdict(answer, true);

    assertThat(verdict.failed()).isEqualTo(BATCH);
    assertThat(verdict.why()).isNotEmpty();
  }

  @Test
  void anUndeclaredListIsIgnored() {
    assertThat(verdict("{\"batchItemFailures\":[{\"itemIdentifier\":\"b\"}]}", false))
        .isEqualTo(new BatchResult(Set.of(), ""));
    assertThat(verdict("not json", false)).isEqualTo(new BatchResult(Set.of(), ""));
  }

  @Test
  void everyOtherResultFailsTheWholeBatch() {
    for (InvocationResult outcome :
        List.of(
            new InvocationResult.Failed("Error", "x"),
            new InvocationResult.TimedOut(Duration.ofSeconds(1)),
            new InvocationResult.Ended("x"),
            new InvocationResult.StillRunning(),
            new InvocationResult.Throttled(),
            new InvocationResult.Streamed(InputStream.nullInputStream(), new CompletableFuture<>()),
            new InvocationResult.TooLarge())) {
      BatchResult verdict = BatchResult.of(outcome, BATCH, false);
      assertThat(verdict.failed()).as("%s", outcome).isEqualTo(BATCH);
      assertThat(verdict.why()).as("%s", outcome).isNotEmpty();
    }
  }

  private static BatchResult verdict(String answer, boolean reportsFailures) {
    return BatchResult.of(
        new InvocationResult.Returned(answer.getBytes(StandardCharsets.UTF_8)),
        BATCH,
        reportsFailures);
  }
}
