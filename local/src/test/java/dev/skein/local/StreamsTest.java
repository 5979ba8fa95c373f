package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.Chunks;
import dev.skein.faults.ScriptedReply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens from the model's socket to the caller's, through the whole service. */
@ExtendWith(SharedStack.class)
@Timeout(120)
class StreamsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String CHAT = "/chat";
  private static final String COMPLETIONS = "/v1/chat/completions";
  private static final int STREAMS = SharedStack.ENVIRONMENTS;
  private static final int TOKENS = 500;

  private final RunningStack world;

  StreamsTest(RunningStack world) {
    this.world = world;
  }

  @BeforeEach
  void theModelAnswersPlainly() {
    world.model().script(_ -> ScriptedReply.text("well"));
  }

  private static String body(String path, String userId) {
    return path.equals(CHAT)
        ? "{\"message\":\"%s\",\"user_id\":\"%s\",\"stream\":true}".formatted(userId, userId)
        : """
        {"messages":[{"role":"user","content":"%s"}],"user":"%s","stream":true}\
        """
            .formatted(userId, userId);
  }

  private StreamingCaller post(String path, String userId) {
    return StreamingCaller.post(world.stack().api(), path, body(path, userId));
  }

  /** The text of an event of either route; empty for its other events. */
  private static String text(String event) {
    String data = event.substring(event.indexOf("data: ") + 6);
    if (data.equals("[DONE]")) {
      return "";
    }
    JsonNode json = RunningStack.json(data);
    return json.path("text").asText(json.at("/choices/0/delta/content").asText(""));
  }

  private JsonNode completed(String userId) {
    return world.awaitTrail(userId, "completed", 1).getFirst();
  }

  @ParameterizedTest
  @ValueSource(strings = {CHAT, COMPLETIONS})
  void theFirstTokenArrivesWhileTheModelStillWrites(String path) {
    world.model().enqueue(ScriptedReply.stream("one", "two").first(2).ending(Chunks.Ending.OPEN));

    try (var caller = post(path, "first")) {
      assertThat(caller.status()).isEqualTo(200);
      assertThat(caller.headers())
          .containsEntry("content-type", "text/event-stream; charset=utf-8")
          .containsKeys("x-skein-audit-id", "x-request-id");
      String seen = "";
      while (seen.isEmpty()) {
        seen = text(caller.event().orElseThrow());
      }
      assertThat(seen).isEqualTo("one");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {CHAT, COMPLETIONS})
  void aWholeStreamEndsWellAndItsRecordHoldsItsSpeed(String path) {
    String userId = "whole" + path.length();
    world.model().enqueue(ScriptedReply.stream("one", "two").pieces(200, Duration.ofMillis(5)));

    try (var caller = post(path, userId)) {
      var events = caller.events();
      assertThat(events.stream().map(StreamsTest::text).reduce("", String::concat))
          .isEqualTo("onetwo");
      assertThat(events.getLast()).matches("event: done\\R.*|data: \\[DONE]");
      assertThat(caller.isWhole()).isTrue();
    }
    var record = completed(userId);
    assertThat(record.path("time_to_first_token_ms").isIntegralNumber()).isTrue();
    assertThat(record.path("tokens_per_second").doubleValue()).isPositive();
    assertThat(record.path("completion_tokens").intValue()).isEqualTo(5);
    assertThat(record.path("endpoint").textValue()).isEqualTo(path);
  }

  @Test
  void sixteenStreamsAtOnceComeInOrderAndUnmixed() {
    world
        .model()
        .script(
            request ->
                ScriptedReply.stream(tokens(request.lastUserMessage()))
                    .pieces(2000, Duration.ofMillis(1)));

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var streams =
          IntStream.range(0, STREAMS)
              .mapToObj(
                  i ->
                      CompletableFuture.supplyAsync(
                          () -> {
                            String path = i % 2 == 0 ? CHAT : COMPLETIONS;
                            try (var caller = post(path, "many" + i)) {
                              var texts =
                                  caller.events().stream()
                                      .map(StreamsTest::text)
                                      .filter(text -> !text.isEmpty())
                                      .toList();
                              assertThat(caller.isWhole()).isTrue();
                              return texts;
                            }
                          },
                          threads))
              .toList();
      for (int i = 0; i < STREAMS; i++) {
        assertThat(streams.get(i).join()).containsExactly(tokens("many" + i));
      }
    }
    for (int i = 0; i < STREAMS; i++) {
      assertThat(completed("many" + i).path("error").isNull()).isTrue();
    }
  }

  private static String[] tokens(String name) {
    return IntStream.range(0, TOKENS).mapToObj(n -> name + "-" + n + " ").toArray(String[]::new);
  }

  @Test
  void anEnvironmentThatIsKilledCutsItsStreamAndLeavesTheIntent() throws Exception {
    world.model().enqueue(ScriptedReply.stream("a", "b").first(2).ending(Chunks.Ending.OPEN));
    var before = world.stack().environmentPids("ChatFunction");
    try (var caller = post(CHAT, "killed")) {
      assertThat(text(caller.event().orElseThrow())).isEqualTo("a");
      // Whichever environment serves it: they are idle otherwise.
      for (long pid : world.stack().environmentPids("ChatFunction")) {
        assertThat(new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor()).isZero();
      }

      assertThat(caller.events()).isEmpty();
      assertThat(caller.isWhole()).isFalse();
    }
    assertThat(before.size()).isLessThanOrEqualTo(STREAMS);
    assertThat(world.awaitTrail("killed", "intent", 1)).hasSize(1);
    assertThat(world.post(CHAT, "{\"message\":\"next\"}").status()).isEqualTo(200);
    assertThat(world.itemsInTheTable("killed", "completed")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {CHAT, COMPLETIONS})
  void aCallerThatDisconnectsEndsTheCallToTheModel(String path) {
    String userId = "leaver" + path.length();
    var endless = Chunks.Ending.ENDLESS;
    world.model().enqueue(ScriptedReply.stream("on and on ").first(2).ending(endless));
    int number = world.model().requests() + 1;
    try (var caller = post(path, userId)) {
      assertThat(caller.event()).isPresent();
    }

    world.model().awaitClientClosed(number, SOON);
    assertThat(completed(userId).path("error").textValue()).isEqualTo("caller-disconnected");
    assertThat(completed(userId).path("total_tokens").isNull()).isTrue();
  }

  @Test
  void aCallerThatDoesNotReadHoldsTheModelBack() {
    world
        .model()
        .enqueue(ScriptedReply.stream("x".repeat(2000)).first(2).ending(Chunks.Ending.ENDLESS));
    int number = world.model().requests() + 1;
    try (var caller =
        StreamingCaller.post(world.stack().api(), COMPLETIONS, body(COMPLETIONS, "idle"), 4096)) {
      assertThat(caller.status()).isEqualTo(200);
      world.model().awaitHeldBack(SOON);
    }
    world.model().awaitClientClosed(number, SOON);
  }

  @Test
  void theCallersDeadlineEndsItsStreamWithAnError() {
    world.model().enqueue(ScriptedReply.stream("a", "b").first(2).ending(Chunks.Ending.OPEN));

    try (var caller =
        StreamingCaller.post(
            world.stack().api(), CHAT, body(CHAT, "late"), "X-Request-Timeout-Ms: 5000\r\n")) {
      var events = caller.events();
      assertThat(events).hasSize(2);
      assertThat(events.getLast()).startsWith("event: error").contains(":model-timed-out");
      assertThat(caller.isWhole()).isFalse();
    }
    assertThat(completed("late").path("error").textValue()).isEqualTo("model-timed-out");
  }
}
