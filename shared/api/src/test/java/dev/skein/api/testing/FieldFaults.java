package dev.skein.api.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What may be wrong with one field of a body, for each kind of field. */
public final class FieldFaults {
  /** A goose, which UTF-16 has no single character for. */
  private static final String GOOSE = "\ud83e\udebf";

  private FieldFaults() {}

  /** A required string. */
  public static List<CallerFault> text(String field, int max) {
    return required(field, ofText(max), texts(max));
  }

  /** A string that may be missing or null. */
  public static List<CallerFault> optionalText(String field, int max) {
    return invalid(field, ofText(max), texts(max));
  }

  private static String ofText(int max) {
    return "must be a string of 1 to %,d characters and not blank".formatted(max);
  }

  private static String[] texts(int max) {
    return new String[] {
      "1",
      "1.5",
      "true",
      "[]",
      "[\"x\"]",
      "{}",
      "\"\"",
      "\" \"",
      "\"\\r\\n\\t\\u2003\"",
      quoted("x".repeat(max + 1)),
      quoted(GOOSE.repeat(max + 1))
    };
  }

  /** An optional number. */
  public static List<CallerFault> number(String field, int min, int max) {
    return invalid(
        field,
        "must be a number from %d to %d".formatted(min, max),
        "\"%d\"".formatted(min),
        "\"NaN\"",
        "true",
        "[]",
        "[%d]".formatted(min),
        "{}",
        (min - 1) + ".9",
        max + ".1",
        Integer.toString(max + 1),
        "1e999",
        "-1e999",
        "9".repeat(99));
  }

  /** An optional integer. */
  public static List<CallerFault> integer(String field, int min, int max) {
    String says = min == max ? "must be " + min : "must be an integer from " + min + " to " + max;
    return invalid(
        field,
        says,
        "\"%d\"".formatted(min),
        "true",
        "[]",
        "[%d]".formatted(min),
        "{}",
        min + ".0",
        min + ".5",
        "1e0",
        "1e999",
        Integer.toString(min - 1),
        Integer.toString(max + 1),
        // What an int or a long would make of them is in the range.
        Long.toString((1L << 32) + min),
        "18446744073709551617",
        "-" + "9".repeat(99));
  }

  /** An optional string that is one of these. */
  public static List<CallerFault> choice(String field, String... words) {
    return invalid(
        field,
        "must be one of: " + String.join(", ", words),
        "1",
        "true",
        "[]",
        "[\"%s\"]".formatted(words[0]),
        "{}",
        "\"\"",
        "\" %s\"".formatted(words[0]),
        "\"another\"");
  }

  /** An optional boolean. */
  public static List<CallerFault> flag(String field) {
    return invalid(
        field, "must be true or false", "\"true\"", "\"\"", "0", "1", "[]", "[true]", "{}");
  }

  /** Values that a required field does not accept, null, and none at all. */
  public static List<CallerFault> required(String field, String says, String... values) {
    String[] andNull = Arrays.copyOf(values, values.length + 1);
    andNull[values.length] = "null";
    List<CallerFault> faults = new ArrayList<>(invalid(field, says, andNull));
    faults.add(
        new CallerFault(
            "no " + field,
            422,
            "/" + field,
            "is missing",
            event -> event.put("body", body(event).without(field).toString())));
    return faults;
  }

  /** JSON values that a list does not accept at this position, behind valid strings. */
  public static List<CallerFault> item(String field, int at, String says, String... values) {
    return Arrays.stream(values)
        .map(
            value ->
                new CallerFault(
                    "%s/%d: %s".formatted(field, at, shown(value)),
                    422,
                    "/%s/%d".formatted(field, at),
                    says,
                    event -> set(event, field, "[" + "\"x\",".repeat(at) + value + "]")))
        .toList();
  }

  private static String shown(String value) {
    return value.length() < 40 ? value : value.length() + " characters";
  }

  /** JSON values that a field does not accept, and the field twice. */
  public static List<CallerFault> invalid(String field, String says, String... values) {
    Stream<CallerFault> each =
        Arrays.stream(values)
            .map(
                value ->
                    new CallerFault(
                        field + ": " + shown(value),
                        422,
                        "/" + field,
                        says,
                        event -> set(event, field, value)));
    CallerFault twice =
        new CallerFault(
            field + " twice",
            400,
            "The body has a name twice in one object: line 1, column ",
            event -> {
              set(event, field, values[0]);
              String body = event.path("body").textValue();
              String again = ",\"" + field + "\":" + values[0] + "}";
              event.put("body", body.substring(0, body.length() - 1) + again);
            });
    return Stream.concat(each, Stream.of(twice)).toList();
  }

  /** Values that a query parameter does not accept. */
  public static List<CallerFault> parameter(String name, String says, String... values) {
    return Arrays.stream(values)
        .map(
            value ->
                new CallerFault(
                    "?" + name + "=" + shown(value),
                    422,
                    "/" + name,
                    says,
                    event -> {
                      event.remove("multiValueQueryStringParameters");
                      event.withObject("/queryStringParameters").put(name, value);
                    }))
        .toList();
  }

  /** Fields that a route of our own does not have. */
  public static List<CallerFault> unknown(String known) {
    String says = "is not a field of this route";
    return List.of(
        unknown("x", "/x", says),
        unknown("", "/", says),
        unknown(known.toUpperCase(Locale.ROOT), "/" + known.toUpperCase(Locale.ROOT), says),
        unknown(known + " ", "/" + known + " ", says),
        unknown("a/b~c", "/a~1b~0c", says),
        unknown("x\\r\\nX: y", "/x\r\nX: y", says),
        unknown("x".repeat(65), "/" + "x".repeat(64) + "...", says),
        unknown("x".repeat(63) + GOOSE, "/" + "x".repeat(63) + "...", says));
  }

  private static CallerFault unknown(String field, String pointer, String says) {
    return new CallerFault(
        "an unknown field: " + field, 422, pointer, says, event -> set(event, field, "null"));
  }

  /** Puts a value, which may not be JSON, in the place of a field of the body. */
  public static void set(ObjectNode event, String field, String value) {
    String rest = Json.PASSED.write(body(event).without(unescaped(field)));
    String member = "\"" + field + "\":" + value;
    event.put(
        "body", rest.equals("{}") ? "{" + member + "}" : "{" + member + "," + rest.substring(1));
  }

  private static String unescaped(String field) {
    return field.replace("\\r\\n", "\r\n");
  }

  private static ObjectNode body(ObjectNode event) {
    try {
      JsonNode body = Json.PASSED.parse(event.path("body").textValue());
      return (ObjectNode) body;
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }
}
