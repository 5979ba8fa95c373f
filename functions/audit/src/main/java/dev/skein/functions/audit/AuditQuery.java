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
import java.util.Optional;

/**
 * What a caller asks of the trail: immutable.
 *
 * @param userId of whom; empty for all
 * @param from the earliest time, inclusive, in whole milliseconds; empty for all that is kept
 * @param to the end, exclusive, in whole milliseconds; empty for now
 * @param limit the most records on a page, 1 to 100
 * @param position where the page begins: a key of the index, or the time before which all is still
 *     to be looked at; empty for the first page
 */
record AuditQuery(
    Optional<String> userId,
    Optional<Instant> from,
    Optional<Instant> to,
    int limit,
    Optional<String> position) {

  /** Clocks differ: a record may be of a time that has not come yet, but hardly by more. */
  private static final Duration CLOCK_SKEW = Duration.ofDays(1);

  /**
   * The part of the index's sort key that a page may hold; both ends are inclusive, and as every
   * key goes on after its time, an end that is a bare time is exclusive above. Empty when {@code
   * lower} is not below {@code upper}.
   */
  record Range(String lower, String upper) {
    boolean isEmpty() {
      return lower.compareTo(upper) >= 0;
    }
  }

  /**
   * The range of this page.
   *
   * @param retention how far back it goes where the query names no time
   */
  Range range(Instant now, Duration retention) {
    // Beyond these two nothing is kept, and days without end would be looked through in vain.
    Instant oldest = now.minus(TableConfig.MAX_RETENTION);
    Instant newest = now.plus(CLOCK_SKEW);
    String lower = Log.timestamp(later(from.orElse(now.minus(retention)), oldest));
    Instant end = to.orElse(now);
    String upper = Log.timestamp(end.isBefore(newest) ? end : newest);
    return new Range(lower, position.filter(key -> key.compareTo(upper) < 0).orElse(upper));
  }

  /**
   * The page that begins at {@code position} of the same query, as an opaque text: with another
   * query it is refused, and a forged one can only name another position.
   */
  String cursor(String position) {
    var json = Json.object();
    json.put("user_id", userId.orElse(null));
    json.put("from", from.map(Log::timestamp).orElse(null));
    json.put("to", to.map(Log::timestamp).orElse(null));
    json.put("position", position);
    byte[] text = Json.STRICT.write(json).getBytes(StandardCharsets.US_ASCII);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
  }

  /** The page that {@code cursor} names; empty when it is not a cursor of this query. */
  Optional<AuditQuery> at(String cursor) {
    try {
      byte[] text = Base64.getUrlDecoder().decode(cursor);
      JsonNode key = Json.STRICT.parse(ByteBuffer.wrap(text)).path("position");
      return Optional.of(key.asText())
          .filter(AuditItem::isKey)
          // Only what this query would write itself: nothing else needs to be checked.
          .filter(position -> cursor(position).equals(cursor))
          .map(position -> new AuditQuery(userId, from, to, limit, Optional.of(position)));
    } catch (IllegalArgumentException | MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
