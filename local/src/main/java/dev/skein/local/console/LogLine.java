package dev.skein.local.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * A function's line of output, made fit for a terminal: a JSON object becomes its level, its event
 * and {@code key=value} pairs.
 *
 * @param level upper case; INFO when the line names none
 */
record LogLine(String level, String text) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LEVELS = List.of("level", "log_level", "severity");
  private static final List<String> EVENTS = List.of("event", "message", "msg");
  private static final List<String> TIMES = List.of("timestamp", "time", "ts");

  /** Tells CloudWatch which of the other fields are metrics, and a person nothing. */
  private static final String METRICS = "_aws";

  static LogLine of(String line) {
    if (!line.startsWith("{")) {
      return new LogLine("INFO", line);
    }
    try {
      JsonNode node = JSON.readTree(line);
      return node.isObject() ? ofObject(node) : new LogLine("INFO", line);
    } catch (JsonProcessingException e) {
      return new LogLine("INFO", line);
    }
  }

  private static LogLine ofObject(JsonNode object) {
    String level = first(object, LEVELS).orElse("INFO");
    String event = first(object, EVENTS).orElse("");
    StringJoiner text = new StringJoiner(" ");
    if (!event.isEmpty()) {
      text.add(event);
    }
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!isHeading(object, field.getKey())) {
        text.add(field.getKey() + "=" + value(field.getValue()));
      }
    }
    return new LogLine(level.toUpperCase(java.util.Locale.ROOT), text.toString());
  }

  /**
   * The fields that the line shows in another place or already has (the time), or that say nothing.
   */
  private static boolean isHeading(JsonNode object, String name) {
    return TIMES.contains(name)
        || name.equals(METRICS)
        || isFirst(object, LEVELS, name)
        || isFirst(object, EVENTS, name);
  }

  private static boolean isFirst(JsonNode object, List<String> names, String name) {
    return names.stream().filter(object::has).findFirst().filter(name::equals).isPresent();
  }

  private static Optional<String> first(JsonNode object, List<String> names) {
    return names.stream().filter(object::has).findFirst().map(name -> object.get(name).asText());
  }

  private static String value(JsonNode node) {
    if (!node.isTextual()) {
      return node.toString();
    }
    String text = node.textValue();
    return text.isEmpty() || text.contains(" ") ? '"' + text + '"' : text;
  }
}
