package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static final AttemptResult BUSY = answered(503, "");

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
                new AttemptResult.TooLarge(2, 1),
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

  @Test
  void a500ThatBlamesTheRequestIsRepeatedOnce() {
    var blaming = answered(500, "{\"error\":{\"type\":\"invalid_request_error\"}}");
    var policy = new RetryPolicy(() -> 0L);

    assertThat(policy.delayBeforeNext(blaming, 0, Instant.EPOCH)).isPresent();
    assertThat(policy.delayBeforeNext(blaming, 1, Instant.EPOCH)).isEmpty();
    assertThat(policy.delayBeforeNext(answered(500, ""), 1, Instant.EPOCH)).isPresent();
  }

  @Test
  void noRoomNowIsRepeatedAndNoMoneyIsNot() {
    assertThat(waitAfter(answered(498, ""))).isPresent();
    assertThat(waitAfter(answered(424, ""))).isPresent();
    assertThat(waitAfter(answered(402, ""))).isEmpty();
    assertThat(waitAfter(answered(429, "{\"error\":{\"type\":\"insufficient_quota\"}}"))).isEmpty();
  }

  private static AttemptResult answered(int status, String body) {
    return new AttemptResult.Answered(
        status, HttpHeaders.of(Map.of(), (_, _) -> true), StandardCharsets.UTF_8.encode(body));
  }

  private static Optional<Duration> waitAfter(AttemptResult result) {
    return new RetryPolicy(() -> 0L).delayBeforeNext(result, 0, Instant.EPOCH);
  }
}
