package dev.skein.pricing;

/**
 * A cost of which only the bounds are known.
 *
 * @param low what was spent at least
 * @param high what was spent at most, not less than {@code low}
 */
public record CostRange(NanoUsd low, NanoUsd high) {
  public CostRange {
    if (low.compareTo(high) > 0) {
      throw new IllegalArgumentException("from " + low + " to " + high + " is no range");
    }
  }

  /** A cost that is known exactly. */
  public static CostRange of(NanoUsd cost) {
    return new CostRange(cost, cost);
  }

  /**
   * The bounds of both costs together.
   *
   * @throws ArithmeticException if they are too large
   */
  public CostRange plus(CostRange other) {
    return new CostRange(low.plus(other.low), high.plus(other.high));
  }
}
