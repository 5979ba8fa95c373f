package dev.skein.llm;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Skips an endpoint after too many consecutive failures. An open breaker stays open for two
 * seconds; then it admits one call as a probe, and another one every two seconds, until a call
 * succeeds and closes it. Two seconds is short enough to notice a recovery within five. Other calls
 * can wait for the probe's result, and a probe that never ends blocks nobody: the next one may
 * begin while it is still running. Failures are forgotten after a minute without another one: they
 * say nothing about an endpoint that nobody has called since. Thread-safe.
 *
 * @see <a href="https://learn.microsoft.com/en-us/azure/architecture/patterns/circuit-breaker">The
 *     circuit breaker pattern</a>
 */
final class CircuitBreaker {
  static final Duration WAIT_IN_OPEN_STATE = Duration.ofSeconds(2);
  static final Duration MEMORY = Duration.ofMinutes(1);

  private final int failureThreshold;
  private final LongSupplier nanoTime;
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private int failures;
  private long lastFailure;
  private long nextProbe;
  private int probes;
  private boolean failedSinceProbe;

  /**
   * A closed breaker.
   *
   * @param failureThreshold how many consecutive failures open it
   */
  CircuitBreaker(int failureThreshold, LongSupplier nanoTime) {
    this.failureThreshold = failureThreshold;
    this.nanoTime = nanoTime;
  }

  /** Whether a call may be sent. */
  enum Permission {
    GRANTED,
    /** The breaker is open and this call probes: {@link #endProbe} must follow. */
    PROBE,
    DENIED
  }

  /** Asks whether a call may be sent now. */
  synchronized Permission tryAcquire() {
    if (!isOpen()) {
      return Permission.GRANTED;
    }
    if (untilProbe().isPositive()) {
      return Permission.DENIED;
    }
    scheduleProbe();
    probes++;
    failedSinceProbe = false;
    return Permission.PROBE;
  }

  /**
   * A probe has ended; what it says about the endpoint was recorded. If it says nothing, such as
   * one that was abandoned, the next one may begin at once.
   */
  synchronized void endProbe() {
    probes--;
    if (!failedSinceProbe) {
      nextProbe = nanoTime.getAsLong();
    }
    wake();
  }

  /**
   * Waits for a probe that is in flight.
   *
   * @param wake called once, on any thread, when a probe has ended or the breaker is closed, even
   *     if its caller no longer waits by then; at once if a call would be admitted now. Awaiting
   *     again with the same one adds no second call.
   * @return false when no probe is in flight; {@code wake} is then not called
   */
  synchronized boolean awaitProbe(Runnable wake) {
    if (!untilProbe().isPositive()) {
      wake.run();
      return true;
    }
    if (probes > 0) {
      waiting.add(wake);
    }
    return probes > 0;
  }

  /** The time until the next probe; zero or negative when a call would be admitted now. */
  synchronized Duration untilProbe() {
    return isOpen() ? Duration.ofNanos(nextProbe - nanoTime.getAsLong()) : Duration.ZERO;
  }

  /**
   * The endpoint failed. On an open breaker this postpones no probe: calls that began long ago and
   * fail only now would postpone it again and again.
   */
  synchronized void recordFailure() {
    if (!isOpen()) {
      failures++;
      scheduleProbe();
    }
    failedSinceProbe = true;
    lastFailure = nanoTime.getAsLong();
  }

  /** The endpoint replied, if only with a 4xx. */
  synchronized void recordSuccess() {
    failures = 0;
    wake();
  }

  private boolean isOpen() {
    if (failures > 0 && nanoTime.getAsLong() - lastFailure >= MEMORY.toNanos()) {
      failures = 0;
    }
    return failures >= failureThreshold;
  }

  private void scheduleProbe() {
    nextProbe = nanoTime.getAsLong() + WAIT_IN_OPEN_STATE.toNanos();
  }

  private void wake() {
    waiting.forEach(Runnable::run);
    waiting.clear();
  }
}
