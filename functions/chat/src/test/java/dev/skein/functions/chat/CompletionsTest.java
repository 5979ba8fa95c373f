package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.base.Json;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.Chunks;
import dev.skein.faults.ScriptedReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/chat/completions} and {@code GET /v1/models}. */
@Timeout(30)
class CompletionsTest {
  private static final String PATH = "/v1/chat/completions";
  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
  private static final String WHOLE =
      """
      {"id":"x","object":"chat.completion","created":7,"model":"m-dated","new_field":{"a":[1.5e-7]},
       "choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c"}]},
         "logprobs":null,"finish_reason":"tool_calls"}],
       "usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}
      """;

  private final TestEnvironment world =
      TestEnvironment.with(Map.of("OPENAI_ALLOWED_MODELS", "m-2", "CHAT_MAX_TOKENS", "900"));

  @AfterEach
  void stop() {
    world.close();
  }

  private RecordedResponse call(JsonNode event) {
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    return RecordedResponse.of(function, event, Duration.ofMinutes(10));
  }

  private RecordedResponse complete(String body) {
    return call(ApiCall.event("POST", PATH, body));
  }

  private RecordedResponse completeWith(String fields) {
    return complete("{" + MESSAGES + (fields.isEmpty() ? "" : ",") + fields + "}");
  }

  private JsonNode sent() {
    return world.model().received().getLast().json();
  }

  private static void assertError(
      RecordedResponse response, int status, String type, String code, String param) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.headers())
        .containsEntry("Content-Type", "application/json")
        .containsEntry("X-Request-Id", "req-1");
    JsonNode error = response.json().path("error");
    assertThat(error.path("type").textValue()).isEqualTo(type);
    assertThat(error.path("code").textValue()).isEqualTo(code);
    assertThat(error.path("param").asText("none")).isEqualTo(param);
    assertThat(error.path("message").textValue()).isNotEmpty();
  }

  @Test
  void theProvidersReplyLeavesAsItCame() {
    world.model().enqueue(ScriptedReply.json(200, WHOLE));

    var response = completeWith("");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(WHOLE);
    assertThat(response.headers())
        .containsEntry("Content-Type", "application/json")
        .containsEntry("X-Skein-Audit-Id", "audit-1")
        .containsEntry("X-Skein-Attempts", "1");
    var completed = world.queue().records().getLast();
    assertThat(completed.path("endpoint").textValue()).isEqualTo(PATH);
    assertThat(completed.path("model").textValue()).isEqualTo("m-dated");
    assertThat(completed.path("total_tokens").intValue()).isEqualTo(11);
  }

  @Test
  void aRecordStaysSmallWhateverTheCallerAndTheProviderSend() {
    String emoji = "😀".repeat(200_000);
    String reply =
        WHOLE
            .replace("\"m-dated\"", "\"" + emoji + "\"")
            .replace("\"content\":null", "\"content\":\"" + emoji + "\"");
    String user = ",\"user\":\"" + "😀".repeat(128) + "\"";
    try (var largest = TestEnvironment.with(Map.of("AUDIT_PREVIEW_CHARS", "10000"))) {
      largest.model().enqueue(ScriptedReply.json(200, reply));
      var environment = largest.environment();
      var function =
          new ChatFunction(
              environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
      String body = "{" + MESSAGES.replace("Hello", emoji) + user + "}";

      assertThat(RecordedResponse.post(function, PATH, body).status()).isEqualTo(200);

      var kept = largest.queue().records().getLast();
      assertThat(kept.path("message_preview").textValue()).isEqualTo("😀".repeat(10_000));
      assertThat(kept.path("response_preview").textValue()).isEqualTo("😀".repeat(10_000));
      assertThat(kept.path("model").textValue()).hasSize(256);
      // SQS accepts 1 MiB.
      assertThat(Json.STRICT.write(kept)).hasSizeLessThan(256 * 1024);
    }
  }

  @Test
  void whatIsNotSkeinsReachesTheProviderAsItIs() {
    String fields =
        """
        "model":"m-2", "max_completion_tokens":7, "temperature":0.123456789012345678901,
        "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
        "tool_choice":"auto", "response_format":{"type":"json_schema","json_schema":{"name":"s"}},
        "stop":["x"], "seed":12345678901234567890, "n":1, "new_field":[null,{"é":true}], "user":"u-1"\
        """;
    completeWith(fields);

    assertThat(RecordedResponse.parse(world.model().received().getLast().body()))
        .isEqualTo(RecordedResponse.parse("{" + MESSAGES + "," + fields + "}"));
    assertThat(world.queue().records().getFirst().path("user_id").textValue()).isEqualTo("u-1");
  }

  @Test
  void anImageMayBeMostOfTheBody() {
    String image = "data:image/png;base64," + "A".repeat(900_000);
    var response =
        complete(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is"
                + " it?\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\""
                + image
                + "\"}}]}]}");

    assertThat(response.status()).isEqualTo(200);
    assertThat(sent().at("/messages/0/content/1/image_url/url").textValue()).isEqualTo(image);
    assertThat(world.queue().records().getFirst().path("message_preview").textValue())
        .isEqualTo("What is it?");
  }

  @Test
  void theBoundOnTokensHoldsWhoeverSaysNone() {
    completeWith("");
    assertThat(sent().path("max_tokens").intValue()).isEqualTo(900);
    completeWith("\"max_tokens\":null");
    assertThat(sent().path("max_tokens").intValue()).isEqualTo(900);
    completeWith("\"max_tokens\":3");
    assertThat(sent().path("max_tokens").intValue()).isEqualTo(3);
    completeWith("\"max_completion_tokens\":3");
    assertThat(sent().has("max_tokens")).isFalse();
  }

  @Test
  void anEmptyUserCountsAsAbsent() {
    assertThat(completeWith("\"user\":\"\"").status()).isEqualTo(200);
    assertThat(world.queue().records().getFirst().path("user_id").textValue())
        .isEqualTo("anonymous");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"max_tokens\":901            | max_tokens",
        "\"max_tokens\":0              | max_tokens",
        "\"max_completion_tokens\":901 | max_completion_tokens",
        "\"max_completion_tokens\":\"7\" | max_completion_tokens",
        "\"n\":2                       | n",
        "\"stream\":\"yes\"            | stream",
        "\"user\":7                    | user",
        "\"user\":{}                   | user",
        "\"model\":7                   | model",
      })
  void whatIsSkeinsIsRefusedWhenItDoesNotFit(String field, String param) {
    assertError(completeWith(field), 400, "invalid_request_error", "invalid_request", param);
    assertThat(world.model().requests()).isZero();
    assertThat(world.queue().records()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"messages\":[]}", "{\"messages\":[\"Hi\"]}", "{\"messages\":{}}"})
  void messagesMustBeThere(String body) {
    assertError(complete(body), 400, "invalid_request_error", "invalid_request", "messages");
  }

  @Test
  void aModelThatIsNotAllowedIsNotFound() {
    assertError(
        completeWith("\"model\":\"gpt-expensive\""),
        404,
        "invalid_request_error",
        "model_not_found",
        "none");
  }

  @Test
  void everyRefusalHasTheOpenAiFormat() {
    assertError(complete("{"), 400, "invalid_request_error", "malformed_request", "none");
    assertError(complete("[]"), 400, "invalid_request_error", "invalid_request", "none");
    assertError(
        complete("{\"messages\":\"" + "x".repeat(6 << 20) + "\"}"),
        413,
        "invalid_request_error",
        "too_large",
        "none");
    assertError(
        call(ApiCall.event("GET", PATH, "")),
        405,
        "invalid_request_error",
        "method_not_allowed",
        "none");
    var text = ApiCall.event("POST", PATH, "{}");
    ((ObjectNode) text.path("headers")).put("Content-Type", "text/plain");
    assertError(call(text), 415, "invalid_request_error", "unsupported_media_type", "none");
  }

  @ParameterizedTest
  @CsvSource({
    "400, 400, invalid_request_error, context_length_exceeded",
    "401, 502, server_error, context_length_exceeded",
    "429, 429, rate_limit_error, model_rate_limited",
    "500, 503, server_error, model_unavailable",
  })
  void aFaultOfTheModelsHasTheOpenAiFormat(int upstream, int status, String type, String code) {
    world.model().enqueue(ScriptedReply.error(upstream, "t", "context_length_exceeded"));

    var response = completeWith("");

    assertError(response, status, type, code, "none");
    assertThat(response.text()).doesNotContain("scripted");
    assertThat(world.queue().records()).hasSize(2);
  }

  @Test
  void aContextThatIsTooLongIsReportedAsClientsRecogniseIt() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                400,
                "{\"object\":\"error\",\"message\":\"This model's maximum context length is 8192"
                    + " tokens. However, you requested 9000 tokens (8000 in org-canary).\","
                    + "\"type\":\"BadRequestError\",\"param\":null,\"code\":400}"));

    var response = completeWith("");

    assertError(response, 400, "invalid_request_error", "context_length_exceeded", "none");
    assertThat(message(response))
        .isEqualTo(
            "The model's API rejected this request: this model's maximum context length is 8192"
                + " tokens, and the request needs 9000.");
  }

  @Test
  void theParameterThatTheProviderRejectedIsNamed() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                400,
                "{\"error\":{\"message\":\"canary\",\"type\":\"invalid_request_error\","
                    + "\"param\":\"top_logprobs\",\"code\":\"integer_above_max_value\"}}"));

    var response = completeWith("");

    assertError(response, 400, "invalid_request_error", "integer_above_max_value", "top_logprobs");
    assertThat(message(response)).contains("because of top_logprobs");
  }

  @Test
  void aFailureOfTheProvidersIsNamedInTheMessage() {
    world.model().enqueue(ScriptedReply.error(500, "internal_server_error", ""));

    assertThat(message(completeWith("")))
        .isEqualTo("The model's API answered 500 (internal_server_error).");
  }

  private static String message(RecordedResponse response) {
    return response.json().path("error").path("message").textValue();
  }

  @Test
  void aStreamIsTheProvidersChunksAndThenDone() {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo"));

    var response = completeWith("\"stream\":true");

    assertThat(response.headers())
        .containsEntry("Content-Type", "text/event-stream; charset=utf-8");
    var events = response.events();
    assertThat(events).hasSize(5).allMatch(event -> event.startsWith("data: "));
    assertThat(events.get(1))
        .isEqualTo(
            "data:"
                + " {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"scripted\","
                + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}");
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    assertThat(world.queue().records().getLast().path("total_tokens").intValue()).isEqualTo(15);
  }

  @Test
  void theUsageIsTheLastChunkForWhoAsksForIt() {
    world.model().enqueue(ScriptedReply.stream("x"));

    var events =
        completeWith("\"stream\":true,\"stream_options\":{\"include_usage\":true}").events();

    assertThat(events.get(events.size() - 2)).contains("\"choices\":[]", "\"total_tokens\":15");
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
  }

  @Test
  void aStreamThatIsCutEndsInAnErrorAndNotInDone() {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo").first(2).ending(Chunks.Ending.CLOSED));

    var response = completeWith("\"stream\":true");

    assertThat(response.text()).doesNotContain("[DONE]");
    assertThat(response.events().getLast())
        .isEqualTo(
            "data: {\"error\":{\"message\":\"The model's reply broke off before it was complete.\","
                + "\"type\":\"server_error\",\"param\":null,\"code\":\"model_cut\"}}");
    assertThat(response.failure()).isEqualTo("urn:skein:problem:model-cut");
  }

  @Test
  void theModelsAreThoseThatMayBeNamed() {
    var response = call(ApiCall.event("GET", "/v1/models", ""));

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.json().path("object").textValue()).isEqualTo("list");
    assertThat(response.json().path("data").findValuesAsText("id"))
        .isEqualTo(List.of("m-1", "m-2"));
    assertThat(world.queue().records()).isEmpty();
  }

  @Test
  void aDeepSchemaAndLongNumbersReachTheProvider() {
    var schema = "{\"type\":\"string\"}";
    for (int i = 0; i < 14; i++) {
      schema = "{\"type\":\"object\",\"properties\":{\"p\":" + schema + "}}";
    }
    String fields =
        "\"tools\":[{\"function\":{\"parameters\":%s}}],\"top_p\":0.12345678901234567890123"
            .formatted(schema);

    assertThat(completeWith(fields).status()).isEqualTo(200);
    assertThat(world.model().received().getLast().body()).contains(fields);
  }

  @Test
  void aCompressedBodyIsRefusedInTheOpenAiFormat() {
    var event = ApiCall.event("POST", PATH, "H4sIAAAAAAAA/wP/");
    event.put("isBase64Encoded", true);
    ((ObjectNode) event.get("headers")).put("Content-Encoding", "gzip");

    assertError(call(event), 415, "invalid_request_error", "unsupported_media_type", "none");
  }

  @Test
  void aBodyThatIsNotUtf8IsRefusedInTheOpenAiFormat() {
    var event = ApiCall.event("POST", PATH, "/w==").put("isBase64Encoded", true);

    assertError(call(event), 400, "invalid_request_error", "malformed_request", "none");
  }

  @Test
  void whatTheProviderWroteInItsOwnWayLeavesAsItCame() {
    String odd =
        WHOLE
            .replace("1.5e-7", "1e400,0.12345678901234567890123")
            .replace("\"content\":null", "\"content\":\"\\ud83e\",\"content\":null");
    world.model().enqueue(ScriptedReply.json(200, odd));

    var response = completeWith("");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(odd);
  }
}
