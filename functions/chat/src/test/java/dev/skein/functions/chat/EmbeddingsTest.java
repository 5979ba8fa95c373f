package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.base.Settings;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/embeddings}. */
@Timeout(30)
class EmbeddingsTest {
  private static final String PATH = "/v1/embeddings";
  private static final String WHOLE =
      """
      {"object":"list","data":[{"object":"embedding","index":0,"embedding":[-0.0069292834,1e-40,0.10]},
        {"object":"embedding","index":1,"embedding":"AACAPwAAAEA="}],
       "model":"e-dated","usage":{"prompt_tokens":5,"total_tokens":5}}
      """;

  private static TestEnvironment world(Map<String, String> variables) {
    return TestEnvironment.withFailover("m-other", variables);
  }

  private TestEnvironment world = world(Map.of("OPENAI_EMBEDDING_MODELS", "e-1, e-2"));

  @AfterEach
  void stop() {
    world.close();
  }

  private RecordedResponse call(String method, String path, String body) {
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    return RecordedResponse.of(function, ApiCall.event(method, path, body), Duration.ofMinutes(10));
  }

  private RecordedResponse embed(String input) {
    return call("POST", PATH, "{\"model\":\"e-1\",\"input\":" + input + "}");
  }

  private JsonNode record(int index) {
    return world.queue().records().get(index);
  }

  @Test
  void theProvidersReplyIsPassedOnVerbatimAndAudited() {
    world.model().enqueue(ScriptedReply.json(200, WHOLE));

    var response = embed("[\"first text\",\"second\"],\"user\":\"u-1\"");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(WHOLE);
    assertThat(record(0).path("phase").textValue()).isEqualTo("intent");
    assertThat(record(0).path("message_preview").textValue()).isEqualTo("first text\nsecond");
    assertThat(record(0).path("model").textValue()).isEqualTo("e-1");
    assertThat(record(1).path("endpoint").textValue()).isEqualTo(PATH);
    assertThat(record(1).path("user_id").textValue()).isEqualTo("u-1");
    assertThat(record(1).path("model").textValue()).isEqualTo("e-dated");
    assertThat(record(1).path("response_preview").textValue()).isEmpty();
    assertThat(record(1).path("prompt_tokens").intValue()).isEqualTo(5);
    assertThat(record(1).path("completion_tokens").intValue()).isZero();
    assertThat(record(1).path("truncated").booleanValue()).isFalse();
  }

  @Test
  void theModelThatAProviderNamesIsRecordedUpToALimit() {
    String name = "e".repeat(100_000);
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200, "{\"model\":\"" + name + "\",\"data\":[{\"embedding\":[0.5]}]}"));

    assertThat(embed("\"x\"").status()).isEqualTo(200);
    assertThat(record(1).path("model").textValue()).isEqualTo("e".repeat(256));
  }

  @Test
  void nothingIsAddedToARequestAndItIsNeverStreamed() {
    String fields =
        "\"input\":\"x\",\"encoding_format\":\"base64\",\"dimensions\":256,\"task\":1.50";

    call("POST", PATH, "{\"stream\":true,\"model\":\"e-2\"," + fields + "}");

    assertThat(world.model().received().getLast().body())
        .isEqualTo("{\"model\":\"e-2\"," + fields + "}");
    assertThat(world.model().received().getLast().path()).isEqualTo(PATH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"one\"            | 1 | one",
        "[\"one\"]          | 1 | one",
        "[\"one\",\"two\"]  | 2 | one+two",
        "[15339,1917]       | 1 | ''",
        "[[15339],[19,7]]   | 2 | ''",
        "[{\"text\":\"a\"},{\"image\":\"b\"}] | 2 | ''",
      })
  void aReplyNeedsOneVectorForEachInput(String input, int inputs, String preview) {
    String vector = "{\"embedding\":[0.5]}";
    world.model().enqueue(ScriptedReply.json(200, data(vector, inputs)));
    world.model().enqueue(ScriptedReply.json(200, data(vector, inputs - 1)));

    assertThat(embed(input).status()).isEqualTo(200);
    assertThat(record(0).path("message_preview").textValue()).isEqualTo(preview.replace('+', '\n'));
    var response = embed(input);
    assertThat(response.status()).isEqualTo(502);
    assertThat(response.json().at("/error/code").textValue()).isEqualTo("model_malformed");
    assertThat(world.events("model_call_failed").getLast().path("reason").textValue())
        .isEqualTo("the reply has %d embeddings for %d inputs".formatted(inputs - 1, inputs));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // More items than inputs.
        "\"x\"         | {'embedding':null},{'embedding':[1]}",
        // What is not a number, such as NaN, is null in JSON.
        "\"x\"         | {'embedding':[null,null]}",
        "[\"x\",\"y\"] | {'index':0,'embedding':[1]},{'index':0,'embedding':[1]}",
      })
  void aReplyInWhichAnInputLacksItsVectorIsUnusable(String input, String items) {
    String data = "{\"data\":[" + items.replace('\'', '"') + "]}";
    world.model().enqueue(ScriptedReply.json(200, data));

    assertThat(embed(input).status()).isEqualTo(502);
  }

  @Test
  void vectorsMayComeInAnyOrder() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                "{\"data\":[{\"index\":1,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]}]}"));

    assertThat(embed("[\"x\",\"y\"]").status()).isEqualTo(200);
  }

  private static String data(String vector, int count) {
    return "{\"data\":[" + String.join(",", List.of(vector, vector).subList(0, count)) + "]}";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"e-1\"}                  | input | is missing",
        "{\"model\":\"e-1\",\"input\":null}   | input | must be a string, or an array",
        "{\"model\":\"e-1\",\"input\":[]}     | input | must be a string, or an array",
        "{\"model\":\"e-1\",\"input\":{}}     | input | must be a string, or an array",
        "{\"input\":\"x\"}                    | model | is missing",
      })
  void anInvalidRequestIsRefusedAndNotSent(String body, String param, String message) {
    var response = call("POST", PATH, body);

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().at("/error/param").textValue()).isEqualTo(param);
    assertThat(response.json().at("/error/message").textValue()).contains(message);
    assertThat(world.model().requests()).isZero();
    assertThat(world.queue().records()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"m-1", "e-3"})
  void aModelOutsideOfTheirOwnListIsNotFound(String model) {
    var response = call("POST", PATH, "{\"model\":\"%s\",\"input\":\"x\"}".formatted(model));

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.json().at("/error/code").textValue()).isEqualTo("model_not_found");
    assertThat(response.json().at("/error/message").textValue()).contains("e-1, e-2");
  }

  @Test
  void withoutAModelTheRefusalNamesTheSetting() {
    world.close();
    world = world(Map.of());

    var response = embed("\"x\"");

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.json().at("/error/message").textValue())
        .contains("OPENAI_EMBEDDING_MODELS");
  }

  @Test
  void theModelsFollowThoseOfChatInTheList() {
    assertThat(call("GET", "/v1/models", "").json().path("data").findValuesAsText("skein_api"))
        .containsExactly("embeddings", "embeddings");
    assertThat(call("GET", "/v1/models", "").json().path("data").findValuesAsText("id"))
        .containsExactly("m-1", "e-1", "e-2");
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, true",
    "https://eu.api.openai.com/v1, true",
    "https://api.openai.com.example/v1, false",
    "http://127.0.0.1:11434/v1, false",
  })
  void openAisOwnModelsAreTheDefaultOfItsOwnApiAlone(String baseUrl, boolean own) {
    var settings = new Settings(Map.of("OPENAI_BASE_URL", baseUrl, "OPENAI_API_KEY", "k"));

    assertThat(ChatConfig.from(settings, LlmConfig.from(settings)).embeddingModels())
        .isEqualTo(
            own
                ? List.of(
                    "text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")
                : List.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "dimensions", "encoding_format"})
  void theParameterThatTheProviderRejectsIsNamed(String param) {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                400, "{\"error\":{\"message\":\"no\",\"param\":\"%s\"}}".formatted(param)));

    var response = embed("\"x\"");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().at("/error/param").textValue()).isEqualTo(param);
  }

  @Test
  void anotherEndpointIsNeverAskedForVectors() {
    world.model().script(_ -> ScriptedReply.error(503, "overloaded", "overloaded"));

    var response = embed("\"x\"");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.headers())
        .containsEntry("X-Skein-Tried", "e-1 model-unavailable")
        .containsEntry("x-should-retry", "false");
  }

  @Test
  void aCompletionIsAskedOfTheNextEndpoint() {
    world.model().enqueue(ScriptedReply.error(503, "overloaded", "overloaded"));

    var response = call("POST", "/v1/completions", "{\"prompt\":\"x\"}");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("X-Skein-Tried", "m-1 model-unavailable, m-other ok");
  }

  @Test
  void aRateLimitKeepsItsRetryAfter() {
    world.model().enqueue(ScriptedReply.status(429, Map.of("Retry-After", "7"), "{}"));

    var response = embed("\"x\"");

    assertThat(response.status()).isEqualTo(429);
    assertThat(response.headers()).containsEntry("Retry-After", "7");
  }
}
