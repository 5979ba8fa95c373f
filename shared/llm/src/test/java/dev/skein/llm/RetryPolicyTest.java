package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static final AttemptResult BUSY =
      new AttemptResult.Answered(
          503, HttpHeaders.of(Map.of(), (_, _) -> true), ByteBuffer.wrap(new byte[0]));

  @Test
  void theBackOffIsDrawnFromZeroToACeilingThatDoublesUpToEightSeconds() {
    var random = RandomGenerator.of("L64X128MixRandom");
    var rules = new RetryPolicy(random);

    for (int retry = 0; retry < 10; retry++) {
      Duration ceiling = Duration.ofMillis(Math.min(500L << retry, 8000));
      Duration longest = Duration.ZERO;
      for (int draw = 0; draw < 1000; draw++) {
        var wait = rules.delayBeforeNext(BUSY, retry, Instant.EPOCH).orElseThrow();
        assertThat(wait).isBetween(Duration.ZERO, ceiling);
        longest = wait.compareTo(longest) > 0 ? wait : longest;
      }
      // With full jitter a thousand draws come close to the ceiling, and none beyond it.
      assertThat(longest).isGreaterThan(ceiling.multipliedBy(9).dividedBy(10));
    }
  }

  @Test
  void whatCameInPartIsNotRepeated() {
    assertThat(
            List.of(
                new AttemptResult.BrokenOff("x"),
                new AttemptResult.TooLarge(),
                new AttemptResult.Streamed(new LlmOutcome.Cut("x"))))
        .allMatch(attempt -> waitAfter(attempt).isEmpty());
  }

  @Test
  void whatWasNotReachedIsRepeatedUnlessTlsFailed() {
    for (var cause : AttemptResult.Cause.values()) {
      assertThat(waitAfter(new AttemptResult.Unreached(cause)).isPresent())
          .as(cause.name())
          .isEqualTo(cause != AttemptResult.Cause.TLS);
    }
  }

  private static Optional<Duration> waitAfter(AttemptResult result) {
    return new RetryPolicy(() -> 0L).delayBeforeNext(result, 0, Instant.EPOCH);
  }
}
