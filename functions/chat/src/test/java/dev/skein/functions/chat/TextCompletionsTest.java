package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.ApiCall;
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

/** {@code POST /v1/completions}. */
@Timeout(30)
class TextCompletionsTest {
  private static final String PATH = "/v1/completions";
  private static final String WHOLE =
      """
      {"id":"cmpl-1","object":"text_completion","created":7,"model":"m-dated","new":1.5e-7,
       "choices":[{"text":" upon a time","index":0,"logprobs":{"tokens":[" upon"]},"finish_reason":"length"}],
       "usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}
      """;

  private final TestEnvironment world =
      TestEnvironment.with(
          Map.of(
              "OPENAI_ALLOWED_MODELS", "m-2",
              "OPENAI_EMBEDDING_MODELS", "e-1",
              "OPENAI_MODEL_PROFILE", "{\"token_limit\":\"max_completion_tokens\"}",
              "CHAT_MAX_TOKENS", "900"));

  @AfterEach
  void stop() {
    world.close();
  }

  private RecordedResponse complete(String body) {
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    return RecordedResponse.of(function, ApiCall.event("POST", PATH, body), Duration.ofMinutes(10));
  }

  private JsonNode record(int index) {
    return world.queue().records().get(index);
  }

  @Test
  void theProvidersReplyIsPassedOnVerbatimAndAudited() {
    world.model().enqueue(ScriptedReply.json(200, WHOLE));

    var response = complete("{\"prompt\":\"Once\",\"user\":\"u-1\"}");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo(WHOLE);
    assertThat(response.headers()).containsEntry("X-Skein-Audit-Id", "audit-1");
    assertThat(record(0).path("phase").textValue()).isEqualTo("intent");
    assertThat(record(0).path("message_preview").textValue()).isEqualTo("Once");
    assertThat(record(0).path("model").textValue()).isEqualTo("m-1");
    assertThat(record(1).path("endpoint").textValue()).isEqualTo(PATH);
    assertThat(record(1).path("user_id").textValue()).isEqualTo("u-1");
    assertThat(record(1).path("model").textValue()).isEqualTo("m-dated");
    assertThat(record(1).path("response_preview").textValue()).isEqualTo(" upon a time");
    assertThat(record(1).path("total_tokens").intValue()).isEqualTo(4);
    assertThat(record(1).path("truncated").booleanValue()).isTrue();
    assertThat(world.model().received().getFirst().path()).isEqualTo(PATH);
  }

  @Test
  void nothingIsAddedToARequestOrRenamedInIt() {
    String fields =
        """
        "prompt":"def f(","suffix":"return x","echo":true,"logprobs":0,"max_tokens":0,\
        "temperature":0.10,"best_of":1,"stop":null,"seed":12345678901234567890,"new":{"é":[null]}\
        """;
    complete("{" + fields + "}");
    assertThat(world.model().received().getLast().body())
        .isEqualTo("{\"model\":\"m-1\"," + fields + "}");

    complete("{\"stream\":true,\"model\":\"m-2\",\"prompt\":\"x\"}");
    assertThat(world.model().received().getLast().body())
        .isEqualTo("{\"model\":\"m-2\",\"prompt\":\"x\",\"stream\":true}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"Once\"           | Once",
        "\"\"               | ''",
        "[\"Once\"]         | Once",
        "[1212,318]         | ''",
        "[[1212,318]]       | ''",
      })
  void aPromptIsAStringOrAnArrayOfOneStringOrOfTokens(String prompt, String preview) {
    assertThat(complete("{\"prompt\":" + prompt + "}").status()).isEqualTo(200);
    assertThat(record(0).path("message_preview").textValue()).isEqualTo(preview);
    assertThat(world.model().received().getLast().json().path("prompt").toString())
        .isEqualTo(prompt);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                | prompt | is missing",
        "{\"prompt\":null}                 | prompt | must be a single prompt",
        "{\"prompt\":[]}                   | prompt | must be a single prompt",
        "{\"prompt\":{}}                   | prompt | must be a single prompt",
        "{\"prompt\":{\"text\":\"a\"}}   | prompt | must be a single prompt",
        "{\"prompt\":[{\"text\":\"a\"}]} | prompt | must be a single prompt",
        "{\"prompt\":[[[\"a\"]]]}         | prompt | must be a single prompt",
        "{\"prompt\":[[\"a\"]]}           | prompt | must be a single prompt",
        "{\"prompt\":[\"a\",\"b\"]}        | prompt | an audit record holds one answer",
        "{\"prompt\":[[1],[2]]}            | prompt | an audit record holds one answer",
        "{\"prompt\":[1,\"b\"]}            | prompt | must be a single prompt",
        "{\"prompt\":\"a\",\"n\":2}        | n | must be 1, but is 2",
        "{\"prompt\":\"a\",\"best_of\":3}  | best_of | must be 1, but is 3",
        "{\"prompt\":\"a\",\"max_tokens\":901} | max_tokens | from 0 to 900, but is 901",
        "{\"prompt\":\"a\",\"stream\":1}   | stream | must be true or false",
      })
  void anInvalidRequestIsRefusedAndNotSent(String body, String param, String message) {
    var response = complete(body);

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().at("/error/param").textValue()).isEqualTo(param);
    assertThat(response.json().at("/error/message").textValue()).contains(message);
    assertThat(world.model().requests()).isZero();
    assertThat(world.queue().records()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"other | Those that may are: m-1, m-2.", "e-1 | POST /v1/embeddings"})
  void aModelOutsideOfTheChatListIsNotFound(String model, String hint) {
    var response = complete("{\"prompt\":\"a\",\"model\":\"" + model + "\"}");

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.json().at("/error/code").textValue()).isEqualTo("model_not_found");
    assertThat(response.json().at("/error/message").textValue()).contains(hint);
  }

  @Test
  void aStreamIsTheProvidersChunksAndThenDone() {
    world.model().enqueue(ScriptedReply.stream("upon ", "a time").legacy());

    var response = complete("{\"prompt\":\"Once\",\"stream\":true}");

    assertThat(response.headers())
        .containsEntry("Content-Type", "text/event-stream; charset=utf-8");
    assertThat(response.events()).hasSize(5);
    assertThat(response.events().get(1))
        .isEqualTo(
            "data:"
                + " {\"id\":\"chatcmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":\"scripted\",\"choices\":[{\"index\":0,\"text\":\"upon"
                + " \",\"finish_reason\":null}]}");
    assertThat(response.events().getLast()).isEqualTo("data: [DONE]");
    assertThat(record(1).path("response_preview").textValue()).isEqualTo("upon a time");
    assertThat(record(1).get("total_tokens").isNull()).isTrue();
  }

  @Test
  void theUsageOfAStreamIsPassedOnAndCountedIfTheCallerAsksForIt() {
    world.model().enqueue(ScriptedReply.stream("x").legacy());

    var events =
        complete(
                "{\"prompt\":\"Once\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}")
            .events();

    assertThat(events.get(events.size() - 2)).contains("\"choices\":[]", "\"total_tokens\":15");
    assertThat(record(1).path("total_tokens").intValue()).isEqualTo(15);
  }

  @Test
  void aUsageChunkThatTheProviderAlwaysSendsIsPassedOnToo() {
    String usage = "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"total_tokens\":3}}";
    world.model().enqueue(ScriptedReply.stream("x").legacy().inserted(3, "data: " + usage));

    var events = complete("{\"prompt\":\"Once\",\"stream\":true}").events();

    assertThat(events).contains("data: " + usage);
    assertThat(record(1).path("completion_tokens").intValue()).isEqualTo(2);
  }

  @Test
  void aCutStreamEndsWithAnError() {
    world
        .model()
        .enqueue(ScriptedReply.stream("a", "b").legacy().first(2).ending(Chunks.Ending.CLOSED));

    var response = complete("{\"prompt\":\"Once\",\"stream\":true}");

    assertThat(response.text()).doesNotContain("[DONE]");
    assertThat(response.events().getLast()).contains("\"code\":\"model_cut\"");
    assertThat(response.failure()).isEqualTo("urn:skein:problem:model-cut");
  }

  @Test
  void aWholeReplyToAStreamIsOneChunk() {
    world.model().enqueue(ScriptedReply.json(200, WHOLE));

    var events = complete("{\"prompt\":\"Once\",\"stream\":true}").events();

    assertThat(events)
        .isEqualTo(List.of("data: " + WHOLE.replace('\n', ' ').strip(), "data: [DONE]"));
  }

  @Test
  void aRejectedParameterIsNeverAdaptedTo() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                400,
                "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens'. Use"
                    + " 'max_completion_tokens' instead.\",\"param\":\"max_tokens\","
                    + "\"code\":\"unsupported_parameter\"}}"));

    var response = complete("{\"prompt\":\"Once\",\"max_tokens\":5}");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.json().at("/error/param").textValue()).isEqualTo("max_tokens");
    assertThat(world.model().requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"prompt", "suffix", "echo", "best_of"})
  void theParameterThatTheProviderRejectsIsNamed(String param) {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                400, "{\"error\":{\"message\":\"no\",\"param\":\"%s\"}}".formatted(param)));

    assertThat(complete("{\"prompt\":\"Once\"}").json().at("/error/param").textValue())
        .isEqualTo(param);
  }
}
