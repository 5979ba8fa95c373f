package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stand-in as a model that thinks, over a real socket. */
@Timeout(30)
class OfflineThinkingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOOLS =
      "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get_time\"}}],"
          + "\"tool_choice\":\"required\"";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Integer> thoughts = new CopyOnWriteArrayList<>();
  private final CountDownLatch thinking = new CountDownLatch(1);
  private volatile boolean thinksUntilReleased;
  private final OfflineModel model = start();

  private OfflineModel start() {
    try {
      return OfflineModel.startThinking(0, this::think);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void think(int tokens) {
    thoughts.add(tokens);
    try {
      assertThat(!thinksUntilReleased || thinking.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    thinking.countDown();
    client.shutdownNow();
    model.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          "max_tokens":50                                   | unsupported_parameter | max_tokens       | Use 'max_completion_tokens' instead.
          "max_tokens":50,"max_completion_tokens":50        | unsupported_parameter | max_tokens       | 'max_tokens'
          "temperature":0                                   | unsupported_value     | temperature      | 'temperature' of 0. Only the default (1) is supported.
          "temperature":0.7,"reasoning_effort":"low"       | unsupported_value     | temperature      | 'temperature' of 0.7. Only
          "reasoning_effort":"minimal"                      | unsupported_value     | reasoning_effort | 'minimal'. Supported values are: 'none', 'low', 'medium', and 'high'.
          "reasoning_effort":"NONE"                         | unsupported_value     | reasoning_effort | 'NONE'. Supported
          "reasoning_effort":null                           | unsupported_value     | reasoning_effort | null. Supported
          "reasoning_effort":1                              | unsupported_value     | reasoning_effort | 1. Supported
          """)
  void whatAThinkingModelDoesNotSupportIsRefusedByName(
      String options, String code, String param, String message) throws Exception {
    HttpResponse<String> response = post(options);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = JSON.readTree(response.body()).path("error");
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("param").asText()).isEqualTo(param);
    assertThat(error.path("message").asText()).contains(message);
    assertThat(thoughts).isEmpty();
  }

  @Test
  void functionsAreCalledOnlyWithoutThinking() throws Exception {
    HttpResponse<String> refused = post(TOOLS);

    assertThat(refused.statusCode()).isEqualTo(400);
    JsonNode error = JSON.readTree(refused.body()).path("error");
    assertThat(error.path("param").asText()).isEqualTo("reasoning_effort");
    assertThat(error.path("code").isNull()).isTrue();
    JsonNode choice = root(TOOLS + ",\"reasoning_effort\":\"none\"").at("/choices/0");
    assertThat(choice.path("finish_reason").asText()).isEqualTo("tool_calls");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"temperature\":1",
        "\"temperature\":1.0",
        "\"temperature\":null",
        "\"temperature\":0,\"reasoning_effort\":\"none\""
      })
  void theDefaultTemperatureIsTakenAndAnyWithoutThinking(String options) throws Exception {
    assertThat(post(options).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          "reasoning_effort":"none"   | 0
          "reasoning_effort":"low"    | 64
          "reasoning_effort":"medium" | 256
          "reasoning_effort":"high"   | 1024
          "seed":1                    | 256
          """)
  void theEffortDecidesTheHiddenTokens(String options, int tokens) throws Exception {
    JsonNode root = root(options);

    String content = root.at("/choices/0/message/content").asText();
    assertThat(content).contains("offline stand-in");
    assertThat(root.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(root.at("/usage/completion_tokens_details/reasoning_tokens").asInt(-1))
        .isEqualTo(tokens);
    assertThat(root.at("/usage/completion_tokens").asInt())
        .isEqualTo(tokens + Tokens.count(content));
    assertThat(root.at("/usage/total_tokens").asInt())
        .isEqualTo(
            root.at("/usage/prompt_tokens").asInt() + root.at("/usage/completion_tokens").asInt());
    assertThat(thoughts).containsExactly(tokens);
  }

  @ParameterizedTest
  @CsvSource({"20, 20, ''", "256, 256, ''", "259, 256, This is Skein"})
  void theHiddenTokensCountTowardsTheLimit(int limit, int reasoning, String text) throws Exception {
    JsonNode root = root("\"max_completion_tokens\":" + limit);

    assertThat(root.at("/choices/0/message/content").textValue()).isEqualTo(text);
    assertThat(root.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(root.at("/usage/completion_tokens").asInt()).isEqualTo(limit);
    assertThat(root.at("/usage/completion_tokens_details/reasoning_tokens").asInt())
        .isEqualTo(reasoning);
  }

  @Test
  void aStreamBeginsBeforeTheModelThinksAndGoesOnAfterwards() throws Exception {
    thinksUntilReleased = true;
    String options = "\"stream\":true,\"stream_options\":{\"include_usage\":true}";
    var response = client.send(request(options), BodyHandlers.ofInputStream());

    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      JsonNode first = JSON.readTree(lines.readLine().substring("data: ".length()));
      assertThat(first.at("/choices/0/delta/role").asText()).isEqualTo("assistant");
      assertThat(first.at("/choices/0/delta/content").asText("none")).isEmpty();
      thinking.countDown();
      List<String> rest = lines.lines().filter(line -> !line.isEmpty()).toList();
      assertThat(rest).hasSizeGreaterThan(10).last().isEqualTo("data: [DONE]");
      assertThat(rest.get(rest.size() - 2)).contains("\"reasoning_tokens\":256");
    }
    assertThat(thoughts).containsExactly(256);
  }

  @Test
  void aStreamWhoseLimitWentIntoThinkingHasNoText() throws Exception {
    String body = post("\"stream\":true,\"max_completion_tokens\":5").body();

    assertThat(body)
        .contains("\"finish_reason\":\"length\"")
        .doesNotContain("\"content\":\"This")
        .endsWith("data: [DONE]\n\n");
  }

  @Test
  void theDeveloperGivesTheInstructions() throws Exception {
    String messages =
        """
        {"messages":[{"role":"developer","content":"Give the sentiment (one word)."},
        {"role":"user","content":"I love it."}],"reasoning_effort":"none"}\
        """;

    HttpResponse<String> response = client.send(requestOf(messages), BodyHandlers.ofString());

    assertThat(JSON.readTree(response.body()).at("/choices/0/message/content").asText())
        .isEqualTo("positive");
  }

  private JsonNode root(String options) throws Exception {
    HttpResponse<String> response = post(options);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private HttpResponse<String> post(String options) throws Exception {
    return client.send(request(options), BodyHandlers.ofString());
  }

  private HttpRequest request(String options) {
    return requestOf("{" + options + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}");
  }

  private HttpRequest requestOf(String body) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + model.port() + "/v1/chat/completions"))
        .POST(BodyPublishers.ofString(body))
        .build();
  }
}
