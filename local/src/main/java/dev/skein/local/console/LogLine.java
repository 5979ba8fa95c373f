package dev.skein.local.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * A line of a function's output.
 *
 * @param level upper case; INFO if the line has none
 * @param event its name; empty if the line is not a log event
 * @param fields of a log event; otherwise a missing node
 * @param text for a terminal: of a log event its name and {@code key=value} pairs
 */
record LogLine(String level, String event, JsonNode fields, String text) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that are shown elsewhere in the line, and the metadata of CloudWatch metrics. */
  private static final Set<String> NOT_PAIRS =
      Set.of("level", "event", "timestamp", "_aws", "stack", "function");

  /**
   * Warnings and errors that the console reports in another line: a request's, or the function's.
   */
  private static final Set<String> REPORTED =
      Set.of(
          "init_failed",
          "model_attempt_failed",
          "model_call_failed",
          "model_call_skipped",
          "response_broken");

  static LogLine of(String line) {
    try {
      if (line.startsWith("{")) {
        return ofObject(JSON.readTree(line));
      }
    } catch (JsonProcessingException e) {
      // Not JSON after all.
    }
    return new LogLine("INFO", "", MissingNode.getInstance(), line);
  }

  /** Whether it is shown even if the functions' logs are not. */
  boolean isImportant() {
    return event.isEmpty()
        || event.equals("audit")
        || !(level.equals("INFO") || level.equals("DEBUG") || REPORTED.contains(event));
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
    return new LogLine(level, object.path("event").asText(), object, text.toString());
  }

  private static String value(JsonNode node) {
    String text = node.asText();
    boolean plain = node.isTextual() && !text.isEmpty() && !text.contains(" ");
    return plain ? text : node.isTextual() ? '"' + text + '"' : node.toString();
  }
}
