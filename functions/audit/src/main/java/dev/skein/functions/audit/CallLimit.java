package dev.skein.functions.audit;

import dev.skein.base.Deadline;
import java.time.Duration;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The time that one call of the table may take, including its retries. */
final class CallLimit {
  private CallLimit() {}

  /**
   * What is left until the deadline, and at most {@code max}. Always positive.
   *
   * @throws SdkClientException if no time is left
   */
  static Duration of(Deadline deadline, Duration max) {
    Duration left = deadline.remaining();
    if (!left.isPositive()) {
      throw SdkClientException.create("no time left");
    }
    return left.compareTo(max) < 0 ? left : max;
  }
}
