package dev.skein.functions.audit;

import dev.skein.base.Log;
import dev.skein.functions.audit.AuditQuery.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What {@code GET /audit/summary} sums up. Immutable.
 *
 * @param filters the value that each of these fields has in all records; empty for all records
 * @param from the earliest time, inclusive, in whole milliseconds
 * @param to the latest time, exclusive, in whole milliseconds, later than {@code from}
 * @param interval the length of a bucket of time, in whole seconds. Buckets begin at its multiples
 *     since 1970-01-01T00:00:00Z, so the first may begin before {@code from}
 * @param histograms whether each bucket has the histograms of its times
 */
record SummaryQuery(
    Map<AuditFilter, String> filters,
    Instant from,
    Instant to,
    Duration interval,
    boolean histograms) {
  static final Duration MIN_INTERVAL = Duration.ofMinutes(1);
  static final Duration MAX_INTERVAL = Duration.ofDays(31);
  private static final int MAX_BUCKETS = 500;

  /** Each takes up to 60 KB, and Lambda returns 6 MB. */
  private static final int MAX_HISTOGRAMS = 100;

  static final List<AuditFilter> FILTERS =
      List.of(
          AuditFilter.USER_ID,
          AuditFilter.IDENTITY,
          AuditFilter.MODEL,
          AuditFilter.STATUS,
          AuditFilter.ERROR);

  private static final int DEFAULT_BUCKETS = 60;
  private static final List<Duration> DEFAULTS =
      List.of(
          MIN_INTERVAL,
          Duration.ofMinutes(5),
          Duration.ofMinutes(15),
          Duration.ofHours(1),
          Duration.ofHours(6),
          Duration.ofDays(1),
          Duration.ofDays(7));

  SummaryQuery {
    filters = Map.copyOf(filters);
  }

  /** A query with the shortest interval of {@code DEFAULTS} that makes at most 60 buckets. */
  static SummaryQuery of(
      Map<AuditFilter, String> filters, Instant from, Instant to, boolean histograms) {
    for (Duration interval : DEFAULTS) {
      var query = new SummaryQuery(filters, from, to, interval, histograms);
      if (query.buckets() <= DEFAULT_BUCKETS) {
        return query;
      }
    }
    return new SummaryQuery(filters, from, to, MAX_INTERVAL, histograms);
  }

  /** How many buckets the range may have. */
  int maxBuckets() {
    return histograms ? MAX_HISTOGRAMS : MAX_BUCKETS;
  }

  /** How many buckets the range has, at least 1. */
  long buckets() {
    return number(to.minusMillis(1)) - number(from) + 1;
  }

  /** The bucket of a time in the range, from 0. */
  int bucket(Instant time) {
    return (int) (number(time) - number(from));
  }

  /** When a bucket begins. */
  Instant start(int bucket) {
    return Instant.ofEpochMilli((number(from) + bucket) * interval.toMillis());
  }

  private long number(Instant time) {
    return Math.floorDiv(time.toEpochMilli(), interval.toMillis());
  }

  /** The keys of the range. */
  Range range() {
    return new Range(Log.timestamp(from), Log.timestamp(to));
  }
}
