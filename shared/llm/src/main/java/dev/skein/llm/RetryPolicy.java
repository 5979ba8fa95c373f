package dev.skein.llm;

import dev.skein.llm.AttemptResult.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides whether an attempt is retried, and after which delay. The statuses and headers are those
 * that OpenAI's own clients obey: 408, 409, 429 and 500 and above, unless {@code x-should-retry}
 * says otherwise. Where the provider names no delay, it is drawn from zero to a ceiling that
 * doubles (full jitter), so that many environments do not come back at the same moment. Silence is
 * not retried: it has lasted for a whole limit, and the caller would wait for another one.
 *
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">
 *     Exponential backoff and jitter</a>
 */
final class RetryPolicy {
  private static final Duration FIRST_CEILING = Duration.ofMillis(500);
  private static final Duration LAST_CEILING = Duration.ofSeconds(8);

  private final RandomGenerator random;

  RetryPolicy(RandomGenerator random) {
    this.random = random;
  }

  /**
   * The delay before the next attempt.
   *
   * @param retries how many retries were made so far, from 0
   * @return empty when the attempt is not to be retried
   */
  Optional<Duration> delayBeforeNext(AttemptResult result, int retries, Instant now) {
    return switch (result) {
      case AttemptResult.Answered answer when mayRepeat(answer) ->
          Optional.of(RetryAfter.read(answer.headers(), now).orElseGet(() -> backoff(retries)));
      case AttemptResult.Unreached(Cause cause)
          when cause == Cause.CONNECT || cause == Cause.CLOSED ->
          Optional.of(backoff(retries));
      // Once a reply has begun, the model has worked, and a retry would be billed again.
      case AttemptResult.Answered _,
          AttemptResult.Unreached _,
          AttemptResult.Streamed _,
          AttemptResult.BrokenOff _,
          AttemptResult.Garbled _,
          AttemptResult.TooLarge _,
          AttemptResult.Stopped _ ->
          Optional.empty();
    };
  }

  private static boolean mayRepeat(AttemptResult.Answered answer) {
    int status = answer.status();
    if (status < 400 || (status == 429 && ErrorReply.isQuota(answer))) {
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
