package dev.skein.local.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stand-in's completions and embeddings, over a real socket. */
@Timeout(30)
class OfflineRoutesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final OfflineModel model;

  OfflineRoutesTest() throws IOException {
    this.model = OfflineModel.start(0);
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    model.close();
  }

  private String post(String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + model.port() + path))
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private JsonNode json(String path, String body) throws Exception {
    return JSON.readTree(post(path, body));
  }

  private JsonNode embed(String fields) throws Exception {
    return json("/v1/embeddings", "{\"model\":\"text-embedding-3-small\"," + fields + "}");
  }

  private static double[] vector(JsonNode reply, int index) {
    JsonNode numbers = reply.path("data").path(index).path("embedding");
    return numbers.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }

  private static double cosine(double[] a, double[] b) {
    double product = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
    }
    return product;
  }

  @ParameterizedTest
  @CsvSource({"'', length, 16", "',\"max_tokens\":3', length, 3", "',\"max_tokens\":99', stop, 26"})
  void aPromptIsContinuedUpToTheTokenLimit(String field, String reason, int tokens)
      throws Exception {
    JsonNode reply = json("/v1/completions", "{\"prompt\":\"One day\"" + field + "}");

    assertThat(reply.path("object").asText()).isEqualTo("text_completion");
    assertThat(reply.at("/choices/0/text").asText()).startsWith(" and so on");
    assertThat(reply.at("/choices/0/finish_reason").asText()).isEqualTo(reason);
    assertThat(reply.at("/usage/prompt_tokens").asInt()).isEqualTo(2);
    assertThat(reply.at("/usage/completion_tokens").asInt()).isEqualTo(tokens);
  }

  @Test
  void aStreamHasTheSameTextAndItsUsageIfRequested() throws Exception {
    String prompt = "{\"prompt\":[\"One day\"],\"max_tokens\":5";
    String whole = json("/v1/completions", prompt + "}").at("/choices/0/text").asText();

    List<String> events =
        post(
                "/v1/completions",
                prompt + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}")
            .lines()
            .filter(line -> !line.isEmpty())
            .map(line -> line.substring("data: ".length()))
            .toList();

    var text = new StringBuilder();
    for (String event : events.subList(0, events.size() - 1)) {
      text.append(JSON.readTree(event).at("/choices/0/text").asText());
    }
    assertThat(text).hasToString(whole);
    assertThat(events.getLast()).isEqualTo("[DONE]");
    assertThat(JSON.readTree(events.get(events.size() - 2)).at("/usage/total_tokens").asInt())
        .isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "text-embedding-3-small, '', 1536",
    "text-embedding-3-large, '', 3072",
    "text-embedding-ada-002, '', 1536",
    "text-embedding-3-small, ',\"dimensions\":100', 100",
  })
  void aVectorHasOpenAisSizeOrTheRequestedOneAndTheLengthOne(String name, String field, int size)
      throws Exception {
    String body = "{\"model\":\"%s\",\"input\":\"a skein of geese\"%s}".formatted(name, field);
    double[] vector = vector(json("/v1/embeddings", body), 0);

    assertThat(vector).hasSize(size);
    assertThat(cosine(vector, vector)).isCloseTo(1, within(1e-5));
    assertThat(vector(json("/v1/embeddings", body), 0)).isEqualTo(vector);
  }

  @Test
  void similarTextsAreNearerThanDifferentOnes() throws Exception {
    JsonNode reply =
        embed(
            "\"input\":[\"The goose flies in a skein\",\"Geese and one goose fly, a skein\","
                + "\"Invoices are due on Monday\"]");

    double similar = cosine(vector(reply, 0), vector(reply, 1));
    double different = cosine(vector(reply, 0), vector(reply, 2));
    assertThat(similar).isGreaterThan(0.4);
    assertThat(Math.abs(different)).isLessThan(0.15);
  }

  @Test
  void base64HasTheSameNumbers() throws Exception {
    double[] expected = vector(embed("\"input\":\"geese\",\"dimensions\":5"), 0);

    String text =
        embed("\"input\":\"geese\",\"dimensions\":5,\"encoding_format\":\"base64\"")
            .at("/data/0/embedding")
            .asText();

    var numbers = ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    for (double number : expected) {
      assertThat((double) numbers.getFloat()).isCloseTo(number, within(1e-6));
    }
    assertThat(numbers.hasRemaining()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"input\":\"one two\"     | 1 | 2",
        "\"input\":[\"one\",\"\"]  | 2 | 1",
        "\"input\":[1,2,3]         | 1 | 3",
        "\"input\":[[1,2,3],[4]]   | 2 | 4",
      })
  void inputsAreTextsOrTokens(String field, int vectors, int tokens) throws Exception {
    JsonNode reply = embed(field);

    assertThat(reply.path("data")).hasSize(vectors);
    assertThat(reply.at("/usage/prompt_tokens").asInt()).isEqualTo(tokens);
    assertThat(reply.at("/usage/total_tokens").asInt()).isEqualTo(tokens);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/completions | {}                                       | prompt",
        "/v1/completions | {\"prompt\":\"x\",\"max_tokens\":-1}     | max_tokens",
        "/v1/embeddings  | {\"input\":[]}                           | input",
        "/v1/embeddings  | {\"input\":\"x\",\"dimensions\":1537}    | dimensions",
        "/v1/embeddings  | {\"input\":\"x\",\"encoding_format\":\"q\"} | encoding_format",
      })
  void anInvalidRequestNamesTheField(String path, String body, String param) throws Exception {
    assertThat(json(path, body).at("/error/param").asText()).isEqualTo(param);
  }
}
