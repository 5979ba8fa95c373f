package dev.skein.aws;

import dev.skein.aws.AwsReply.NoReply;
import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.aws.AwsReply.Success;
import java.time.Duration;
import java.util.Optional;

/** Which replies are retried, and after how long: exponential backoff with full jitter. */
final class RetryBackoff {
  private static final Duration BASE = Duration.ofMillis(100);
  static final Duration THROTTLED = Duration.ofMillis(500);

  private RetryBackoff() {}

  /**
   * The wait before the next attempt; empty if the reply is final.
   *
   * @param attempt the number of the attempt that got this reply, from 1
   * @param random from 0 to 1
   */
  static Optional<Duration> before(int attempt, AwsReply reply, double random) {
    return switch (reply) {
      case Success _ -> Optional.empty();
      // An idle connection that was closed meanwhile says nothing about the service.
      case NoReply _ ->
          Optional.of(attempt == 1 ? Duration.ZERO : jittered(BASE, attempt - 1, random));
      case ServiceError error when AwsErrors.isThrottling(error) ->
          Optional.of(jittered(THROTTLED, attempt, random));
      case ServiceError error when AwsErrors.isTransient(error) ->
          Optional.of(jittered(BASE, attempt, random));
      case ServiceError _ -> Optional.empty();
    };
  }

  private static Duration jittered(Duration base, int exponent, double random) {
    return Duration.ofMillis((long) (random * base.toMillis() * (1L << (exponent - 1))));
  }
}
