package dev.skein.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditTrail;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.Set;
import java.util.regex.Pattern;

/** What a line of a log has of an audit record. */
sealed interface LoggedRecord {

  /** A record that the consumer will accept. */
  record Valid(ObjectNode record) implements LoggedRecord {}

  /**
   * A line that should have a record and does not.
   *
   * @param problem does not repeat any of the line
   */
  record Invalid(String problem) implements LoggedRecord {}

  /** Another line. */
  record None() implements LoggedRecord {}

  /** What a cut line still shows of the event; the second one is at its end. */
  Pattern SIGNS = Pattern.compile("\\baudit_alternate\\b|\"AuditAlternateSink\":1\\b");

  /** A line of the local stack: the event's name, and then its fields. */
  Pattern LOCAL = Pattern.compile(".*\\b(audit_alternate|audit) (?:.* )?record=$", Pattern.DOTALL);

  /**
   * Finds the record in a line. What stands before the line's JSON, such as a time and the name of
   * a log stream, is ignored.
   *
   * @param events the names of the events that have records
   */
  static LoggedRecord in(String line, Set<String> events) {
    int start = line.indexOf('{');
    if (start < 0) {
      return SIGNS.matcher(line).find() ? cut() : new None();
    }
    var local = LOCAL.matcher(line.substring(0, start));
    if (local.matches()) {
      return events.contains(local.group(1)) ? ofLocalLine(line.substring(start)) : new None();
    }
    String text = line.startsWith("[") ? line : line.substring(start).strip();
    try {
      return in(Json.PASSED.parse(isCsv(text) ? fromCsv(text) : text), events);
    } catch (MalformedJsonException e) {
      return SIGNS.matcher(line).find() ? cut() : new None();
    }
  }

  /** The line's object, or an object or a row of a query that has the line in a member. */
  private static LoggedRecord in(JsonNode json, Set<String> events) {
    if (json.isArray()) {
      return json.valueStream()
          .filter(cell -> cell.path("field").asText().equals("@message"))
          .map(cell -> in(cell.path("value").asText(), events))
          .findFirst()
          .orElse(new None());
    }
    if (json.has("event")) {
      return events.contains(json.path("event").asText())
          ? checked(json.path("record"))
          : new None();
    }
    for (String name : Set.of("message", "@message")) {
      if (json.path(name).isTextual()) {
        return in(json.path(name).textValue(), events);
      }
    }
    return new None();
  }

  private static LoggedRecord ofLocalLine(String text) {
    try {
      int end = text.lastIndexOf('}') + 1;
      return checked(Json.PASSED.parse(text.substring(0, end)));
    } catch (MalformedJsonException e) {
      return cut();
    }
  }

  private static LoggedRecord checked(JsonNode json) {
    if (!(json instanceof ObjectNode record)) {
      return new Invalid("has no record");
    }
    return AuditField.problem(record)
        .<LoggedRecord>map(problem -> new Invalid("has an invalid record: " + problem))
        .orElse(new Valid(record));
  }

  private static Invalid cut() {
    return new Invalid("is cut; get the whole line");
  }

  /** Of a file that the Logs Insights console saves, in which quotes are doubled. */
  private static boolean isCsv(String text) {
    return text.startsWith("{\"\"");
  }

  private static String fromCsv(String text) {
    return text.substring(0, text.lastIndexOf('}') + 1).replace("\"\"", "\"");
  }

  /** The events with records in the mode {@code default} and {@code strict}. */
  Set<String> ALTERNATE = Set.of(AuditTrail.ALTERNATE_EVENT);

  /** The same, and the event of the mode {@code log}. */
  Set<String> ALL = Set.of(AuditTrail.ALTERNATE_EVENT, AuditTrail.LOG_EVENT);
}
