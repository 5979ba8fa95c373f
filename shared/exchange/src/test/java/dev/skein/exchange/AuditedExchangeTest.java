package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.ProviderError;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AuditedExchangeTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ApiRequest REQUEST =
      new ApiRequest(
          "POST", "/test", Map.of(), Map.of(), "", "req-1", "key-1", ErrorFormat.PROBLEM);

  private static final AuditedExchange.Subject SUBJECT =
      new AuditedExchange.Subject("/test", "ann", "m-1", "Hi");

  /** The records that were sent before the response was handed over. */
  private volatile int kept;

  private TestEnvironment world = TestEnvironment.with(Map.of());

  @AfterEach
  void stop() {
    world.close();
  }

  private void restart(TestEnvironment other) {
    world.close();
    world = other;
  }

  private record NoStream() implements StreamFormat {

    @Override
    public String piece(Delta delta) {
      throw new AssertionError("no stream was asked for");
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      throw new AssertionError("no stream was asked for");
    }

    @Override
    public String error(ObjectNode document) {
      throw new AssertionError("no stream was asked for");
    }
  }

  private static Rendered document(Completed completed) {
    return new Rendered.Document(Json.object());
  }

  private static Rendered render(List<LlmOutcome> outcomes) {
    return OutcomeProblems.of(outcomes.getFirst())
        .<Rendered>map(Rendered.Failure::new)
        .orElseGet(() -> new Rendered.Document(Json.object()));
  }

  /** Longer than any test: what ends earlier was ended. */
  private static Deadline farAway() {
    return Deadline.in(Duration.ofMinutes(10), System::nanoTime);
  }

  private ApiResponse run(Optional<Duration> timeout, Function<Completed, Rendered> render) {
    var asked = new LlmRequest("m-1", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));
    var environment = world.environment();
    var response =
        environment
            .exchange()
            .run(
                REQUEST,
                farAway(),
                SUBJECT,
                timeout,
                started -> started.ask(environment.llm(), asked, false, new NoStream(), render));
    kept = world.queue().records().size();
    response.afterwards().run();
    return response;
  }

  private ApiResponse run() {
    return run(Optional.empty(), AuditedExchangeTest::document);
  }

  private static JsonNode json(String text) throws MalformedJsonException {
    return Json.STRICT.parse(text);
  }

  private static String text(ApiResponse response) {
    return ((ApiResponse.Text) response.body()).text();
  }

  private void theFirstAnswers(ScriptedReply reply) {
    world
        .model()
        .script(request -> isOther(request) ? ScriptedReply.text("from the other") : reply);
  }

  private static boolean isOther(ModelRequest request) {
    return request.json().path("model").asText().equals("llama3.2");
  }

  @Test
  void theAttemptsAreInTheHeadersTheRecordAndTheLog() throws Exception {
    restart(TestEnvironment.withFailover("llama3.2", Map.of("LLM_MAX_RETRIES", "1")));
    theFirstAnswers(ScriptedReply.status(503, Map.of("retry-after-ms", "1"), ""));

    var response = run();

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("X-Skein-Attempts", "3")
        .containsEntry("X-Skein-Tried", "m-1 model-unavailable x2, llama3.2 ok");
    var completed = world.queue().records().getLast();
    assertThat(completed.get("attempts").intValue()).isEqualTo(3);
    assertThat(completed.get("tried"))
        .isEqualTo(
            json(
                """
                [{"model": "m-1", "result": "model-unavailable", "count": 2},
                 {"model": "llama3.2", "result": "ok", "count": 1}]\
                """));
    assertThat(world.events("model_calls"))
        .containsExactly(
            json(
                """
                {"timestamp": "2026-11-23T10:00:00.000Z", "level": "INFO", "event": "model_calls",
                 "request_id": "req-1", "audit_id": "audit-1", "calls": 1, "ok": 1, "attempts": 3,
                 "tried": "m-1 model-unavailable x2, llama3.2 ok",
                 "prompt_tokens": 10, "completion_tokens": 5}\
                """));
  }

  @Test
  void aProblemHasTheAttemptsInItsHeadersToo() throws Exception {
    world.model().enqueue(ScriptedReply.html());

    var response = run();

    assertThat(response.status()).isEqualTo(502);
    assertThat(response.headers())
        .containsEntry("X-Skein-Attempts", "1")
        .containsEntry("X-Skein-Tried", "m-1 model-malformed")
        .containsEntry("Content-Type", "application/problem+json");
    assertThat(world.events("model_call_failed"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.get("error").textValue()).isEqualTo("model-malformed");
              assertThat(line.get("reason").textValue()).isNotEmpty();
              assertThat(line.has("attempts")).isFalse();
            });
    assertThat(world.events("model_calls").getFirst().get("ok").intValue()).isZero();
  }

  @Test
  void aReplyThatBrokeOffIsLoggedWithWhatHappened() {
    world.model().enqueue(ScriptedReply.cut(ScriptedReply.text("half"), 20));

    assertThat(run().status()).isEqualTo(502);
    assertThat(world.events("model_call_failed").getFirst().path("reason").asText()).isNotEmpty();
  }

  @Test
  void aRefusedKeyIsAnAlarmEvenWhenAnotherEndpointAnswers() throws Exception {
    restart(TestEnvironment.withFailover("llama3.2", Map.of()));
    theFirstAnswers(ScriptedReply.error(401, "invalid_request_error", "invalid_api_key"));

    assertThat(run().status()).isEqualTo(200);

    assertThat(world.events("model_credentials_refused"))
        .containsExactly(
            json(
                """
                {"timestamp": "2026-11-23T10:00:00.000Z", "level": "ERROR",
                 "event": "model_credentials_refused", "request_id": "req-1",
                 "model": "m-1", "upstream_status": 401, "type": "invalid_request_error",
                 "code": "invalid_api_key", "stack": "unknown", "function": "unknown",
                 "_aws": {"Timestamp": 1795428000000, "CloudWatchMetrics": [{"Namespace": "Skein",
                   "Dimensions": [["stack"], ["stack", "function"]],
                   "Metrics": [{"Name": "ModelCredentialsRefused", "Unit": "Count"}]}]},
                 "ModelCredentialsRefused": 1}\
                """));
    assertThat(world.events("model_call_failed")).isEmpty();
    assertThat(String.join("\n", world.lines())).doesNotContain("canary");
  }

  @Test
  void aHundredCallsWithARefusedKeyAreOneAlarmAndOneWarning() {
    var refused = new Rejected(Reason.CREDENTIALS, error(403, "no_access"));
    var attempt = new Attempt("m-1", refused);
    var results = Collections.nCopies(100, new LlmResult(refused, List.of(attempt)));

    world
        .environment()
        .exchange()
        .run(
            REQUEST,
            farAway(),
            SUBJECT,
            Optional.empty(),
            started -> started.reply(results, AuditedExchangeTest::render))
        .afterwards()
        .run();

    assertThat(world.events("model_credentials_refused")).hasSize(1);
    assertThat(world.events("model_call_failed"))
        .singleElement()
        .satisfies(line -> assertThat(line.get("count").intValue()).isEqualTo(100));
  }

  @Test
  void everyFailedAttemptIsLoggedThoughARetrySucceeds() throws Exception {
    restart(TestEnvironment.with(Map.of("LLM_MAX_RETRIES", "2")));
    var busy =
        ScriptedReply.status(
            503,
            Map.of("retry-after-ms", "1"),
            "{\"error\":{\"type\":\"overloaded\",\"code\":\"1305\"}}");
    world.model().enqueue(busy, busy, ScriptedReply.text("there"));

    assertThat(run().status()).isEqualTo(200);

    assertThat(world.events("model_attempt_failed"))
        .containsExactly(
            json(
                """
                {"timestamp": "2026-11-23T10:00:00.000Z", "level": "WARN",
                 "event": "model_attempt_failed", "request_id": "req-1", "model": "m-1",
                 "error": "model-unavailable", "upstream_status": 503, "type": "overloaded",
                 "code": "1305", "count": 2}\
                """));
    assertThat(world.events("model_call_failed")).isEmpty();
  }

  @Test
  void whatIsLearnedAboutAModelIsLoggedOnce() throws Exception {
    var refusal =
        "{\"error\":{\"message\":\"no such parameter\",\"param\":\"max_tokens\","
            + "\"code\":\"unsupported_parameter\"}}";
    world
        .model()
        .script(
            request ->
                request.json().has("max_tokens")
                    ? ScriptedReply.json(400, refusal)
                    : ScriptedReply.text("hi"));

    assertThat(run().status()).isEqualTo(200);
    assertThat(run().status()).isEqualTo(200);

    assertThat(world.events("model_profile_learned"))
        .containsExactly(
            json(
                """
                {"timestamp": "2026-11-23T10:00:00.000Z", "level": "INFO",
                 "event": "model_profile_learned", "request_id": "req-1", "model": "m-1",
                 "token_limit": "max_completion_tokens"}\
                """));
  }

  @Test
  void anEndpointThatItsBreakerSkipsIsLoggedAndTheCallerIsToldSo() {
    restart(TestEnvironment.with(Map.of("LLM_BREAKER_FAULTS", "1")));
    world.model().script(request -> ScriptedReply.status(503));
    run();

    var response = run();

    assertThat(response.body().toString())
        .contains("was not called")
        .contains("circuit breaker is open");
    assertThat(world.events("model_call_skipped"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.get("model").textValue()).isEqualTo("m-1");
              assertThat(line.get("reason").textValue()).isEqualTo("circuit_open");
              assertThat(line.get("count").intValue()).isEqualTo(1);
              assertThat(line.get("ModelCallsSkipped").intValue()).isEqualTo(1);
            });
    assertThat(world.events("model_call_failed").getLast().get("reason").textValue())
        .isEqualTo("circuit_open");
  }

  @Test
  void failuresOfMoreThanTwentyKindsAreOnlyCounted() {
    var results =
        IntStream.range(0, 50)
            .mapToObj(i -> new Unavailable(new ProviderError(500 + i / 2), Optional.empty()))
            .map(failure -> new LlmResult(failure, List.of(new Attempt("m", failure))))
            .toList();

    world
        .environment()
        .exchange()
        .run(
            REQUEST,
            farAway(),
            SUBJECT,
            Optional.empty(),
            started -> started.reply(results, AuditedExchangeTest::render))
        .afterwards()
        .run();

    var lines = world.events("model_attempt_failed");
    assertThat(lines).hasSize(21);
    assertThat(lines.getFirst().get("count").intValue()).isEqualTo(2);
    assertThat(lines.getLast().get("omitted").intValue()).isEqualTo(10);
  }

  @Test
  void aTimeoutIsLoggedWithItsLimit() {
    restart(
        TestEnvironment.with(Map.of("LLM_STREAMING", "on", "LLM_FIRST_BYTE_TIMEOUT_MS", "100")));
    world.model().script(request -> ScriptedReply.hang());

    assertThat(run().status()).isEqualTo(504);

    assertThat(world.events("model_call_failed").getFirst().get("limit").textValue())
        .isEqualTo("first_byte");
  }

  private static ProviderError error(int status, String code) {
    return new ProviderError(status, Optional.empty(), Optional.of(code));
  }

  @Test
  void theRecordHasTheStatusThatTheRouteAnswersWith() {
    var rejected = new Rejected(Reason.REQUEST, error(400, "context_length_exceeded"));
    var request =
        new ApiRequest(
            "POST", "/v1/test", Map.of(), Map.of(), "", "req-1", "key-1", ErrorFormat.OPENAI);

    var response =
        world
            .environment()
            .exchange()
            .run(
                request,
                farAway(),
                SUBJECT,
                Optional.empty(),
                started ->
                    started.reply(
                        List.of(new LlmResult(rejected, List.of())), AuditedExchangeTest::render));
    response.afterwards().run();

    assertThat(response.status()).isEqualTo(400);
    assertThat(world.queue().records().getLast().get("status").intValue()).isEqualTo(400);
  }

  @Test
  void aBugBeforeTheModelIsCalledIsAuditedLikeAnyOtherEnd() {
    var response =
        world
            .environment()
            .exchange()
            .run(
                REQUEST,
                farAway(),
                SUBJECT,
                Optional.empty(),
                _ -> {
                  throw new IllegalStateException("the canary of a message");
                });
    response.afterwards().run();

    assertThat(response.status()).isEqualTo(500);
    assertThat(world.queue().records()).hasSize(2);
    assertThat(world.queue().records().getLast().get("error").textValue()).isEqualTo("internal");
  }

  @ParameterizedTest
  @CsvSource({"REQUEST_TIMEOUT_MS, 1000, 900000", "REQUEST_TIMEOUT_MS, 900000, 1000"})
  void aCallEndsWhenTheOperatorOrTheCallerSaysSo(String setting, String value, long callers) {
    restart(TestEnvironment.with(Map.of(setting, value)));
    world.model().enqueue(ScriptedReply.hang());
    long start = System.nanoTime();

    var response = run(Optional.of(Duration.ofMillis(callers)), AuditedExchangeTest::document);

    assertThat(response.status()).isEqualTo(504);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(response.headers()).containsEntry("X-Skein-Tried", "m-1 model-timed-out");
    world.model().awaitClientClosed(1, SOON);
  }

  @Test
  void anInvocationThatIsInterruptedEndsItsCalls() throws Exception {
    world.model().enqueue(ScriptedReply.hang());
    var task = new FutureTask<>(this::run);
    var invocation = Thread.ofPlatform().start(task);
    world.model().awaitInFlight(1, SOON);

    invocation.interrupt();

    world.model().awaitClientClosed(1, SOON);
    assertThat(task.get().status()).isEqualTo(500);
    assertThat(world.queue().records().getLast().get("error").textValue()).isEqualTo("internal");
  }

  @Test
  void aBugInRenderingIsAProblemWithAllThatIsKnownAboutTheCalls() throws Exception {
    var response =
        run(
            Optional.empty(),
            _ -> {
              throw new IllegalStateException("the canary of a message");
            });

    assertThat(response.status()).isEqualTo(500);
    assertThat(json(text(response)).get("type").textValue())
        .isEqualTo("urn:skein:problem:internal");
    assertThat(json(text(response)).get("audit_id").textValue()).isEqualTo("audit-1");
    assertThat(response.headers())
        .containsEntry("X-Skein-Tried", "m-1 ok")
        .containsEntry("x-should-retry", "false");
    var completed = world.queue().records().getLast();
    assertThat(completed.get("status").intValue()).isEqualTo(500);
    assertThat(completed.get("error").textValue()).isEqualTo("internal");
    assertThat(completed.get("attempts").intValue()).isEqualTo(1);
    assertThat(world.events("bug")).hasSize(1);
    assertThat(String.join("\n", world.lines())).doesNotContain("canary");
  }

  @Test
  void aReplyThatIsHeldBackForItsRecordHasTheAttemptsInItsHeadersAndIsNotAskedForAgain() {
    restart(TestEnvironment.with(Map.of("AUDIT_MODE", "strict")));
    world
        .model()
        .script(
            request -> {
              world
                  .queue()
                  .acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));
              return ScriptedReply.text("the reply");
            });

    var response = run();

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.headers())
        .containsEntry("X-Skein-Tried", "m-1 ok")
        .containsEntry("x-should-retry", "false");
  }

  @ParameterizedTest
  @CsvSource({"default, 1", "strict, 2"})
  void theCompletedRecordFollowsTheReplyUnlessTheModeIsStrict(String mode, int before) {
    restart(TestEnvironment.with(Map.of("AUDIT_MODE", mode)));

    assertThat(run().status()).isEqualTo(200);

    assertThat(kept).isEqualTo(before);
    assertThat(world.queue().records()).hasSize(2);
  }
}
