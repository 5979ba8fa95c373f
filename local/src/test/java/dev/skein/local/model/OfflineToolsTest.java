package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of functions and structured answers, over a real socket. */
@Timeout(30)
class OfflineToolsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOOLS =
      """
      "tools":[{"type":"function","function":{"name":"get_time"}},
      {"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
      "properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1}}}}}]\
      """;
  private static final String WEATHER =
      "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}";

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
  void aChosenFunctionIsCalledWithArgumentsThatFit() throws Exception {
    JsonNode choice = choice(TOOLS + "," + WEATHER, "hello");

    assertThat(choice.path("finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(choice.path("message").path("content").isNull()).isTrue();
    assertThat(choice.path("message").path("tool_calls")).hasSize(1);
    JsonNode call = choice.path("message").path("tool_calls").path(0);
    assertThat(call.path("id").asText()).matches("call_[0-9a-f]+");
    assertThat(call.path("type").asText()).isEqualTo("function");
    assertThat(call.path("function").path("name").asText()).isEqualTo("get_weather");
    assertThat(call.path("function").path("arguments").asText())
        .isEqualTo("{\"city\":\"text\",\"days\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ,"tool_choice":"required" | hello                         | get_time
          ,"tool_choice":"required" | please call get_weather       | get_weather
          ,"tool_choice":"auto"     | please call GET_WEATHER now   | get_weather
          ,"tool_choice":null       | please call get_time          | get_time
          ''                        | please call get_weather       | get_weather
          ''                        | how is the weather?           | none
          ,"tool_choice":"none"     | please call get_weather       | none
          """)
  void theChoiceOrTheTextDecidesWhichIsCalled(String options, String text, String called)
      throws Exception {
    JsonNode choice = choice(TOOLS + options, text);

    JsonNode call = choice.path("message").path("tool_calls").path(0);
    assertThat(call.path("function").path("name").asText("none")).isEqualTo(called);
    assertThat(choice.path("message").path("content").isNull()).isEqualTo(!called.equals("none"));
  }

  @Test
  void aFunctionWithoutParametersIsCalledWithAnEmptyObject() throws Exception {
    JsonNode choice = choice(TOOLS, "call get_time");

    assertThat(choice.at("/message/tool_calls/0/function/arguments").asText()).isEqualTo("{}");
  }

  @Test
  void aFunctionsResultIsAnsweredWithText() throws Exception {
    String messages =
        """
        "messages":[{"role":"user","content":"call get_weather"},
        {"role":"assistant","content":null,"tool_calls":[]},
        {"role":"tool","tool_call_id":"call_1","content":"rain"}]\
        """;

    JsonNode choice = choice(post("{" + TOOLS + "," + WEATHER + "," + messages + "}"));

    assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    assertThat(choice.path("message").path("content").asText()).contains("stand-in");
  }

  @Test
  void everyFunctionThatTheTextNamesIsCalled() throws Exception {
    JsonNode both = choice(TOOLS, "call get_weather and get_time").at("/message/tool_calls");
    JsonNode one =
        choice(TOOLS + ",\"parallel_tool_calls\":false", "call get_weather and get_time")
            .at("/message/tool_calls");

    assertThat(both.findValuesAsText("name")).containsExactly("get_time", "get_weather");
    assertThat(both.findValuesAsText("id")).doesNotHaveDuplicates();
    assertThat(one.findValuesAsText("name")).containsExactly("get_time");
  }

  @Test
  void parallelCallsAreStreamedWithTheirIndexes() throws Exception {
    List<JsonNode> choices = streamed(TOOLS + ",\"stream\":true", "get_weather, get_time");

    var arguments = new StringBuilder[] {new StringBuilder(), new StringBuilder()};
    var names = new ArrayList<String>();
    for (JsonNode choice : choices) {
      JsonNode call = choice.at("/delta/tool_calls/0");
      if (call.isObject()) {
        names.addAll(call.findValuesAsText("name"));
        arguments[call.path("index").asInt()].append(call.at("/function/arguments").asText());
      }
    }
    assertThat(names).containsExactly("get_time", "get_weather");
    assertThat(arguments[0]).hasToString("{}");
    assertThat(arguments[1]).hasToString("{\"city\":\"text\",\"days\":1}");
  }

  @Test
  void aRequiredCallAfterAResultIsOfAFunctionThatWasNotCalled() throws Exception {
    String begin = "\"messages\":[{\"role\":\"user\",\"content\":\"call get_time\"},";
    String time = called("get_time");
    String weather = called("get_weather");
    String options = "{" + TOOLS + ",\"tool_choice\":\"required\"," + begin;

    JsonNode second = choice(post(options + time + "]}"));
    JsonNode last = choice(post(options + time + "," + weather + "]}"));

    assertThat(second.at("/message/tool_calls/0/function/name").asText()).isEqualTo("get_weather");
    assertThat(last.path("finish_reason").asText()).isEqualTo("stop");
  }

  private static String called(String function) {
    return """
    {"role":"assistant","content":null,"tool_calls":[
    {"id":"call_1","type":"function","function":{"name":"%s","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"call_1","content":"done"}\
    """
        .formatted(function);
  }

  @Test
  void aStreamedToolCallComesInChunks() throws Exception {
    List<JsonNode> choices = streamed(TOOLS + "," + WEATHER + ",\"stream\":true", "hello");

    JsonNode role = choices.getFirst().path("delta");
    assertThat(role.path("role").asText()).isEqualTo("assistant");
    assertThat(role.path("content").isNull()).isTrue();
    JsonNode begin = choices.get(1).path("delta").path("tool_calls").path(0);
    assertThat(begin.path("index").isInt()).isTrue();
    assertThat(begin.path("id").asText()).startsWith("call_");
    assertThat(begin.path("function").path("name").asText()).isEqualTo("get_weather");
    assertThat(begin.path("function").path("arguments").asText("none")).isEmpty();
    var arguments = new StringBuilder();
    List<JsonNode> pieces = choices.subList(2, choices.size() - 1);
    for (JsonNode piece : pieces) {
      JsonNode call = piece.path("delta").path("tool_calls").path(0);
      assertThat(call.path("index").isInt()).isTrue();
      assertThat(call.has("id")).isFalse();
      arguments.append(call.path("function").path("arguments").asText());
    }
    assertThat(pieces).hasSizeGreaterThan(1);
    assertThat(arguments).hasToString("{\"city\":\"text\",\"days\":1}");
    assertThat(choices.getLast().path("finish_reason").asText()).isEqualTo("tool_calls");
  }

  @Test
  void aLimitCutsTheArguments() throws Exception {
    JsonNode choice = choice(TOOLS + "," + WEATHER + ",\"max_tokens\":3", "hello");

    assertThat(choice.path("finish_reason").asText()).isEqualTo("length");
    assertThat(choice.at("/message/tool_calls/0/function/arguments").asText()).isEqualTo("{\"city");
  }

  @Test
  void aSchemaGetsAValueThatFits() throws Exception {
    String format =
        """
        "response_format":{"type":"json_schema","json_schema":{"name":"person","schema":
        {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}}}}}\
        """;

    JsonNode choice = choice(format, "hello");

    assertThat(choice.path("message").path("content").asText())
        .isEqualTo("{\"name\":\"text\",\"age\":0}");
    assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
  }

  @Test
  void aJsonObjectSaysWhatItIs() throws Exception {
    JsonNode choice = choice("\"response_format\":{\"type\":\"json_object\"}", "hello");

    JsonNode answer = JSON.readTree(choice.path("message").path("content").asText());
    assertThat(answer.path("answer").asText()).contains("offline stand-in", "\"hello\"");
  }

  @Test
  void aJsonObjectFitsTheLastSchemaInThePrompt() throws Exception {
    String prompt =
        """
        An object for {\\"properties\\":{\\"foo\\":{}}} is {\\"foo\\":1}, with {braces}. JSON schema: \
        {\\"type\\":\\"object\\",\\"properties\\":{\\"age\\":{\\"type\\":\\"integer\\"}}} Answer {in JSON}.\
        """;

    JsonNode choice = choice("\"response_format\":{\"type\":\"json_object\"}", prompt);

    assertThat(choice.at("/message/content").asText()).isEqualTo("{\"age\":0}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      textBlock =
          """
          "tools":[{"type":"custom","custom":{"name":"x"}}]        | tools
          "tool_choice":"required"                                 | tool_choice
          "tool_choice":"sometimes"                                | tool_choice
          "tool_choice":{"type":"function","function":{"name":"x"}}| tool_choice
          "response_format":{"type":"yaml"}                        | response_format
          "response_format":{"type":"json_schema"}                 | response_format
          """)
  void unsupportedRequestsAreRejected(String options, String param) throws Exception {
    HttpResponse<String> response = post(body(options, "hello"));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(response.body()).path("error").path("param").asText())
        .isEqualTo(param);
  }

  private JsonNode choice(String options, String text) throws Exception {
    return choice(post(body(options, text)));
  }

  private static JsonNode choice(HttpResponse<String> response) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body()).path("choices").path(0);
  }

  /** The choice of each chunk. */
  private List<JsonNode> streamed(String options, String text) throws Exception {
    var choices = new ArrayList<JsonNode>();
    for (String line : post(body(options, text)).body().split("\n+", -1)) {
      if (line.startsWith("data: {")) {
        choices.add(JSON.readTree(line.substring("data: ".length())).path("choices").path(0));
      }
    }
    return choices;
  }

  private static String body(String options, String text) {
    return "{" + options + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
  }

  private HttpResponse<String> post(String body) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + model.port() + "/v1/chat/completions");
    return client.send(
        HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }
}
