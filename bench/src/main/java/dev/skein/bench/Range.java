package dev.skein.bench;

import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;

/** Median, smallest and largest of some figures. */
record Range(double median, double min, double max) {

  /** Of at least one figure; the median of an even number is the lower middle one. */
  static Range of(Collection<? extends Number> figures) {
    if (figures.isEmpty()) {
      throw new IllegalArgumentException("no figures");
    }
    double[] sorted = figures.stream().mapToDouble(Number::doubleValue).sorted().toArray();
    return new Range(sorted[(sorted.length - 1) / 2], sorted[0], sorted[sorted.length - 1]);
  }

  /** Of times, in milliseconds. */
  static <T> Range millis(Collection<T> results, Function<T, Duration> time) {
    return of(results.stream().map(it -> time.apply(it).toNanos() / 1e6).toList());
  }

  /** For example {@code 12.3 (11.9 to 14.0)}; a single figure stands alone. */
  String text(int decimals) {
    String number = "%." + decimals + "f";
    return min == max
        ? String.format(Locale.ROOT, number, median)
        : String.format(
            Locale.ROOT, number + " (" + number + " to " + number + ")", median, min, max);
  }
}
