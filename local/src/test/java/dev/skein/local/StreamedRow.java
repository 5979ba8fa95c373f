package dev.skein.local;

import dev.skein.faults.Fault;
import dev.skein.faults.FaultTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A row of {@code docs/model-faults.md}, met by a caller who asked for a stream on this path. */
record StreamedRow(Row row, String path) {

  /** Answers in the OpenAI format, whose callers can read them. */
  private static final Set<String> ANSWERS_TO_OPENAI =
      Set.of(
          "refusal-in-the-stream",
          "stream-content-filter",
          "stream-reasoning-alone",
          "stream-think-block-unclosed",
          "stream-tool-calls",
          "stream-without-text");

  /**
   * What the caller has seen.
   *
   * @param whole whether the reply's end was in due form
   */
  record Seen(int status, Map<String, String> headers, List<String> events, boolean whole) {

    String all() {
      return String.join("\n", events) + headers;
    }

    /** Whether the last event says that the stream is complete. */
    boolean endedWell() {
      String last = events.get(Math.max(0, events.size() - 2));
      return last.startsWith("event: done") || last.equals("data: [DONE]");
    }
  }

  /** Those that a stream can meet, on both routes. */
  static List<StreamedRow> of(List<Row> rows) {
    return rows.stream()
        .filter(row -> row.wire() == Fault.Wire.STREAM)
        .flatMap(
            row ->
                Stream.of("/chat", "/v1/chat/completions").map(path -> new StreamedRow(row, path)))
        .toList();
  }

  static String body(String path, String prompt, String name) {
    String text = prompt + " " + name;
    return path.equals("/chat")
        ? "{\"message\":\"%s\",\"user_id\":\"%s\",\"stream\":true}".formatted(text, name)
        : "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"user\":\"%s\",\"stream\":true}"
            .formatted(text, name);
  }

  /** The user too. */
  String name() {
    return row.name() + " " + path;
  }

  Seen call(RunningStack world, String prompt) {
    try (var caller = StreamingCaller.post(world.stack().api(), path, body(path, prompt, name()))) {
      var events = new ArrayList<>(caller.events());
      events.add(caller.rest());
      return new Seen(caller.status(), caller.headers(), List.copyOf(events), caller.isWhole());
    }
  }

  boolean mayHoldTheProvidersWords() {
    return ANSWERS_TO_OPENAI.contains(row.name());
  }

  /** The problem that the caller is to meet; {@code none} for an answer. */
  String problem() {
    return path.startsWith("/v1") && mayHoldTheProvidersWords() ? "none" : row.problem();
  }

  /** As the route spells it. */
  String toldAs() {
    return path.equals("/chat") ? problem() : problem().replace('-', '_');
  }

  /** The name: of a test's row. */
  @Override
  public String toString() {
    return name();
  }
}
