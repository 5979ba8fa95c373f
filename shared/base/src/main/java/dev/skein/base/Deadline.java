package dev.skein.base;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time by which something must be done. Immutable and thread-safe.
 *
 * <p>It is measured on a monotonic clock, so that a step of the wall clock does not move it.
 */
public final class Deadline {
  private final long atNanos;
  private final LongSupplier nanoTime;

  private Deadline(long atNanos, LongSupplier nanoTime) {
    this.atNanos = atNanos;
    this.nanoTime = nanoTime;
  }

  /**
   * The deadline {@code wait} from now.
   *
   * @param wait may be zero or negative: the deadline has then passed already
   * @param nanoTime a monotonic clock in nanoseconds, such as {@link System#nanoTime}
   */
  public static Deadline in(Duration wait, LongSupplier nanoTime) {
    return new Deadline(nanoTime.getAsLong() + wait.toNanos(), nanoTime);
  }

  /** The time left; negative once the deadline has passed. */
  public Duration remaining() {
    return Duration.ofNanos(atNanos - nanoTime.getAsLong());
  }

  /** Whether no time is left. */
  public boolean hasPassed() {
    return atNanos - nanoTime.getAsLong() <= 0;
  }

  /** Whether a wait of this length would end before the deadline. */
  public boolean leavesRoomFor(Duration wait) {
    return remaining().compareTo(wait) > 0;
  }

  /** This deadline or the one {@code wait} from now, whichever is earlier. */
  public Deadline atMost(Duration wait) {
    return leavesRoomFor(wait) ? in(wait, nanoTime) : this;
  }

  /** This deadline moved forward by {@code reserve}, which leaves time for later work. */
  public Deadline less(Duration reserve) {
    return new Deadline(atNanos - reserve.toNanos(), nanoTime);
  }
}
