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

class RetryRulesTest {
  private static final Attempt BUSY =
      new Attempt.Answered(
          503, HttpHeaders.of(Map.of(), (_, _) -> true), ByteBuffer.wrap(new byte[0]));

  @Test
  void theBackOffIsDrawnFromZeroToACeilingThatDoublesUpToEightSeconds() {
    var random = RandomGenerator.of("L64X128MixRandom");
    var rules = new RetryRules(random);

    for (int retry = 0; retry < 10; retry++) {
      Duration ceiling = Duration.ofMillis(Math.min(500L << retry, 8000));
      Duration longest = Duration.ZERO;
      for (int draw = 0; draw < 1000; draw++) {
        var wait = rules.waitBeforeNext(BUSY, retry, Instant.EPOCH).orElseThrow();
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
                new Attempt.BrokenOff("x"),
                new Attempt.TooLarge(),
                new Attempt.Streamed(new LlmOutcome.Cut("x"))))
        .allMatch(attempt -> waitAfter(attempt).isEmpty());
  }

  @Test
  void whatWasNotReachedIsRepeatedUnlessTlsFailed() {
    for (var cause : Attempt.Cause.values()) {
      assertThat(waitAfter(new Attempt.Unreached(cause)).isPresent())
          .as(cause.name())
          .isEqualTo(cause != Attempt.Cause.TLS);
    }
  }

  private static Optional<Duration> waitAfter(Attempt attempt) {
    return new RetryRules(() -> 0L).waitBeforeNext(attempt, 0, Instant.EPOCH);
  }
}
