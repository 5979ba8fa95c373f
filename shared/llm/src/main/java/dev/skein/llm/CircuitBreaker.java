package dev.skein.llm;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Skips an endpoint after too many consecutive failures. An open breaker stays open for two
 * seconds; then it admits one call as a probe, and another one every two seconds, until a call
 * succeeds and closes it. Two seconds is short enough to notice a recovery within five, and the
 * breaker does not have to remember who is probing: a probe that never ends blocks nobody.
 * Thread-safe.
 *
 * @see <a href="https://learn.microsoft.com/en-us/azure/architecture/patterns/circuit-breaker">The
 *     circuit breaker pattern</a>
 */
final class CircuitBreaker {
  static final Duration WAIT_IN_OPEN_STATE = Duration.ofSeconds(2);

  private final int failureThreshold;
  private final LongSupplier nanoTime;
  private int failures;
  private long nextProbe;

  /**
   * A closed breaker.
   *
   * @param failureThreshold how many consecutive failures open it
   */
  CircuitBreaker(int failureThreshold, LongSupplier nanoTime) {
    this.failureThreshold = failureThreshold;
    this.nanoTime = nanoTime;
  }

  /** Whether a call may be sent now; when the breaker is open, a call admitted is the probe. */
  synchronized boolean tryAcquire() {
    if (failures < failureThreshold) {
      return true;
    }
    if (untilProbe().isPositive()) {
      return false;
    }
    scheduleProbe();
    return true;
  }

  /** The time until the next probe; zero or negative when a call would be admitted now. */
  synchronized Duration untilProbe() {
    return failures < failureThreshold
        ? Duration.ZERO
        : Duration.ofNanos(nextProbe - nanoTime.getAsLong());
  }

  /**
   * The endpoint failed: a transport error, a reply that broke off or is not HTTP, a 408 or 5xx, or
   * silence. On an open breaker this postpones no probe: calls that began long ago and fail only
   * now would postpone it again and again.
   */
  synchronized void recordFailure() {
    if (failures < failureThreshold) {
      failures++;
      scheduleProbe();
    }
  }

  /** The endpoint replied, if only with a 4xx. */
  synchronized void recordSuccess() {
    failures = 0;
  }

  private void scheduleProbe() {
    nextProbe = nanoTime.getAsLong() + WAIT_IN_OPEN_STATE.toNanos();
  }
}
