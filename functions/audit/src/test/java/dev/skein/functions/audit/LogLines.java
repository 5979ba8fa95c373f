package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what was logged. */
final class LogLines {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Log log = new Log(InstantSource.fixed(Samples.NOON), lines::add);

  Log log() {
    return log;
  }

  String text() {
    return String.join("\n", lines);
  }

  /** The lines of one event. */
  List<JsonNode> of(String event) {
    return lines.stream()
        .map(LogLines::parse)
        .filter(line -> line.path("event").asText().equals(event))
        .toList();
  }

  private static JsonNode parse(String line) {
    try {
      return Json.STRICT.parse(line);
    } catch (MalformedJsonException e) {
      throw new AssertionError("not a line of JSON: " + line, e);
    }
  }
}
