package dev.skein.functions.audit;

import static dev.skein.api.FieldErrors.pointer;

import dev.skein.api.ApiRequest;
import dev.skein.api.FieldErrors;
import dev.skein.api.RefusedException;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Log;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the query parameters of {@code GET /audit} and {@code GET /audit/summary}, and reports all
 * that are invalid at once. Not thread-safe: one instance serves one request.
 */
final class QueryParameters {
  /** The parameters that select one record. */
  private static final Set<String> OF_ONE = Set.of("audit_id", "content");

  private static final Set<String> KNOWN = known();
  private static final Set<String> OF_SUMMARY = ofSummary();

  /** The range of a summary if the parameters do not say it. */
  private static final Duration SUMMARY_RANGE = Duration.ofDays(1);

  private static final int MAX_PAGE = 100;
  private static final int DEFAULT_PAGE = 20;

  private final Map<String, String> parameters;
  private final boolean export;
  private final FieldErrors errors = new FieldErrors();

  private QueryParameters(ApiRequest request, boolean export) {
    this.parameters = request.query();
    this.export = export;
    checkRepeated(request, errors);
  }

  /** What is read. */
  sealed interface Selection permits One, Many {}

  /** One record by its ID, with its content or without. */
  record One(String auditId, boolean content) implements Selection {}

  /** The records of a query. */
  record Many(AuditQuery query) implements Selection {}

  /**
   * Adds an error for each parameter that is there more than once, of whose values only the last
   * would count.
   */
  static void checkRepeated(ApiRequest request, FieldErrors errors) {
    request.repeated().stream()
        .sorted()
        .forEach(name -> errors.add(pointer(name), "must not be repeated"));
  }

  private static Set<String> known() {
    var known = new HashSet<>(OF_ONE);
    known.addAll(List.of("from", "to", "limit", "cursor"));
    Arrays.stream(AuditFilter.values()).map(AuditFilter::parameter).forEach(known::add);
    return known;
  }

  private static Set<String> ofSummary() {
    var known = new HashSet<>(List.of("from", "to", "interval", "histograms"));
    SummaryQuery.FILTERS.stream().map(AuditFilter::parameter).forEach(known::add);
    return known;
  }

  /**
   * The selection in a request's parameters.
   *
   * @param export whether all records are read unless the parameters limit them, or one page
   * @throws RefusedException with every invalid or unknown parameter (422)
   */
  static Selection read(ApiRequest request, boolean export) throws RefusedException {
    return new QueryParameters(request, export).selection();
  }

  /**
   * Checks that a request has no parameters.
   *
   * @throws RefusedException with every parameter (422)
   */
  static void requireNone(ApiRequest request) throws RefusedException {
    var read = new QueryParameters(request, false);
    read.refuseUnknown(Set.of());
    read.errors.check();
  }

  private void refuseUnknown(Set<String> known) {
    parameters.keySet().stream()
        .filter(name -> !known.contains(name))
        .sorted()
        .forEach(name -> errors.add(pointer(name), "is not a parameter of this route"));
  }

  /**
   * The query in the parameters of {@code GET /audit/summary}.
   *
   * @throws RefusedException with every invalid or unknown parameter (422)
   */
  static SummaryQuery summary(ApiRequest request, Instant now) throws RefusedException {
    return new QueryParameters(request, false).summary(now.truncatedTo(ChronoUnit.MILLIS));
  }

  private SummaryQuery summary(Instant now) throws RefusedException {
    refuseUnknown(OF_SUMMARY);
    Instant to = time("to").orElse(now);
    Instant from = time("from").orElse(to.minus(SUMMARY_RANGE));
    Optional<Duration> interval = interval();
    boolean histograms = isTrue("histograms");
    var filters = filters();
    errors.check();
    if (!from.isBefore(to)) {
      boolean until = parameters.containsKey("to");
      errors.add(
          until ? "/to" : "/from", until ? "must be later than from" : "must be in the past");
    }
    errors.check();
    var query =
        interval
            .map(given -> new SummaryQuery(filters, from, to, given, histograms))
            .orElseGet(() -> SummaryQuery.of(filters, from, to, histograms));
    if (query.buckets() > query.maxBuckets()) {
      errors.add("/interval", tooManyBuckets(query));
    }
    errors.check();
    return query;
  }

  private static String tooManyBuckets(SummaryQuery query) {
    boolean isLongest = query.interval().equals(SummaryQuery.MAX_INTERVAL);
    return "divides the range into %d buckets, and at most %d are returned: request %sa shorter range"
        .formatted(query.buckets(), query.maxBuckets(), isLongest ? "" : "a longer interval or ");
  }

  private Optional<Duration> interval() {
    String text = parameters.get("interval");
    if (text == null) {
      return Optional.empty();
    }
    int min = (int) SummaryQuery.MIN_INTERVAL.toSeconds();
    int max = (int) SummaryQuery.MAX_INTERVAL.toSeconds();
    return integer("interval", text, min, max).map(Duration::ofSeconds);
  }

  private Optional<Integer> integer(String name, String text, int min, int max) {
    // Ten digits always fit. Java would accept other digits than these, too.
    long number = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : -1;
    if (number >= min && number <= max) {
      return Optional.of((int) number);
    }
    errors.add(pointer(name), "must be an integer from %d to %d".formatted(min, max));
    return Optional.empty();
  }

  private boolean isTrue(String name) {
    String text = parameters.getOrDefault(name, "false");
    if (!Set.of("true", "false").contains(text)) {
      errors.add(pointer(name), "must be true or false");
    }
    return text.equals("true");
  }

  private Selection selection() throws RefusedException {
    refuseUnknown(KNOWN);
    return parameters.containsKey("audit_id") ? one() : new Many(query());
  }

  private One one() throws RefusedException {
    String auditId = parameters.getOrDefault("audit_id", "");
    if (!AuditRecord.isId(auditId)) {
      errors.add("/audit_id", "must be a string of 1 to 128 characters");
    }
    parameters.keySet().stream()
        .filter(name -> KNOWN.contains(name) && !OF_ONE.contains(name))
        .sorted()
        .forEach(name -> errors.add(pointer(name), "cannot be combined with audit_id"));
    boolean content = isTrue("content");
    if (export && content) {
      errors.add("/content", "is available only as application/json");
    }
    errors.check();
    return new One(auditId, content);
  }

  private AuditQuery query() throws RefusedException {
    if (isTrue("content")) {
      errors.add("/content", "requires audit_id");
    }
    var first = new AuditQuery(filters(), time("from"), time("to"), limit(), Optional.empty());
    if (first.from().isPresent()
        && first.to().filter(to -> !to.isAfter(first.from().get())).isPresent()) {
      errors.add("/to", "must be later than from");
    }
    // A cursor belongs to a whole query: it is checked only if the rest is valid.
    errors.check();
    String cursor = parameters.get("cursor");
    var query = cursor == null ? Optional.of(first) : first.at(cursor);
    if (query.isEmpty()) {
      errors.add("/cursor", "must be the next_cursor of a page with the same filters, from and to");
    }
    errors.check();
    return query.orElseThrow();
  }

  private Map<AuditFilter, String> filters() {
    var filters = new EnumMap<AuditFilter, String>(AuditFilter.class);
    for (AuditFilter filter : AuditFilter.values()) {
      String value = parameters.get(filter.parameter());
      if (value != null) {
        problem(filter, value)
            .ifPresent(problem -> errors.add(pointer(filter.parameter()), problem));
        filters.put(filter, value);
      }
    }
    return filters;
  }

  private static Optional<String> problem(AuditFilter filter, String value) {
    return switch (filter) {
      case STATUS ->
          value.matches("[1-5][0-9][0-9]")
              ? Optional.empty()
              : Optional.of("must be an HTTP status, such as 200");
      case PHASE ->
          value.equals(AuditFilter.INCOMPLETE)
              ? Optional.empty()
              : Optional.of("must be " + AuditFilter.INCOMPLETE);
      case USER_ID, IDENTITY, MODEL, ERROR, REQUEST_ID ->
          value.isEmpty() || value.codePointCount(0, value.length()) > filter.maxLength
              ? Optional.of("must be a string of 1 to %d characters".formatted(filter.maxLength))
              : Optional.empty();
    };
  }

  private int limit() {
    int max = export ? Integer.MAX_VALUE : MAX_PAGE;
    int absent = export ? Integer.MAX_VALUE : DEFAULT_PAGE;
    String text = parameters.getOrDefault("limit", Integer.toString(absent));
    return integer("limit", text, 1, max).orElse(absent);
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
