package dev.skein.functions.audit;

import dev.skein.api.Problem;
import dev.skein.api.Problem.FieldError;
import dev.skein.api.RefusedException;
import dev.skein.base.Log;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the query of {@code GET /audit}; what does not fit is collected and refused at once. Not
 * thread-safe: made for one request.
 */
final class QueryParameters {
  private static final Set<String> KNOWN = Set.of("user_id", "from", "to", "limit", "cursor");
  private static final int MAX_USER_ID = 128;
  private static final int MAX_LIMIT = 100;
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_ERRORS = 20;
  private static final int MAX_ECHO = 64;
  private static final int TIME_LENGTH = "2026-01-01T00:00:00.000Z".length();

  private final Map<String, String> parameters;
  private final List<FieldError> errors = new ArrayList<>();

  private QueryParameters(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /**
   * The query in a request's parameters.
   *
   * @throws RefusedException with every misfit, and every parameter that nobody asked for (422)
   */
  static AuditQuery read(Map<String, String> parameters) throws RefusedException {
    return new QueryParameters(parameters).query();
  }

  private AuditQuery query() throws RefusedException {
    parameters.keySet().stream()
        .filter(name -> !KNOWN.contains(name))
        .sorted()
        .forEach(name -> misfit(name, "is not a parameter of this route"));
    var first = new AuditQuery(userId(), time("from"), time("to"), limit(), Optional.empty());
    if (first.from().isPresent()
        && first.to().isPresent()
        && !first.from().get().isBefore(first.to().get())) {
      misfit("to", "must be later than from");
    }
    // A cursor is of a whole query: with another misfit it cannot fit.
    var query =
        errors.isEmpty() && parameters.containsKey("cursor")
            ? first.at(parameters.get("cursor"))
            : Optional.of(first);
    if (query.isEmpty()) {
      misfit("cursor", "must be the next_cursor of a page with the same user_id, from and to");
    }
    if (!errors.isEmpty()) {
      throw new RefusedException(Problem.invalidRequest(errors));
    }
    return query.orElseThrow();
  }

  private Optional<String> userId() {
    var userId = Optional.ofNullable(parameters.get("user_id"));
    if (userId
        .filter(id -> id.isEmpty() || id.codePointCount(0, id.length()) > MAX_USER_ID)
        .isPresent()) {
      misfit("user_id", "must be a text of 1 to %d characters".formatted(MAX_USER_ID));
    }
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
      // Told below, in the same words as a number out of range.
    }
    misfit("limit", "must be a whole number from 1 to %d".formatted(MAX_LIMIT));
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
      Instant millis = time.truncatedTo(ChronoUnit.MILLIS);
      // A record's time is in whole milliseconds: before or after a part of one is the same as
      // before or after the next whole one.
      Instant whole = millis.equals(time) ? time : millis.plus(Duration.ofMillis(1));
      // A year of more or less than four digits breaks the order of times as texts.
      if (Log.timestamp(whole).length() == TIME_LENGTH) {
        return Optional.of(whole);
      }
    } catch (DateTimeException e) {
      // Told below.
    }
    misfit(name, "must be a date or a time such as 2026-01-31 or 2026-01-31T12:00:00Z");
    return Optional.empty();
  }

  private void misfit(String name, String detail) {
    if (errors.size() < MAX_ERRORS) {
      String shown = name.length() <= MAX_ECHO ? name : name.substring(0, MAX_ECHO) + "...";
      String pointer = "/" + shown.replace("~", "~0").replace("/", "~1");
      errors.add(new FieldError(pointer, detail));
    }
  }
}
