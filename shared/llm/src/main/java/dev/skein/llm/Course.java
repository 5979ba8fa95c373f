package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.Attempt.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a call stands: at which endpoint, with how many retries behind it, and how much of the
 * deadline that endpoint may use. Not thread-safe: the steps of a call follow each other.
 */
final class Course {
  private final CallEnvironment environment;
  private final Deadline deadline;
  private int index = -1;
  private int retries;
  private boolean staleMet;
  private Deadline share;

  /** A course before its first endpoint. */
  Course(CallEnvironment environment, Deadline deadline) {
    this.environment = environment;
    this.deadline = deadline;
    this.share = deadline;
  }

  /** Goes on to the next endpoint that is not shut out; returns whether there is one. */
  boolean advance() {
    int count = environment.endpoints().size();
    for (index++; index < count; index++) {
      if (endpoint().breaker().admits()) {
        // A silent endpoint leaves each of the others as much time as it has itself.
        share = deadline.atMost(deadline.remaining().dividedBy(count - index));
        retries = 0;
        staleMet = false;
        return true;
      }
    }
    return false;
  }

  /** The endpoint at which the call is. */
  Endpoint endpoint() {
    return environment.endpoints().get(index);
  }

  /** What is left of the time that the endpoint may use. */
  Duration share() {
    return share.remaining();
  }

  /** How long an attempt that begins now may be without an answer. */
  Duration silenceAllowed() {
    Duration left = share();
    Duration limit = environment.limits().firstByte();
    return limit.compareTo(left) < 0 ? limit : left;
  }

  /**
   * The wait before the same endpoint is tried once more; counts as a retry when there is one.
   *
   * @param reused whether the attempt's connection came from the pool
   * @return empty when the endpoint is not to be tried again
   */
  Optional<Duration> waitBeforeRetry(Attempt attempt, boolean reused, Instant now) {
    if (reused && !staleMet && attempt.equals(new Attempt.Unreached(Cause.CLOSED))) {
      // It died while nobody looked, which is no fault of the endpoint's: free, and at once.
      staleMet = true;
      return Optional.of(Duration.ZERO);
    }
    if (retries == environment.limits().maxRetries()) {
      return Optional.empty();
    }
    var wait =
        environment
            .world()
            .rules()
            .waitBeforeNext(attempt, retries, now)
            .filter(share::leavesRoomFor)
            .filter(_ -> environment.budget().spend());
    retries += wait.isPresent() ? 1 : 0;
    return wait;
  }

  /** When the first of the endpoints will be probed, which are all shut out. */
  Duration untilProbe() {
    return environment.endpoints().stream()
        .map(endpoint -> endpoint.breaker().untilProbe())
        .filter(Duration::isPositive)
        .min(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
