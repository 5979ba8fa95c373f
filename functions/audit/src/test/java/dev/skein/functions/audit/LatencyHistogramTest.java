package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LatencyHistogramTest {
  private static LatencyHistogram of(long... times) {
    var histogram = new LatencyHistogram();
    Arrays.stream(times).forEach(histogram::add);
    return histogram;
  }

  private static long percentile(LatencyHistogram of, int percent) {
    return Objects.requireNonNull(of.percentile(percent));
  }

  /** By nearest rank: the smallest value that is not below so many percent of all. */
  private static long exact(long[] times, int percent) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
  }

  @Test
  void withoutTimesThereAreNoPercentiles() {
    assertThat(of().percentile(50)).isNull();
    assertThat(of().percentile(100)).isNull();
  }

  @Test
  void timesBelow128MsAreExact() {
    for (long time = 0; time < 128; time++) {
      assertThat(of(time).percentile(50)).isEqualTo(time);
    }
  }

  @Test
  void everyTimeIsWithinABucketOfLessThanOnePercent() {
    for (long time = 1; time < LatencyHistogram.MAX; time += 1 + time / 200) {
      long found = percentile(of(time), 95);
      assertThat(128 * Math.abs(found - time))
          .as("%d ms is %d ms", time, found)
          .isLessThanOrEqualTo(time);
    }
  }

  @Test
  void longerTimesAreCountedAsTheLongest() {
    long longest = percentile(of(LatencyHistogram.MAX), 50);

    assertThat(of(Long.MAX_VALUE).percentile(50)).isEqualTo(longest);
    assertThat(128 * (LatencyHistogram.MAX - longest)).isBetween(0L, LatencyHistogram.MAX);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void percentilesOfRandomTimesAreWithinOnePercentOfTheNearestRank(long seed) {
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int count = 1 + random.nextInt(round < 100 ? 5 : 2000);
      double spread = random.nextDouble() * 20;
      long[] times = random.doubles(count).mapToLong(d -> (long) Math.exp(d * spread)).toArray();
      var all = new LatencyHistogram();
      var one = new LatencyHistogram();
      for (int i = 0; i < count; i++) {
        (i % 3 == 0 ? one : all).add(times[i]);
      }
      all.add(one);
      for (int percent : new int[] {1, 50, 95, 99, 100}) {
        long exact = exact(times, percent);
        assertThat(128 * Math.abs(percentile(all, percent) - exact))
            .as("seed %d, round %d, p%d of %d", seed, round, percent, count)
            .isLessThanOrEqualTo(exact);
      }
    }
  }
}
