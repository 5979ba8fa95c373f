package dev.skein.local;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.Fault;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.FaultTable;
import dev.skein.faults.FaultTable.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every row of {@code docs/model-faults.md} that a stream can meet, met by a caller who wants the
 * reply whole, and by callers who asked for a stream on both routes: what is not whole never ends
 * well.
 */
class StreamFaultsTest extends ModelFaultsTest.Rows {
  private static final List<String> PATHS = List.of("/chat", "/v1/chat/completions");

  /** Answers in the OpenAI format, whose callers can read them. */
  private static final Set<String> ANSWERS_TO_OPENAI =
      Set.of(
          "refusal-in-the-stream",
          "stream-content-filter",
          "stream-tool-calls",
          "stream-without-text");

  /** What a caller has seen of one stream. */
  private record Seen(int status, Map<String, String> headers, List<String> events, boolean whole) {

    String all() {
      return String.join("\n", events) + headers;
    }
  }

  record Case(Row row, String path) {
    String name() {
      return row.name() + " " + path;
    }

    /** The problem that the caller is to meet; {@code none} for an answer. */
    String problem() {
      boolean answer = path.startsWith("/v1") && ANSWERS_TO_OPENAI.contains(row.name());
      return answer ? "none" : row.problem();
    }

    @Override
    public String toString() {
      return name();
    }
  }

  private final List<Case> cases =
      FaultTable.rows(RunningStack.ROOT).stream()
          .filter(row -> row.wire() == Fault.Wire.STREAM)
          .flatMap(row -> PATHS.stream().map(path -> new Case(row, path)))
          .toList();
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  StreamFaultsTest() {
    super(true);
  }

  @Override
  int sendMore() {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      cases.forEach(it -> threads.execute(() -> seen.put(it.name(), call(it))));
    }
    return cases.size();
  }

  private Seen call(Case it) {
    try (var caller =
        StreamingCaller.post(world.stack().api(), it.path(), body(it.path(), it.name()))) {
      var events = new ArrayList<>(caller.events());
      events.add(caller.rest());
      return new Seen(caller.status(), caller.headers(), List.copyOf(events), caller.isWhole());
    }
  }

  private static String body(String path, String name) {
    String text = ModelFaultsTest.PROMPT + " " + name;
    return path.equals("/chat")
        ? "{\"message\":\"%s\",\"user_id\":\"%s\",\"stream\":true}".formatted(text, name)
        : "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"user\":\"%s\",\"stream\":true}"
            .formatted(text, name);
  }

  Stream<Case> cases() {
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsNotWholeNeverEndsWell(Case it) {
    var stream = requireNonNull(seen.get(it.name()));
    String last = stream.events().get(Math.max(0, stream.events().size() - 2));
    boolean ended = last.startsWith("event: done") || last.equals("data: [DONE]");

    if (it.problem().equals("none")) {
      assertThat(stream.status()).isEqualTo(200);
      assertThat(ended).as(stream.all()).isTrue();
      assertThat(stream.whole()).isTrue();
      assertThat(stream.all()).doesNotContain("urn:skein:problem", "\"error\"");
    } else {
      assertThat(ended).as(stream.all()).isFalse();
      assertThat(stream.all())
          .contains(it.problem().replace('-', it.path().equals("/chat") ? '-' : '_'))
          .doesNotContain("[DONE]", "event: done");
      // Told by the status before the first token, and by the last event after it.
      assertThat(stream.whole()).isEqualTo(stream.status() != 200);
    }
    assertThat(stream.all())
        .doesNotContain(RunningStack.KEY, ModelFaultsTest.PROMPT, "java.", "Exception");
    if (!ANSWERS_TO_OPENAI.contains(it.row().name())) {
      assertThat(stream.all()).doesNotContain(FaultCatalogue.PROSE);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theTrailSaysHowItEnded(Case it) {
    assertThat(records).as(world.problems()).containsKey(it.name());
    var record = requireNonNull(records.get(it.name()));

    assertThat(record.get("error").asText("none")).isEqualTo(it.problem());
    assertThat(record.get("status").intValue())
        .isEqualTo(requireNonNull(seen.get(it.name())).status());
  }

  @Test
  void theSameEnvironmentsServeTheNextStreams() {
    for (int i = 0; i < 6; i++) {
      String path = PATHS.get(i % 2);
      try (var caller = StreamingCaller.post(world.stack().api(), path, body(path, "after"))) {
        assertThat(caller.status()).isEqualTo(200);
        assertThat(caller.events()).isNotEmpty();
        assertThat(caller.isWhole()).isTrue();
      }
    }
  }
}
