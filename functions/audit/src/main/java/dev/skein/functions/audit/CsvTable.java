package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.base.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Records as CSV (RFC 4180). The columns are the same for all records: the fields in their order,
 * those of {@code calls} and {@code discarded_cost_usd} one by one, and last {@code other_fields},
 * a JSON object of the fields that this version does not know. A field that is null or absent is an
 * empty cell, an empty string is {@code ""}, and an array is JSON text.
 *
 * <p>A text that a spreadsheet would take for a formula gets an apostrophe in front of it, and so
 * does a text that begins with an apostrophe: without the first apostrophe, a text is as it was.
 */
final class CsvTable {
  private static final String END = "\r\n";
  private static final String OTHER = "other_fields";

  /** The objects, and their members. */
  private static final Map<String, List<String>> MEMBERS =
      Map.of(
          AuditField.CALLS.json(),
          List.of("total", "ok", "failed"),
          AuditField.DISCARDED_COST_USD.json(),
          List.of("low", "high"));

  private static final List<String> FIELDS =
      Arrays.stream(AuditField.values()).map(AuditField::json).toList();

  /** With which a spreadsheet's formula begins, in the letters of Europe and of East Asia. */
  private static final String FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20'";

  private CsvTable() {}

  /** The header row. */
  static String header() {
    return Stream.concat(FIELDS.stream().flatMap(CsvTable::columns), Stream.of(OTHER))
            .collect(Collectors.joining(","))
        + END;
  }

  private static Stream<String> columns(String field) {
    List<String> members = MEMBERS.getOrDefault(field, List.of());
    return members.isEmpty() ? Stream.of(field) : members.stream().map(name -> field + "." + name);
  }

  /** The row of a record. */
  static String row(ObjectNode record) {
    ObjectNode other = record.deepCopy().without(FIELDS);
    return Stream.concat(
                FIELDS.stream().flatMap(field -> cells(field, record.path(field))),
                Stream.of(other.isEmpty() ? "" : text(Json.STRICT.write(other))))
            .collect(Collectors.joining(","))
        + END;
  }

  /** A last row, for people who open a file that is not complete. */
  static String incomplete(String reason) {
    return text("INCOMPLETE: " + reason) + END;
  }

  private static Stream<String> cells(String field, JsonNode value) {
    List<String> members = MEMBERS.getOrDefault(field, List.of());
    return members.isEmpty()
        ? Stream.of(cell(value))
        : members.stream().map(name -> cell(value.path(name)));
  }

  private static String cell(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL, MISSING -> "";
      case NUMBER, BOOLEAN -> value.asText();
      case STRING -> text(value.textValue());
      case ARRAY, OBJECT, BINARY, POJO -> text(Json.STRICT.write(value));
    };
  }

  private static String text(String value) {
    boolean formula = !value.isEmpty() && FORMULA.indexOf(value.charAt(0)) >= 0;
    return '"' + (formula ? "'" : "") + value.replace("\"", "\"\"") + '"';
  }
}
