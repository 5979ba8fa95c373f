package dev.skein.bench;

import java.time.Duration;
import java.util.List;

/** How long something took, over many times; never none. */
record Spread(List<Duration> sorted) {

  Spread {
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("a spread over no durations");
    }
    sorted = sorted.stream().sorted().toList();
  }

  Duration min() {
    return sorted.getFirst();
  }

  Duration max() {
    return sorted.getLast();
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
      throw new IllegalArgumentException("no percentile: " + percent);
    }
    return sorted.get(Math.ceilDiv(sorted.size() * percent, 100) - 1);
  }
}
