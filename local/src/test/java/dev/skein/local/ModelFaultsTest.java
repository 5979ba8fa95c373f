package dev.skein.local;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.Fault;
import dev.skein.faults.Fault.Target;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.FaultTable;
import dev.skein.faults.FaultTable.Row;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.faults.UnreachableServers;
import dev.skein.local.testing.FreePorts;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every row of {@code docs/model-faults.md}, met by a caller of the whole service over HTTP: with a
 * function that asks the provider for whole replies, and with the one that asks for streams, whose
 * callers want theirs whole, or as a stream on both routes. All of them are sent at once, because
 * most of their time is waiting.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class ModelFaultsTest {
  private static final String PROMPT = "canary-of-the-prompt";

  /** Enough time for everybody, and limits that a test can wait for. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "LLM_RETRY_BUDGET: \"10\"", "LLM_RETRY_BUDGET: \"100000\"",
          "LLM_BREAKER_FAULTS: \"5\"", "LLM_BREAKER_FAULTS: \"100000\"",
          "LLM_FIRST_BYTE_TIMEOUT_MS: \"30000\"", "LLM_FIRST_BYTE_TIMEOUT_MS: \"3000\"",
          "LLM_FIRST_TOKEN_TIMEOUT_MS: \"180000\"", "LLM_FIRST_TOKEN_TIMEOUT_MS: \"5000\"",
          "LLM_CONNECT_TIMEOUT_MS: \"3000\"", "LLM_CONNECT_TIMEOUT_MS: \"2000\"",
          "LLM_STALL_TIMEOUT_MS: \"15000\"", "LLM_STALL_TIMEOUT_MS: \"8000\"",
          "REQUEST_TIMEOUT_MS: \"600000\"", "REQUEST_TIMEOUT_MS: \"13000\"",
          "DEADLINE_RESERVE_MS: \"2000\"", "DEADLINE_RESERVE_MS: \"12000\"",
          "AUDIT_TIMEOUT_MS: \"1500\"", "AUDIT_TIMEOUT_MS: \"10000\"");

  /** They go first: a first handshake while ten environments start would meet the connect limit. */
  private static final Set<Target> TLS = Set.of(Target.SELF_SIGNED, Target.NO_TLS);

  private final List<Row> rows = FaultTable.rows(RunningStack.ROOT);
  private final List<StreamedRow> streamedRows = StreamedRow.of(rows);
  private final UnreachableServers unreachable = new UnreachableServers();
  private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<RunningStack.Reply>> replies = new HashMap<>();
  private final Map<String, StreamedRow.Seen> seen = new ConcurrentHashMap<>();

  /** The completed records, by user. */
  private Map<String, JsonNode> records = Map.of();

  private RunningStack world;

  @BeforeAll
  void sendThemAll(@TempDir Path folder) {
    // Few environments: while many start at once, a slow token looks like a silent one.
    var settings = FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "2"));
    world = RunningStack.withPlaces(folder, settings, SETTINGS, this::places);
    world.model().script(this::reply);
    sendThose(row -> TLS.contains(row.fault().target()));
    replies.values().forEach(CompletableFuture::join);
    sendThose(row -> !TLS.contains(row.fault().target()));
    // Not virtual ones: those who read megabytes would keep the model's from sending the next
    // token.
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      var streams =
          streamedRows.stream()
              .map(
                  it ->
                      CompletableFuture.runAsync(
                          () -> seen.put(it.name(), it.call(world, PROMPT)), threads))
              .toList();
      streams.forEach(CompletableFuture::join);
    }
    replies.values().forEach(CompletableFuture::join);
    awaitTheTrail(rows.size() + streamedRows.size());
  }

  private void sendThose(Predicate<Row> chosen) {
    rows.stream().filter(chosen).forEach(row -> replies.put(row.name(), send(row)));
  }

  /** What is still missing when the time is over, the row's test tells. */
  private void awaitTheTrail(int requests) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    do {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      records = world.completedRecords();
    } while (records.size() < requests && System.nanoTime() < end);
  }

  /** What both wires have in common is met once, by the functions that ask for no stream. */
  private Map<String, URI> places(ScriptedModel model) {
    return rows.stream()
        .map(row -> row.fault().target())
        .distinct()
        .collect(
            toMap(
                ModelFaultsTest::nameOf,
                place ->
                    place == Target.MODEL ? model.baseUrl() : unreachable.baseUrl(place, model)));
  }

  /** A logical id has letters and digits only. */
  private static String nameOf(Target place) {
    return place.name().replace("_", "");
  }

  private ScriptedReply reply(ModelRequest request) {
    String name = request.lastUserMessage().replace(PROMPT + " ", "");
    // What follows the fault's name tells apart who meets it.
    return FaultCatalogue.named(name.split(" ", -1)[0])
        .map(fault -> fault.replies().apply(attempts.merge(name, 1, Integer::sum)))
        .orElseGet(() -> ScriptedReply.text("well"));
  }

  private CompletableFuture<RunningStack.Reply> send(Row row) {
    boolean streamed = row.wire() == Fault.Wire.STREAM;
    String function = streamed ? "" : "/" + nameOf(row.fault().target());
    return world.postAsync(function + "/chat", body(row.name()));
  }

  private static String body(String name) {
    return "{\"message\":\"%s %s\",\"user_id\":\"%s\"}".formatted(PROMPT, name, name);
  }

  Stream<Row> rows() {
    return rows.stream();
  }

  Stream<StreamedRow> streamedRows() {
    return streamedRows.stream();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theCallerAndTheTrailAreTold(Row row) {
    var reply = requireNonNull(replies.get(row.name())).join();

    assertThat(reply.status()).as("%s%n%s", reply.body(), world.problems()).isEqualTo(row.status());
    int attempts =
        Integer.parseInt(requireNonNull(reply.headers().get("x-skein-attempts")).getFirst());
    assertThat(attempts).isBetween(row.attempts(), row.mostAttempts());
    var type = reply.body().path("type").asText("urn:skein:problem:none");
    assertThat(type).isEqualTo("urn:skein:problem:" + row.problem());
    assertThat(reply.body().toString() + reply.headers())
        .doesNotContain(FaultCatalogue.PROSE, RunningStack.KEY, PROMPT, "java.", "Exception");
    assertThat(records).as(world.problems()).containsKey(row.name());
    var record = requireNonNull(records.get(row.name()));
    assertThat(record.get("status").intValue()).isEqualTo(row.status());
    assertThat(record.get("attempts").intValue()).isEqualTo(attempts);
    assertThat(record.get("error").asText("none")).isEqualTo(row.problem());
  }

  @ParameterizedTest
  @MethodSource("streamedRows")
  void anIncompleteStreamNeverEndsNormally(StreamedRow it) {
    var stream = requireNonNull(seen.get(it.name()));

    if (it.problem().equals("none")) {
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.endedWell()).as(stream.all()).isTrue();
      assertThat(stream.whole()).isTrue();
      assertThat(stream.all()).doesNotContain("urn:skein:problem", "event: error", "{\"error\"");
    } else {
      assertThat(stream.endedWell()).as(stream.all()).isFalse();
      assertThat(stream.all()).contains(it.toldAs()).doesNotContain("[DONE]", "event: done");
      // Told by the status before the first token, and by the last event after it.
      assertThat(stream.whole()).isEqualTo(stream.status() != 200);
    }
    assertThat(stream.all()).doesNotContain(RunningStack.KEY, PROMPT, "java.", "Exception");
    if (!it.mayHoldTheProvidersWords()) {
      assertThat(stream.all()).doesNotContain(FaultCatalogue.PROSE);
    }
  }

  @ParameterizedTest
  @MethodSource("streamedRows")
  void theTrailSaysHowAStreamEnded(StreamedRow it) {
    assertThat(records).as(world.problems()).containsKey(it.name());
    var record = requireNonNull(records.get(it.name()));

    assertThat(record.get("error").asText("none")).isEqualTo(it.problem());
    assertThat(record.get("status").intValue())
        .isEqualTo(requireNonNull(seen.get(it.name())).status());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/chat", "/MODEL/chat"})
  void theSameEnvironmentsServeTheNextRequests(String path) {
    for (int i = 0; i < 12; i++) {
      assertThat(world.post(path, body("after-" + i)).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/chat", "/v1/chat/completions"})
  void theSameEnvironmentsServeTheNextStreams(String path) {
    for (int i = 0; i < 3; i++) {
      String body = StreamedRow.body(path, PROMPT, "after");
      try (var caller = StreamingCaller.post(world.stack().api(), path, body)) {
        assertThat(caller.status()).isEqualTo(200);
        assertThat(caller.events()).isNotEmpty();
        assertThat(caller.isWhole()).isTrue();
      }
    }
  }

  @AfterAll
  void noWordOfTheProviderNoKeyAndNoPromptIsInTheLog() {
    world.close();
    unreachable.close();

    assertThat(world.output())
        .contains("model_calls")
        .doesNotContain("audit_alternate")
        .doesNotContain(FaultCatalogue.PROSE, RunningStack.KEY, PROMPT, "Exception", "\tat ");
  }
}
