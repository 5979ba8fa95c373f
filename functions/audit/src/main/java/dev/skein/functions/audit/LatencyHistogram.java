package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import org.jspecify.annotations.Nullable;

/**
 * A histogram of times in whole milliseconds, whose percentiles differ by at most 1/128 (0.8 %)
 * from those by nearest rank, and not at all below 128 ms. Histograms can be added to each other
 * without a loss. It takes at most 7 KB for any number of values. Not thread-safe.
 *
 * <p>It is log-linear, as <a href="https://github.com/HdrHistogram/HdrHistogram">HdrHistogram</a>
 * is: each power of two is divided into 64 buckets of equal width, and a bucket stands for its
 * middle.
 */
final class LatencyHistogram {
  /** Longer times are counted as this one, which is 12 days. */
  static final long MAX = (1L << 30) - 1;

  private static final int BITS = 6;
  private static final int WIDTH = 1 << BITS;

  /** The first has the values below 64, and each other one a power of two; null while empty. */
  private final int[] @Nullable [] rows = new int[row(MAX) + 1][];

  private long count;

  /**
   * Adds a time.
   *
   * @param millis at least 0
   */
  void add(long millis) {
    long value = Math.min(millis, MAX);
    int row = row(value);
    counts(row)[(int) (value >> shift(row)) & (WIDTH - 1)]++;
    count++;
  }

  /** Adds all times of another histogram. */
  void add(LatencyHistogram other) {
    for (int row = 0; row < rows.length; row++) {
      int[] added = other.rows[row];
      if (added != null) {
        int[] counts = counts(row);
        for (int i = 0; i < WIDTH; i++) {
          counts[i] += added[i];
        }
      }
    }
    count += other.count;
  }

  /** The percentile by nearest rank, in milliseconds; null if there are no times. */
  @Nullable Long percentile(int percent) {
    long missing = Math.ceilDiv(count * percent, 100L);
    for (int row = 0; row < rows.length; row++) {
      int[] counts = rows[row];
      for (int i = 0; counts != null && i < WIDTH; i++) {
        missing -= counts[i];
        if (missing <= 0 && counts[i] > 0) {
          return middle(row, i);
        }
      }
    }
    return null;
  }

  /** Adds a pair for each bucket that has values: its middle in milliseconds, and their number. */
  void writeTo(ArrayNode json) {
    for (int row = 0; row < rows.length; row++) {
      int[] counts = rows[row];
      for (int i = 0; counts != null && i < WIDTH; i++) {
        if (counts[i] > 0) {
          json.addArray().add(middle(row, i)).add(counts[i]);
        }
      }
    }
  }

  private int[] counts(int row) {
    int[] counts = rows[row];
    if (counts == null) {
      counts = new int[WIDTH];
      rows[row] = counts;
    }
    return counts;
  }

  private static int row(long value) {
    return Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - BITS);
  }

  /** The binary logarithm of the width of a row's buckets. */
  private static int shift(int row) {
    return Math.max(0, row - 1);
  }

  private static long middle(int row, int bucket) {
    long first = row == 0 ? bucket : (long) (WIDTH + bucket) << shift(row);
    return first + ((1L << shift(row)) >> 1);
  }
}
