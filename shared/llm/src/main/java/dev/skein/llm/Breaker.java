package dev.skein.llm;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Skips an endpoint that has failed too often in a row. It stays shut out for two seconds; then one
 * call may probe it, and another one every two seconds, until any answer that is no fault opens the
 * way for all. It is short enough that a recovery is noticed within five seconds, and needs no
 * memory of who probes: a probe that never ends keeps nobody waiting. Thread-safe.
 *
 * @see <a href="https://learn.microsoft.com/en-us/azure/architecture/patterns/circuit-breaker">The
 *     circuit breaker pattern</a>
 */
final class Breaker {
  static final Duration PAUSE = Duration.ofSeconds(2);

  private final int limit;
  private final LongSupplier nanoTime;
  private int faults;
  private long nextProbe;

  /**
   * A breaker that lets everything pass.
   *
   * @param limit how many consecutive faults shut the endpoint out
   */
  Breaker(int limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.nanoTime = nanoTime;
  }

  /**
   * Whether a call may go to the endpoint now; if so as a probe, it is the only one for a while.
   */
  synchronized boolean admits() {
    if (faults < limit) {
      return true;
    }
    if (untilProbe().isPositive()) {
      return false;
    }
    pause();
    return true;
  }

  /** How long until the next probe; zero or less when a call may pass. */
  synchronized Duration untilProbe() {
    return faults < limit ? Duration.ZERO : Duration.ofNanos(nextProbe - nanoTime.getAsLong());
  }

  /**
   * The endpoint failed: a transport fault, a 5xx, or silence. Once it is shut out this moves no
   * probe: the silence of calls that began long ago would put the next one off again and again.
   */
  synchronized void fault() {
    if (faults < limit) {
      faults++;
      pause();
    }
  }

  /** The endpoint answered, if only to say no. */
  synchronized void sound() {
    faults = 0;
  }

  private void pause() {
    nextProbe = nanoTime.getAsLong() + PAUSE.toNanos();
  }
}
