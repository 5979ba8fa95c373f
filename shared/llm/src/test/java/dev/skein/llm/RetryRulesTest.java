package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
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
  void whatCameInPartOrIsATlsFaultIsNotRepeated() {
    var rules = new RetryRules(() -> 0L);

    assertThat(rules.waitBeforeNext(new Attempt.BrokenOff(), 0, Instant.EPOCH)).isEmpty();
    assertThat(rules.waitBeforeNext(new Attempt.TooLarge(), 0, Instant.EPOCH)).isEmpty();
    assertThat(rules.waitBeforeNext(new Attempt.Unreached(false), 0, Instant.EPOCH)).isEmpty();
    assertThat(rules.waitBeforeNext(new Attempt.Unreached(true), 0, Instant.EPOCH)).isPresent();
  }
}
