package dev.skein.local.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * A line of a function's output, formatted for a terminal: a JSON object becomes its level, its
 * event and {@code key=value} pairs.
 *
 * @param level upper case; INFO if the line has none
 */
record LogLine(String level, String text) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that are shown elsewhere in the line, and the metadata of CloudWatch metrics. */
  private static final Set<String> NOT_PAIRS = Set.of("level", "event", "timestamp", "_aws");

  static LogLine of(String line) {
    try {
      if (line.startsWith("{")) {
        return ofObject(JSON.readTree(line));
      }
    } catch (JsonProcessingException e) {
      // Not JSON after all.
    }
    return new LogLine("INFO", line);
  }

  private static LogLine ofObject(JsonNode object) {
    StringJoiner text = new StringJoiner(" ");
    if (object.has("event")) {
      text.add(object.path("event").asText());
    }
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!NOT_PAIRS.contains(field.getKey())) {
        text.add(field.getKey() + "=" + value(field.getValue()));
      }
    }
    String level = object.path("level").asText("INFO").toUpperCase(Locale.ROOT);
    return new LogLine(level, text.toString());
  }

  private static String value(JsonNode node) {
    String text = node.asText();
    boolean plain = node.isTextual() && !text.isEmpty() && !text.contains(" ");
    return plain ? text : node.isTextual() ? '"' + text + '"' : node.toString();
  }
}
