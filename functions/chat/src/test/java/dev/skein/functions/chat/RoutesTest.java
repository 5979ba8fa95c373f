package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes below {@code /v1/} that call no model, and every path that is not a route. */
@Timeout(30)
class RoutesTest {
  private final TestEnvironment world =
      TestEnvironment.with(
          Map.of(
              "OPENAI_ALLOWED_MODELS", "openai/gpt-6-luna,a+b,c%2Fd",
              "OPENAI_EMBEDDING_MODELS", "e-1"));

  @AfterEach
  void stop() {
    world.close();
  }

  private RecordedResponse call(ObjectNode event) {
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    return RecordedResponse.of(function, event, Duration.ofMinutes(10));
  }

  /** A request that API Gateway routes to the resource {@code /v1/{proxy+}}. */
  private RecordedResponse callBelowV1(String method, String rest) {
    var event = ApiCall.event(method, "/v1/{proxy+}", "{}");
    event.putObject("pathParameters").put("proxy", rest);
    return call(event);
  }

  private RecordedResponse getModel(String model) {
    var event = ApiCall.event("GET", "/v1/models/{model+}", "");
    event.putObject("pathParameters").put("model", model);
    return call(event);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, moderations",
    "POST, responses",
    "GET, files/f-1/content",
    "DELETE, assistants",
    "POST, chat",
    "POST, chat/completions/chat/completions",
    "POST, /chat/completions",
    "POST, foo/v1/chat/completions",
    "GET, v1/models",
    "GET, v1/models/m-1",
  })
  void anUnknownPathBelowV1IsA404InTheOpenAiFormThatNamesTheRoutes(String method, String rest) {
    var response = callBelowV1(method, rest);

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.headers())
        .containsEntry("Content-Type", "application/json")
        .containsEntry("X-Request-Id", "req-1");
    var error = response.json().path("error");
    assertThat(error.path("message").textValue())
        .isEqualTo(
            "There is no such route. The routes are POST /v1/chat/completions, POST"
                + " /v1/completions, POST /v1/embeddings, GET /v1/models, GET"
                + " /v1/models/{model}.");
    assertThat(error.path("type").textValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").isNull()).isTrue();
    assertThat(error.path("code").textValue()).isEqualTo("not_found");
    assertThat(world.model().requests()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"GET, /v1", "POST, /v1", "GET, /v1/"})
  void theBaseUrlItselfIsA404ThatSaysWhatItIsForAndNamesTheRoutes(String method, String path) {
    var response = call(ApiCall.event(method, path, ""));

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.headers()).containsEntry("Content-Type", "application/json");
    var error = response.json().path("error");
    assertThat(error.path("code").textValue()).isEqualTo("not_found");
    assertThat(error.path("message").textValue())
        .startsWith("This is the base URL for OpenAI clients")
        .contains("POST /v1/chat/completions", "GET /v1/models/{model}.");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/chat/completions, POST",
    "GET, /v1/completions, POST",
    "PUT, /v1/embeddings, POST",
    "DELETE, /v1/models, 'GET, HEAD'",
    "DELETE, /v1/models/{model+}, 'GET, HEAD'",
  })
  void anotherMethodOfAKnownRouteIsA405InTheOpenAiForm(String method, String path, String allow) {
    var event = ApiCall.event(method, path, "{}");
    event.putObject("pathParameters").put("model", "m-1");

    var response = call(event);

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers())
        .containsEntry("Allow", allow)
        .containsEntry("X-Request-Id", "req-1");
    assertThat(response.json().at("/error/code").textValue()).isEqualTo("method_not_allowed");
  }

  @ParameterizedTest
  @CsvSource({
    "m-1, m-1",
    "openai/gpt-6-luna, openai/gpt-6-luna",
    "openai%2Fgpt-6-luna, openai/gpt-6-luna",
    "openai/gpt-6-luna/, openai/gpt-6-luna",
    "a+b, a+b",
    "a%2Bb, a+b",
    "c%2Fd, c%2Fd",
    "c%252Fd, c%2Fd",
  })
  void aModelIsRetrievedByItsIdInAnyEncoding(String requested, String id) {
    var response = getModel(requested);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.json())
        .isEqualTo(
            RecordedResponse.parse(
                "{\"id\":\"%s\",\"object\":\"model\",\"created\":0,\"owned_by\":\"skein\"}"
                    .formatted(id)));
    assertThat(response.headers()).containsEntry("X-Request-Id", "req-1");
  }

  @ParameterizedTest
  @CsvSource({"other", "m-1/other", "100%", "%zz", "x/v1/models", "x/v1/chat/completions"})
  void anUnknownModelIsA404WithOpenAisCode(String model) {
    var response = getModel(model);

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.json().at("/error/code").textValue()).isEqualTo("model_not_found");
    assertThat(response.json().at("/error/message").textValue())
        .endsWith("Those that may are: m-1, openai/gpt-6-luna, a+b, c%2Fd, e-1.");
  }

  @Test
  void aTrailingSlashIsTheSameRoute() {
    assertThat(callBelowV1("GET", "models/").json().path("object").textValue()).isEqualTo("list");
    assertThat(callBelowV1("GET", "models/m-1/").json().path("id").textValue()).isEqualTo("m-1");

    var event = ApiCall.event("POST", "/v1/{proxy+}", "{\"messages\":[{\"role\":\"user\"}]}");
    event.putObject("pathParameters").put("proxy", "chat/completions/");
    assertThat(call(event).status()).isEqualTo(200);
    assertThat(world.model().requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"models, 200", "models/m-1, 200", "models/other, 404", "chat/completions, 405"})
  void aHeadRequestIsAnsweredAsAGetWithoutABody(String rest, int status) {
    var response = callBelowV1("HEAD", rest);

    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text()).isEmpty();
    assertThat(response.headers())
        .containsEntry("Content-Type", "application/json")
        .containsEntry("X-Request-Id", "req-1");
  }
}
