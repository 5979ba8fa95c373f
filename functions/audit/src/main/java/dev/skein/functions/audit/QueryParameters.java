package dev.skein.functions.audit;

import static dev.skein.api.FieldErrors.pointer;

import dev.skein.api.FieldErrors;
import dev.skein.api.RefusedException;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Log;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the query parameters of {@code GET /audit} and reports all that are invalid at once. Not
 * thread-safe: one instance serves one request.
 */
final class QueryParameters {
  private static final Set<String> KNOWN = Set.of("user_id", "from", "to", "limit", "cursor");
  private static final int MAX_USER_ID = 128;
  private static final int MAX_LIMIT = 100;
  private static final int DEFAULT_LIMIT = 20;

  private final Map<String, String> parameters;
  private final FieldErrors errors = new FieldErrors();

  private QueryParameters(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /**
   * The query in a request's parameters.
   *
   * @throws RefusedException with every invalid or unknown parameter (422)
   */
  static AuditQuery read(Map<String, String> parameters) throws RefusedException {
    return new QueryParameters(parameters).query();
  }

  private AuditQuery query() throws RefusedException {
    parameters.keySet().stream()
        .filter(name -> !KNOWN.contains(name))
        .sorted()
        .forEach(name -> errors.add(pointer(name), "is not a parameter of this route"));
    var first = new AuditQuery(userId(), time("from"), time("to"), limit(), Optional.empty());
    if (first.from().isPresent()
        && first.to().filter(to -> !to.isAfter(first.from().get())).isPresent()) {
      errors.add("/to", "must be later than from");
    }
    // A cursor belongs to a whole query: it is checked only if the rest is valid.
    errors.check();
    String cursor = parameters.get("cursor");
    var query = cursor == null ? Optional.of(first) : first.at(cursor);
    if (query.isEmpty()) {
      errors.add("/cursor", "must be the next_cursor of a page with the same user_id, from and to");
    }
    errors.check();
    return query.orElseThrow();
  }

  private Optional<String> userId() {
    var userId = Optional.ofNullable(parameters.get("user_id"));
    userId
        .filter(id -> id.isEmpty() || id.codePointCount(0, id.length()) > MAX_USER_ID)
        .ifPresent(
            _ ->
                errors.add(
                    "/user_id", "must be a string of 1 to %d characters".formatted(MAX_USER_ID)));
    return userId;
  }

  private int limit() {
    String text = parameters.getOrDefault("limit", Integer.toString(DEFAULT_LIMIT));
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MAX_LIMIT) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    errors.add("/limit", "must be an integer from 1 to %d".formatted(MAX_LIMIT));
    return DEFAULT_LIMIT;
  }

  private Optional<Instant> time(String name) {
    String text = parameters.get(name);
    if (text == null) {
      return Optional.empty();
    }
    try {
      Instant time =
          text.contains("T")
              ? Instant.parse(text)
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      // Records have whole milliseconds: a bound within one means the same as the next whole one.
      Instant millis = time.truncatedTo(ChronoUnit.MILLIS);
      Instant bound = millis.equals(time) ? time : millis.plusMillis(1);
      // Only years of four digits sort as text in the order of time.
      if (AuditRecord.parseTimestamp(Log.timestamp(bound)).isPresent()) {
        return Optional.of(bound);
      }
    } catch (DateTimeException e) {
      // Reported below, like a year out of range.
    }
    errors.add(
        pointer(name), "must be a date or a time such as 2026-01-31 or 2026-01-31T12:00:00Z");
    return Optional.empty();
  }
}
