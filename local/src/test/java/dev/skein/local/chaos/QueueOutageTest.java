package dev.skein.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.faults.FaultProxy;
import dev.skein.faults.ProxiedRequest;
import dev.skein.faults.ProxyFault;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.chaos.Caller.Answer;
import dev.skein.local.testing.Waiting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service while its audit queue is down from the first request to the last. */
@Timeout(300)
class QueueOutageTest {
  private static final int REQUESTS = 15;
  private static final FaultProxy.Script NO_FAULTS = _ -> new ProxyFault.None();

  /** What differs between two runs of the same requests. */
  private static final Set<String> OF_ONE_RUN =
      Set.of(
          "audit_id",
          "content_salt",
          "expires_at",
          "latency_ms",
          "pk",
          "provider_request_ids",
          "request_id",
          "request_key",
          "time_and_id",
          "time_to_first_token_ms",
          "timestamp",
          "tokens_per_second",
          "trace_id");

  @TempDir private Path folder;

  private final ChaosPlan plan = new ChaosPlan(Long.getLong("skein.seed", 1), 0);

  @Test
  void afterAnOutageTheReplayedRecordsMakeTheTrailThatAHealthyQueueWouldHaveMade()
      throws Exception {
    Map<String, JsonNode> healthy;
    try (var world = start("healthy", Map.of())) {
      assertThat(call(world)).allMatch(Answer::isComplete);
      healthy = trail(world);
      assertThat(world.log().records()).isEmpty();
    }

    try (var world = start("outage", Map.of())) {
      world.queue().down();
      var answers = call(world);
      assertThat(answers).allMatch(Answer::isComplete);
      assertThat(world.records()).isEmpty();
      // An answer is there before its completed record is logged.
      Waiting.until("each record is logged", () -> world.log().records().size() >= 2 * REQUESTS);
      var logged = new Trail(List.of(), world.log().records(), List.of(), List.of());
      assertThat(logged.logged()).hasSize(2 * REQUESTS);
      assertThat(logged.byId()).hasSize(REQUESTS).allSatisfy((_, it) -> Trail.isCompleted(it));
      assertThat(logged.ids())
          .containsExactlyInAnyOrderElementsOf(answers.stream().map(Answer::auditId).toList());

      world.queue().up();
      // Twice, as after a replay that was interrupted.
      logged.logged().forEach(record -> world.send(record.toString()));
      logged.logged().forEach(record -> world.send(record.toString()));

      assertThat(trail(world)).isEqualTo(healthy);
      assertThat(world.deadLetters()).isEmpty();
    }
  }

  @Test
  void inTheStrictModeNoReplyIsReleasedWhileTheQueueIsDown() throws Exception {
    try (var world = start("strict", Map.of("AUDIT_MODE", "strict"))) {
      world.queue().down();
      var answers = call(world);

      assertThat(answers)
          .allSatisfy(
              answer -> {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.ended()).isTrue();
                assertThat(answer.body())
                    .containsPattern("audit[-_]unavailable")
                    .doesNotContain("echo");
              });
      Waiting.until(
          "each intent is logged",
          () ->
              answers.stream()
                  .allMatch(
                      answer ->
                          world.log().records().stream()
                              .anyMatch(it -> Trail.requestId(it).equals(answer.requestId()))));
      assertThat(world.modelCalls()).isZero();
      world.queue().up();
      assertThat(world.records()).isEmpty();
    }
  }

  private ChaosStack start(String name, Map<String, String> shell) {
    var world = ChaosStack.start(folder.resolve(name), shell, NO_FAULTS, NO_FAULTS);
    world.script(call -> ScriptedReply.text("echo " + call.lastUserMessage()));
    return world;
  }

  private List<Answer> call(ChaosStack world) throws InterruptedException {
    List<Answer> answers = new ArrayList<>();
    try (var caller = new Caller(world.stack().api(), _ -> {})) {
      for (int number = 0; number < REQUESTS; number++) {
        answers.add(caller.call(plan.request(number)));
      }
    }
    return answers;
  }

  /** The records in the table by user, without what differs in each run. */
  private static Map<String, JsonNode> trail(ChaosStack world) throws Exception {
    Waiting.until(
        "the records are stored",
        () ->
            world.isDrained()
                && world.records().stream().filter(Trail::isCompleted).count() >= REQUESTS);
    var records = new HashMap<String, JsonNode>();
    for (JsonNode record : world.records()) {
      String user = record.path("user_id").asText();
      // As text, in which numbers and nested objects have one form.
      var same = (ObjectNode) ProxiedRequest.json(record.toString());
      same.remove(OF_ONE_RUN);
      // Keys of indexes, which depend on the audit ID.
      same.properties().removeIf(field -> field.getKey().endsWith("shard"));
      assertThat(records.put(user, same)).as("another record of %s", user).isNull();
    }
    assertThat(records).hasSize(REQUESTS);
    return records;
  }
}
