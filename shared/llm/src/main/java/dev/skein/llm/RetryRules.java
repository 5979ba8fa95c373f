package dev.skein.llm;

import dev.skein.llm.Attempt.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When an attempt is followed by another, and after which wait. The statuses and headers are those
 * that OpenAI's own clients obey: 408, 409, 429 and from 500 up, and {@code x-should-retry} before
 * all. Without a word from the provider the wait is drawn evenly from zero to a ceiling that
 * doubles (full jitter), so that many environments do not come back at the same moment.
 */
final class RetryRules {
  private static final Duration FIRST_CEILING = Duration.ofMillis(500);
  private static final Duration LAST_CEILING = Duration.ofSeconds(8);

  private final RandomGenerator random;

  RetryRules(RandomGenerator random) {
    this.random = random;
  }

  /**
   * The wait before the next attempt.
   *
   * @param retries how many attempts have been repeats so far, from 0
   * @return empty when the attempt's outcome is final
   */
  Optional<Duration> waitBeforeNext(Attempt attempt, int retries, Instant now) {
    return switch (attempt) {
      case Attempt.Answered answer when mayRepeat(answer) ->
          Optional.of(RetryAfter.read(answer.headers(), now).orElseGet(() -> backoff(retries)));
      case Attempt.Unreached(Cause cause) when cause != Cause.TLS -> Optional.of(backoff(retries));
      // Once a byte of an answer came, the model has worked, and asking again would be paid again.
      case Attempt.Answered _,
          Attempt.Unreached _,
          Attempt.Streamed _,
          Attempt.BrokenOff _,
          Attempt.Garbled _,
          Attempt.TooLarge _ ->
          Optional.empty();
    };
  }

  private static boolean mayRepeat(Attempt.Answered answer) {
    int status = answer.status();
    if (status < 400 || (status == 429 && OpenAiReply.isQuota(answer))) {
      return false;
    }
    return switch (answer.headers().firstValue("x-should-retry").orElse("")) {
      case "true" -> true;
      case "false" -> false;
      default -> status == 408 || status == 409 || status == 429 || status >= 500;
    };
  }

  private Duration backoff(int retries) {
    long ceiling =
        Math.min(FIRST_CEILING.toNanos() << Math.min(retries, 10), LAST_CEILING.toNanos());
    return Duration.ofNanos(random.nextLong(ceiling + 1));
  }
}
