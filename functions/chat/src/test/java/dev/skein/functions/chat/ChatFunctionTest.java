package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ChatFunctionTest {
  private TestEnvironment world =
      TestEnvironment.with(Map.of("OPENAI_ALLOWED_MODELS", "m-2", "CHAT_MAX_TOKENS", "900"));

  @AfterEach
  void stop() {
    world.close();
  }

  private ChatFunction function() {
    var environment = world.environment();
    return new ChatFunction(
        environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
  }

  private RecordedResponse chat(String body) {
    return RecordedResponse.post(function(), "/chat", body);
  }

  private static JsonNode json(String text) throws MalformedJsonException {
    return Json.STRICT.parse(text);
  }

  @Test
  void aReplyHasEveryField() throws Exception {
    world.model().enqueue(ScriptedReply.text("Hi there").usage(9, 2).model("m-1-dated"));

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.json())
        .isEqualTo(
            json(
                """
                {"response": "Hi there", "model": "m-1-dated", "finish_reason": "stop",
                 "truncated": false,
                 "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11,
                           "cached_tokens": null, "cache_write_tokens": null,
                           "reasoning_tokens": null, "service_tier": null},
                 "request_id": "req-1", "audit_id": "audit-1"}\
                """));
  }

  @Test
  void theDefaultsReachTheModel() throws Exception {
    chat("{\"message\":\"Hello\"}");

    assertThat(world.model().received().getFirst().json())
        .isEqualTo(
            json(
                """
                {"model": "m-1", "messages": [{"role": "user", "content": "Hello"}],
                 "temperature": 0.0, "max_tokens": 900}\
                """));
  }

  @Test
  void theCallersParametersReachTheModel() throws Exception {
    chat(
        """
        {"message": "Hello", "system": "Be brief", "temperature": 1.5, "max_tokens": 12,
         "model": "m-2", "user_id": "u-1"}\
        """);

    assertThat(world.model().received().getFirst().json())
        .isEqualTo(
            json(
                """
                {"model": "m-2", "messages": [{"role": "system", "content": "Be brief"},
                 {"role": "user", "content": "Hello"}], "temperature": 1.5, "max_tokens": 12}\
                """));
    assertThat(world.queue().records().getFirst().get("user_id").textValue()).isEqualTo("u-1");
  }

  @Test
  void anIntentAndThenACompletedRecordAreQueued() throws Exception {
    world.model().enqueue(ScriptedReply.text("R".repeat(150)).finishReason("length").usage(9, 2));

    chat("{\"message\":\"" + "M".repeat(150) + "\"}");

    assertThat(world.queue().records()).hasSize(2);
    var intent = world.queue().records().getFirst();
    assertThat(intent)
        .isEqualTo(
            json(
                """
                {"schema_version": 1, "audit_id": "audit-1",
                 "timestamp": "2026-11-23T10:00:00.000Z", "phase": "intent",
                 "request_id": "req-1", "trace_id": null, "endpoint": "/chat",
                 "user_id": "anonymous", "identity": "key-1", "requested_model": "m-1",
                 "model": "m-1", "message_preview": "%s", "message_length": 150,
                 "message_sha256":
                   "951c67bc7deab0b0d44fbf12f5c4a0e029f3800782419ae91c056f392952ed70",
                 "content_salt": "00112233445566778899aabbccddeeff"}\
                """
                    .formatted("M".repeat(100))));
    var completed = world.queue().records().getLast();
    assertThat(completed.get("phase").textValue()).isEqualTo("completed");
    intent
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals("phase")) {
                assertThat(completed.get(field.getKey())).isEqualTo(field.getValue());
              }
            });
    assertThat(completed.get("response_preview").textValue()).isEqualTo("R".repeat(100));
    assertThat(completed.get("total_tokens").intValue()).isEqualTo(11);
    assertThat(completed.get("calls")).isEqualTo(json("{\"total\":1,\"ok\":1,\"failed\":0}"));
    assertThat(completed.get("status").intValue()).isEqualTo(200);
    assertThat(completed.get("error").isNull()).isTrue();
    assertThat(completed.get("truncated").booleanValue()).isTrue();
  }

  @Test
  void unknownUsageIsNull() {
    world.model().enqueue(ScriptedReply.text("x").noUsage());

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.json().get("usage").isNull()).isTrue();
    assertThat(world.queue().records().getLast().get("total_tokens").isNull()).isTrue();
  }

  @Test
  void aTruncatedReplyIsReturnedAndMarkedAsTruncated() {
    world.model().enqueue(ScriptedReply.text("half a").finishReason("length"));

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.json().get("truncated").booleanValue()).isTrue();
    assertThat(response.json().get("finish_reason").textValue()).isEqualTo("length");
  }

  @ParameterizedTest
  @CsvSource({
    "400, 422, model-rejected",
    "401, 502, model-misconfigured",
    "404, 502, model-misconfigured",
    "429, 429, model-rate-limited",
    "500, 503, model-unavailable",
    "307, 502, model-malformed",
  })
  void aModelErrorIsReturnedAsAProblemAndAudited(int upstream, int status, String problem) {
    world.model().enqueue(ScriptedReply.error(upstream, "t", "c"));

    var response = chat("{\"message\":\"the canary prompt\"}");

    assertThat(response.status()).isEqualTo(status);
    assertThat(response.json().get("type").textValue()).isEqualTo("urn:skein:problem:" + problem);
    assertThat(response.json().get("audit_id").textValue()).isEqualTo("audit-1");
    assertThat(response.json().toString()).doesNotContain("scripted", "canary");
    var completed = world.queue().records().getLast();
    assertThat(completed.get("status").intValue()).isEqualTo(status);
    assertThat(completed.get("error").textValue()).isEqualTo(problem);
    assertThat(completed.get("attempts").intValue()).isEqualTo(1);
    assertThat(String.join("\n", world.lines())).contains(problem).doesNotContain("canary");
  }

  @Test
  void theProvidersRetryAfterIsRoundedUpToSeconds() {
    world.model().enqueue(ScriptedReply.status(429, Map.of("retry-after-ms", "1200"), ""));

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.headers()).containsEntry("Retry-After", "2");
  }

  @Test
  void theCallTimesOutBeforeTheInvocationDoes() {
    world.model().enqueue(ScriptedReply.hang());

    var event = ApiCall.event("POST", "/chat", "{\"message\":\"Hello\"}");
    var response = RecordedResponse.of(function(), event, Duration.ofMillis(2100));

    assertThat(response.status()).isEqualTo(504);
    assertThat(response.json().get("type").textValue()).endsWith(":model-timed-out");
    assertThat(world.queue().records().getLast().get("error").textValue())
        .isEqualTo("model-timed-out");
  }

  @Test
  void anInvalidRequestNeitherCallsTheModelNorLeavesARecord() {
    var response =
        chat("{\"message\":\" \",\"temperature\":3,\"max_tokens\":901,\"model\":\"m-9\",\"x\":1}");

    assertThat(response.status()).isEqualTo(422);
    assertThat(response.json().get("errors"))
        .extracting(error -> error.get("pointer").textValue())
        .containsExactly("/message", "/temperature", "/max_tokens", "/model", "/x");
    assertThat(world.model().requests()).isZero();
    assertThat(world.queue().records()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "900001", "-1", "+1", "1.5", "1e3", "soon", "100, 200", "99999999999"})
  void anInvalidTimeoutIsReportedTogetherWithTheErrorsOfTheBody(String value) {
    var event = ApiCall.event("POST", "/chat", "{\"message\":\" \"}");
    event.putObject("headers").put("X-Request-Timeout-Ms", value);

    var response = RecordedResponse.of(function(), event, Duration.ofSeconds(10));

    assertThat(response.status()).isEqualTo(422);
    assertThat(response.json().get("errors"))
        .extracting(error -> error.get("pointer").textValue())
        .containsExactly("/message", "/headers/x-request-timeout-ms");
    assertThat(world.model().requests()).isZero();
    assertThat(world.queue().records()).isEmpty();
    assertThat(response.headers()).doesNotContainKey("X-Skein-Attempts");
  }

  @Test
  void theCallersTimeoutEndsTheCall() {
    world.model().enqueue(ScriptedReply.hang());
    var event = ApiCall.event("POST", "/chat", "{\"message\":\"Hello\"}");
    // Long enough to open the connection in a JVM that has not made a call yet.
    event.putObject("headers").put("X-Request-Timeout-Ms", "1000");

    var response = RecordedResponse.of(function(), event, Duration.ofMinutes(10));

    assertThat(response.status()).isEqualTo(504);
    world.model().awaitClientClosed(1, Duration.ofSeconds(10));
  }

  @Test
  void interruptingAnInvocationClosesTheConnection() {
    world.model().enqueue(ScriptedReply.hang());
    var event = ApiCall.event("POST", "/chat", "{\"message\":\"Hello\"}");
    var caller =
        Thread.ofPlatform()
            .start(() -> RecordedResponse.of(function(), event, Duration.ofMinutes(10)));
    world.model().awaitInFlight(1, Duration.ofSeconds(10));

    caller.interrupt();

    world.model().awaitClientClosed(1, Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"900000", " 30000 "})
  void aTimeoutThatIsLongEnoughHasNoEffect(String value) {
    var event = ApiCall.event("POST", "/chat", "{\"message\":\"Hello\"}");
    event.putObject("headers").put("X-Request-Timeout-Ms", value);

    assertThat(RecordedResponse.of(function(), event, Duration.ofSeconds(10)).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"32000, 200", "32001, 422"})
  void aMessageHasUpTo32000Characters(int length, int status) {
    assertThat(chat("{\"message\":\"" + "ü".repeat(length) + "\"}").status()).isEqualTo(status);
  }

  @Test
  void noReplyIsReturnedBeforeTheIntentIsQueued() throws Exception {
    var intentQueued = new CompletableFuture<Void>();
    var acknowledgements = new ArrayDeque<>(List.of(intentQueued));
    world
        .queue()
        .acknowledgeBy(
            () ->
                acknowledgements.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : acknowledgements.remove());
    var caller = Thread.ofVirtual().start(() -> chat("{\"message\":\"Hello\"}"));

    // The model is called while the intent is sent; the reply waits for the queue.
    world.model().awaitRequests(1, Duration.ofSeconds(10));
    assertThat(caller.join(Duration.ofMillis(500))).isFalse();
    assertThat(world.queue().records()).hasSize(1);
    intentQueued.complete(null);

    assertThat(caller.join(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void recordsThatCannotBeQueuedAreLoggedCompletelyAndTheReplyIsReturned() throws Exception {
    world
        .queue()
        .acknowledgeBy(
            () -> CompletableFuture.failedFuture(new IllegalStateException("no queue here")));

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.status()).isEqualTo(200);
    var alternate =
        world.lines().stream().filter(line -> line.contains("audit_alternate")).toList();
    assertThat(alternate).hasSize(2);
    var line = json(alternate.getLast());
    assertThat(line.get("record")).isEqualTo(world.queue().records().getLast());
    assertThat(line.get("AuditAlternateSink").intValue()).isEqualTo(1);
    assertThat(line.at("/_aws/CloudWatchMetrics/0/Metrics/0/Name").textValue())
        .isEqualTo("AuditAlternateSink");
  }

  @Test
  void aHangingQueueDelaysTheReplyByNoMoreThanItsTimeout() {
    world.close();
    world = TestEnvironment.with(Map.of("AUDIT_TIMEOUT_MS", "100"));
    world.queue().acknowledgeBy(CompletableFuture::new);

    assertThat(chat("{\"message\":\"Hello\"}").status()).isEqualTo(200);
    assertThat(world.lines()).anyMatch(line -> line.contains("audit_alternate"));
  }

  @Test
  void inStrictModeNoModelIsCalledWithoutAnIntent() {
    world.close();
    world = TestEnvironment.with(Map.of("AUDIT_MODE", "strict"));
    world.queue().acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.json().get("type").textValue()).endsWith(":audit-unavailable");
    assertThat(world.model().requests()).isZero();
  }

  @Test
  void inStrictModeNoReplyIsReturnedWithoutItsRecord() {
    world.close();
    world = TestEnvironment.with(Map.of("AUDIT_MODE", "strict"));
    world
        .model()
        .script(
            request -> {
              world
                  .queue()
                  .acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));
              return ScriptedReply.text("the reply");
            });

    var response = chat("{\"message\":\"Hello\"}");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.json().toString()).doesNotContain("the reply");
  }
}
