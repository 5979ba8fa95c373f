package dev.skein.bench;

import java.time.Duration;
import java.util.List;

/** The durations of many measurements; at least one. */
record Spread(List<Duration> sorted) {

  Spread {
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("no durations");
    }
    sorted = sorted.stream().sorted().toList();
  }

  Duration min() {
    return sorted.getFirst();
  }

  Duration max() {
    return sorted.getLast();
  }

  /** Median, 99th percentile and maximum. */
  Duration[] summary() {
    return new Duration[] {median(), percentile(99), max()};
  }

  Duration median() {
    return percentile(50);
  }

  /**
   * The shortest of these durations that at least {@code percent} in a hundred do not exceed.
   *
   * @param percent 1 to 100
   */
  Duration percentile(int percent) {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("not a percentile: " + percent);
    }
    return sorted.get(Math.ceilDiv(sorted.size() * percent, 100) - 1);
  }
}
