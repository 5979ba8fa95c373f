package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol, over a real socket. */
@Timeout(30)
class OfflineModelTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final OfflineModel model = start();

  private static OfflineModel start() {
    try {
      return OfflineModel.start(0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    model.close();
  }

  @Test
  void aChatIsAnsweredInTheShapeOfTheApi() throws Exception {
    HttpResponse<String> response = chat("\"model\":\"m-1\"", "", "hello");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    JsonNode root = JSON.readTree(response.body());
    assertThat(root.path("object").asText()).isEqualTo("chat.completion");
    assertThat(root.path("model").asText()).isEqualTo("skein-offline");
    JsonNode choice = root.path("choices").path(0);
    assertThat(choice.path("message").path("role").asText()).isEqualTo("assistant");
    assertThat(content(root)).contains("offline stand-in", "\"hello\"");
    assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    JsonNode usage = root.path("usage");
    assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(1);
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo(Tokens.count(content(root)));
    assertThat(usage.path("total_tokens").asInt())
        .isEqualTo(1 + usage.path("completion_tokens").asInt());
  }

  @Test
  void theSameRequestHasTheSameAnswer() throws Exception {
    assertThat(chat("", "", "again").body()).isEqualTo(chat("", "", "again").body());
  }

  @Test
  void theTaskIsInTheSystemMessageAndTheTextInTheUserMessage() throws Exception {
    String text = "I love this phone. The phone is great.";

    assertThat(answer("Give the sentiment (one word).", text)).isEqualTo("positive");
    assertThat(answer("List 3 topics (comma-separated).", text)).startsWith("phone, ");
    assertThat(answer("Summarize in one sentence.", text)).isEqualTo("I love this phone.");
    assertThat(answer("", "Sentiment (one word): bad")).contains("stand-in");
  }

  @ParameterizedTest
  @ValueSource(strings = {"max_tokens", "max_completion_tokens"})
  void aLimitCutsTheAnswerAndSaysSo(String limit) throws Exception {
    JsonNode root = JSON.readTree(chat("\"" + limit + "\":3", "", "hello").body());

    assertThat(content(root)).isEqualTo("This is Skein");
    assertThat(root.path("choices").path(0).path("finish_reason").asText()).isEqualTo("length");
    assertThat(root.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
  }

  @Test
  void aStreamHasTheSameReplyInChunks() throws Exception {
    JsonNode whole = JSON.readTree(chat("", "", "hello").body());

    HttpResponse<String> response = chat("\"stream\":true", "", "hello");

    assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
    List<String> events = events(response);
    assertThat(events.getLast()).isEqualTo("[DONE]");
    var text = new StringBuilder();
    for (String event : events.subList(0, events.size() - 1)) {
      JsonNode chunk = JSON.readTree(event);
      assertThat(chunk.path("object").asText()).isEqualTo("chat.completion.chunk");
      assertThat(chunk.has("usage")).isFalse();
      text.append(chunk.path("choices").path(0).path("delta").path("content").asText());
    }
    assertThat(text).hasToString(content(whole));
    JsonNode last = JSON.readTree(events.get(events.size() - 2));
    assertThat(last.path("choices").path(0).path("finish_reason").asText()).isEqualTo("stop");
    assertThat(events).hasSizeGreaterThan(10);
  }

  @Test
  void aStreamTellsItsUsageWhenAsked() throws Exception {
    String options = "\"stream\":true,\"max_tokens\":2,\"stream_options\":{\"include_usage\":true}";

    List<String> events = events(chat(options, "", "hello"));

    JsonNode counted = JSON.readTree(events.get(events.size() - 2));
    assertThat(counted.path("choices")).isEmpty();
    assertThat(counted.path("usage").path("completion_tokens").asInt()).isEqualTo(2);
    assertThat(JSON.readTree(events.getFirst()).path("usage").isNull()).isTrue();
    JsonNode finish = JSON.readTree(events.get(events.size() - 3));
    assertThat(finish.path("choices").path(0).path("finish_reason").asText()).isEqualTo("length");
  }

  @Test
  void contentMayBeAListOfParts() throws Exception {
    String body =
        """
        {"messages":[{"role":"user","content":[{"type":"text","text":"one"},\
        {"type":"text","text":"two"}]}]}\
        """;

    assertThat(post(body).body()).contains("one two");
  }

  @Test
  void itsModelsAreListed() throws Exception {
    JsonNode models = JSON.readTree(get("/v1/models").body());

    assertThat(models.path("data").findValuesAsText("id"))
        .containsExactly(
            "skein-offline",
            "text-embedding-3-small",
            "text-embedding-3-large",
            "text-embedding-ada-002");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          {                                                          | invalid_json  | null
          {} {}                                                      | invalid_json  | null
          []                                                         | invalid_json  | null
          {}                                                         | invalid_value | messages
          {"messages":[]}                                            | invalid_value | messages
          {"messages":"hello"}                                       | invalid_value | messages
          {"messages":[{"content":"x"}]}                             | invalid_value | messages
          {"messages":[{"role":"user"}],"max_tokens":0}              | invalid_value | max_tokens
          {"messages":[{"role":"user"}],"max_tokens":"5"}            | invalid_value | max_tokens
          {"messages":[{"role":"user"}],"max_tokens":1.5}            | invalid_value | max_tokens
          {"messages":[{"role":"user"}],"max_completion_tokens":1e99}| invalid_value | max_completion_tokens
          """)
  void anInvalidRequestNamesTheField(String body, String code, String param) throws Exception {
    assertError(post(body), 400, code, param);
  }

  @Test
  void anEmptyBodyIsABadRequest() throws Exception {
    assertError(post(""), 400, "invalid_json", "null");
  }

  @Test
  void unknownPathsAndMethodsAreRejected() throws Exception {
    assertError(get("/v1/responses"), 404, "unknown_url", "null");
    HttpResponse<String> wrongMethod = get("/v1/chat/completions");
    assertError(wrongMethod, 405, "method_not_allowed", "null");
    assertThat(wrongMethod.headers().firstValue("allow")).contains("POST");
  }

  @Test
  void aHeadRequestGetsAStatusWithoutABody() throws Exception {
    var head = HttpRequest.newBuilder(uri("/v1/models")).HEAD().build();
    var response = client.send(head, BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aHugeBodyIsRefused() throws Exception {
    assertError(post(" ".repeat(8 * 1024 * 1024 + 1)), 413, "too_large", "null");
  }

  @Test
  void aPortInUseIsAnError() {
    assertThatThrownBy(() -> OfflineModel.start(model.port())).isInstanceOf(BindException.class);
  }

  @Test
  void aClosedModelNoLongerListens() {
    model.close();

    assertThatThrownBy(() -> get("/v1/models")).isInstanceOf(ConnectException.class);
  }

  private static void assertError(
      HttpResponse<String> response, int status, String code, String param) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = JSON.readTree(response.body()).path("error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("param").asText()).isEqualTo(param);
  }

  private String answer(String system, String user) throws Exception {
    return content(JSON.readTree(chat("", system, user).body()));
  }

  private static String content(JsonNode root) {
    return root.path("choices").path(0).path("message").path("content").asText();
  }

  private static List<String> events(HttpResponse<String> response) {
    return response
        .body()
        .lines()
        .filter(line -> !line.isEmpty())
        .peek(line -> assertThat(line).startsWith("data: "))
        .map(line -> line.substring("data: ".length()))
        .toList();
  }

  private HttpResponse<String> chat(String options, String system, String user) throws Exception {
    String messages =
        """
        "messages":[{"role":"system","content":"%s"},{"role":"user","content":"%s"}]\
        """
            .formatted(system, user);
    return post("{" + options + (options.isEmpty() ? "" : ",") + messages + "}");
  }

  private HttpResponse<String> post(String body) throws Exception {
    var request =
        HttpRequest.newBuilder(uri("/v1/chat/completions")).POST(BodyPublishers.ofString(body));
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + model.port() + path);
  }
}
