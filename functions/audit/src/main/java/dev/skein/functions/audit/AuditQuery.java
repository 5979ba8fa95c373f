package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * A query of the audit trail. Immutable.
 *
 * @param filters the value that each of these fields has in all records; empty for all records
 * @param from the earliest time, inclusive, in whole milliseconds; empty for all that is retained
 * @param to the latest time, exclusive, in whole milliseconds; empty for now
 * @param limit the maximum number of records, at least 1
 * @param position where the page begins; empty for the first page
 */
record AuditQuery(
    Map<AuditFilter, String> filters,
    Optional<Instant> from,
    Optional<Instant> to,
    int limit,
    Optional<Position> position) {

  /** How far in the future the timestamp of a record may be, because clocks differ. */
  private static final Duration CLOCK_SKEW = Duration.ofDays(1);

  /**
   * The age from which an intent is incomplete: the longest time limit of a function, and five
   * minutes for the queue.
   */
  static final Duration INCOMPLETE_AFTER = Duration.ofMinutes(20);

  AuditQuery {
    filters = Map.copyOf(filters);
  }

  /**
   * Where a page begins.
   *
   * @param key a key of the index, or a time: the page has no newer records
   * @param after whether the record with this key was on an earlier page, or was rejected
   */
  record Position(String key, boolean after) {}

  /**
   * A range of the index's sort key, from {@code lower} to {@code upper}, both inclusive. Every key
   * is longer than its time, so an upper bound that is only a time excludes the records of that
   * time.
   */
  record Range(String lower, String upper) {
    boolean isEmpty() {
      return lower.compareTo(upper) >= 0;
    }
  }

  /**
   * The range of this page.
   *
   * @param retention how far back the range goes if the query has no {@code from}
   */
  Range range(Instant now, Duration retention) {
    // There are no records outside of these two.
    Instant oldest = now.minus(TableConfig.MAX_RETENTION);
    Instant newest =
        filters.containsKey(AuditFilter.PHASE) ? now.minus(INCOMPLETE_AFTER) : now.plus(CLOCK_SKEW);
    String lower = Log.timestamp(later(from.orElse(now.minus(retention)), oldest));
    Instant end = to.orElse(now);
    String upper = Log.timestamp(end.isBefore(newest) ? end : newest);
    return new Range(
        lower, position.map(Position::key).filter(key -> key.compareTo(upper) < 0).orElse(upper));
  }

  /**
   * An opaque cursor for the page of this query that begins at {@code position}. It is valid only
   * with the same query, and a forged one can only name another position in that query.
   */
  String cursor(Position position) {
    var json = Json.object();
    for (AuditFilter filter : AuditFilter.values()) {
      json.put(filter.parameter(), filters.get(filter));
    }
    json.put("from", from.map(Log::timestamp).orElse(null));
    json.put("to", to.map(Log::timestamp).orElse(null));
    json.put("position", position.key()).put("after", position.after());
    byte[] text = Json.STRICT.write(json).getBytes(StandardCharsets.US_ASCII);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  /** The page at {@code cursor}; empty if it is not a cursor of this query. */
  Optional<AuditQuery> at(String cursor) {
    try {
      byte[] text = Base64.getUrlDecoder().decode(cursor);
      JsonNode json = Json.STRICT.parse(ByteBuffer.wrap(text));
      return Optional.of(json.path("position").asText())
          .filter(AuditItem::isKey)
          .map(key -> new Position(key, json.path("after").asBoolean()))
          // Accepts only what this query itself would return, so nothing else is checked.
          .filter(position -> cursor(position).equals(cursor))
          .map(position -> new AuditQuery(filters, from, to, limit, Optional.of(position)));
    } catch (IllegalArgumentException | MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
