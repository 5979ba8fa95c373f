package dev.skein.local;

import static java.util.Map.entry;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.Elsewhere;
import dev.skein.faults.Fault;
import dev.skein.faults.Fault.Place;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.FaultTable;
import dev.skein.faults.FaultTable.Row;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.Reply;
import dev.skein.faults.ScriptedModel;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every row of {@code docs/model-faults.md}, met by a caller of the whole service over HTTP; those
 * of streams in {@link StreamFaultsTest}. All of them are sent at once, because most of their time
 * is waiting.
 */
class ModelFaultsTest {
  static final String PROMPT = "canary-of-the-prompt";

  /** Enough time for everybody, and limits that a test can wait for. */
  private static Map<String, String> settings(boolean streaming) {
    return Map.ofEntries(
        entry("LLM_RETRY_BUDGET: \"10\"", "LLM_RETRY_BUDGET: \"100000\""),
        entry("LLM_BREAKER_FAULTS: \"5\"", "LLM_BREAKER_FAULTS: \"100000\""),
        entry("LLM_FIRST_BYTE_TIMEOUT_MS: \"30000\"", "LLM_FIRST_BYTE_TIMEOUT_MS: \"3000\""),
        entry("LLM_CONNECT_TIMEOUT_MS: \"3000\"", "LLM_CONNECT_TIMEOUT_MS: \"2000\""),
        entry("LLM_STALL_TIMEOUT_MS: \"15000\"", "LLM_STALL_TIMEOUT_MS: \"1000\""),
        entry("REQUEST_TIMEOUT_MS: \"600000\"", "REQUEST_TIMEOUT_MS: \"13000\""),
        entry("DEADLINE_RESERVE_MS: \"2000\"", "DEADLINE_RESERVE_MS: \"12000\""),
        entry("AUDIT_TIMEOUT_MS: \"1500\"", "AUDIT_TIMEOUT_MS: \"10000\""),
        entry(
            "LLM_STREAMING: \"on\"", "LLM_STREAMING: \"%s\"".formatted(streaming ? "on" : "off")));
  }

  @Nested
  class AskingTheProviderForWholeReplies extends Rows {
    AskingTheProviderForWholeReplies() {
      super(false);
    }
  }

  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  abstract static class Rows {
    private final boolean streaming;
    private final List<Row> rows;
    private final Elsewhere elsewhere = new Elsewhere();
    private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<RunningStack.Reply>> replies = new HashMap<>();

    /** The completed records, by user. */
    Map<String, JsonNode> records = Map.of();

    RunningStack world;

    @SuppressWarnings("NullAway.Init") // send() sets the rest before any test
    Rows(boolean streaming) {
      this.streaming = streaming;
      // What both wires have in common is met once.
      this.rows =
          FaultTable.rows(RunningStack.ROOT).stream()
              .filter(row -> (row.wire() == Fault.Wire.STREAM) == streaming)
              .toList();
    }

    @BeforeAll
    void sendThemAll(@TempDir Path folder) {
      world =
          RunningStack.withPlaces(
              folder,
              LocalSettings.onFreePorts().withLimits(4, 1000, Duration.ofSeconds(150)),
              settings(streaming),
              this::places);
      world.model().script(this::reply);
      rows.forEach(row -> replies.put(row.name(), send(row)));
      int more = sendMore();
      replies.values().forEach(CompletableFuture::join);
      awaitTheTrail(rows.size() + more);
    }

    /** Sends what else this stack is to meet, and waits for its replies; returns how many. */
    int sendMore() {
      return 0;
    }

    /** What is still missing when the time is over, the row's test tells. */
    private void awaitTheTrail(int requests) {
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      do {
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        records = world.completedRecords();
      } while (records.size() < requests && System.nanoTime() < end);
    }

    private Map<String, URI> places(ScriptedModel model) {
      return rows.stream()
          .map(row -> row.fault().place())
          .filter(place -> place != Place.MODEL)
          .collect(toMap(Rows::nameOf, place -> elsewhere.at(place, model)));
    }

    /** A logical id has letters and digits only. */
    private static String nameOf(Place place) {
      return place.name().replace("_", "");
    }

    private Reply reply(ModelRequest request) {
      String name = request.lastUserMessage().replace(PROMPT + " ", "");
      // What follows the fault's name tells apart who meets it.
      return FaultCatalogue.named(name.split(" ", -1)[0])
          .map(fault -> fault.replies().apply(attempts.merge(name, 1, Integer::sum)))
          .orElseGet(() -> Reply.text("well"));
    }

    private CompletableFuture<RunningStack.Reply> send(Row row) {
      Place place = row.fault().place();
      return world.postAsync(
          (place == Place.MODEL ? "" : "/" + nameOf(place)) + "/chat", body(row.name()));
    }

    private static String body(String name) {
      return "{\"message\":\"%s %s\",\"user_id\":\"%s\"}".formatted(PROMPT, name, name);
    }

    Stream<Row> rows() {
      return rows.stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theCallerAndTheTrailAreTold(Row row) {
      var reply = requireNonNull(replies.get(row.name())).join();

      assertThat(reply.status())
          .as("%s%n%s", reply.body(), world.problems())
          .isEqualTo(row.status());
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

    @Test
    void theSameEnvironmentsServeTheNextRequests() {
      for (int i = 0; i < 12; i++) {
        assertThat(world.post("/chat", body("after-" + i)).status()).isEqualTo(200);
      }
    }

    @AfterAll
    void noWordOfTheProviderNoKeyAndNoPromptIsInTheLog() {
      world.close();
      elsewhere.close();

      assertThat(world.output())
          .contains("model_calls")
          .doesNotContain("audit_alternate")
          .doesNotContain(FaultCatalogue.PROSE, RunningStack.KEY, PROMPT, "Exception", "\tat ");
    }
  }
}
