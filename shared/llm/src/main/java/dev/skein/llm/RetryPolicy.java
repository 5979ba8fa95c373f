package dev.skein.llm;

import dev.skein.llm.AttemptResult.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Decides whether an attempt is retried, and after which delay. As in OpenAI's own clients, what
 * the provider or its rate limit is to blame for is retried, unless {@code x-should-retry} says
 * otherwise. A 5xx that blames the request is retried once: a gateway may call anything that. Where
 * the provider names no delay, it is drawn from zero to a ceiling that doubles (full jitter), so
 * that many environments do not come back at the same moment. Silence is not retried: it has lasted
 * for a whole limit, and the caller would wait for another one.
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
      case AttemptResult.Answered answer when mayRepeat(answer, retries) ->
          Optional.of(RetryAfter.read(answer, now).orElseGet(() -> backoff(retries)));
      case AttemptResult.Unreached(Cause cause) when cause != Cause.TLS ->
          Optional.of(backoff(retries));
      // Once a reply has begun, the model has worked, and a retry would be billed again.
      case AttemptResult.Answered _,
          AttemptResult.Unreached _,
          AttemptResult.Silent _,
          AttemptResult.Streamed _,
          AttemptResult.BrokenOff _,
          AttemptResult.Garbled _,
          AttemptResult.TooLarge _,
          AttemptResult.Stopped _ ->
          Optional.empty();
    };
  }

  private static boolean mayRepeat(AttemptResult.Answered answer, int retries) {
    if (answer.status() < 400) {
      return false;
    }
    Blame blame = ErrorReply.blame(answer);
    if (answer.status() == 429 && blame == Blame.CREDENTIALS) {
      return false;
    }
    return switch (answer.headers().firstValue("x-should-retry").orElse("")) {
      case "true" -> true;
      case "false" -> false;
      default ->
          (blame == Blame.PROVIDER || blame == Blame.RATE_LIMIT)
              && (retries == 0 || !ErrorReply.blamesRequest(answer));
    };
  }

  private Duration backoff(int retries) {
    long ceiling =
        Math.min(FIRST_CEILING.toNanos() << Math.min(retries, 10), LAST_CEILING.toNanos());
    return Duration.ofNanos(random.nextLong(ceiling + 1));
  }
}
