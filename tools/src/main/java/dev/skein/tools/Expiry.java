package dev.skein.tools;

import java.time.Duration;
import java.time.Instant;

/**
 * Tells what may have expired, or may not be linked yet, from what was deleted or inserted.
 *
 * @param newest when the export's newest link was written
 * @param settling how long a record may be without a link
 * @param retention how long records and links are kept
 */
record Expiry(Instant newest, Duration settling, Duration retention) {
  /** As long as a message can have been in the dead-letter queue. */
  private static final Duration LONGEST_DELAY = Duration.ofDays(14);

  /** Whether what was written at this time has expired, if it came late by what a message can. */
  boolean hasExpired(Instant writtenAt) {
    return mayHaveExpired(writtenAt, Duration.ZERO);
  }

  /** Whether what was written before this time has expired, if nothing was for twice the pause. */
  boolean mayHaveExpired(Instant writtenAt, Duration pause) {
    var slack = max(min(LONGEST_DELAY, retention.dividedBy(2)), pause.multipliedBy(2));
    return !writtenAt.plus(retention).minus(slack).isAfter(newest);
  }

  /** Whether something of this time may be in only one of two places. A future time may not. */
  boolean isSettling(Instant time) {
    return !time.isBefore(newest.minus(settling)) && !time.isAfter(newest.plus(settling));
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
