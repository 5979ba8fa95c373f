package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.base.Json;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.Chunks.Ending;
import dev.skein.faults.ScriptedReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 10 tokens at 2 dollars a million and 5 at 8 dollars cost 0.00006 dollars. */
@Timeout(30)
class CostTest {
  private static final String COST = "X-Skein-Cost-USD";

  @TempDir private Path folder;

  private TestEnvironment world;

  @BeforeEach
  void start() throws IOException {
    Path prices =
        Files.writeString(
            folder.resolve("prices"),
            """
            provider scripted reports=cached,cache_write 127.0.0.1
            model m-1
            price input=2 cached=1 cache_write=3 output=8
            price tier=priority input=20 output=80
            model e-1
            price input=2
            retires 2027-01-14 m-1
            """);
    world =
        TestEnvironment.withFailover(
            "m-1",
            Map.of(
                "PRICES_FILE", prices.toString(),
                "OPENAI_ALLOWED_MODELS", "m-2",
                "OPENAI_EMBEDDING_MODELS", "e-1"));
  }

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

  private RecordedResponse chat(String model) {
    return call("POST", "/chat", "{\"message\":\"Hi\",\"model\":\"" + model + "\"}");
  }

  private JsonNode record() {
    return world.queue().records().getLast();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/chat | {\"message\":\"Hi\"} | 0.00006",
        "/v1/chat/completions | {\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]} | 0.00006",
        "/v1/completions | {\"prompt\":\"Hi\"} | 0.00006",
      })
  void aWholeReplySaysWhatItCost(String path, String body, String cost) {
    var response = call("POST", path, body);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).containsEntry(COST, cost);
    assertThat(record().path("cost_usd").textValue()).isEqualTo(cost);
    assertThat(record().has("discarded_cost_usd")).isFalse();
    assertThat(world.events("model_calls").getLast().path("cost_usd").textValue()).isEqualTo(cost);
  }

  @Test
  void embeddingsCostTheirPrompt() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                "{\"model\":\"e-1\",\"data\":[{\"embedding\":[0.5]}],"
                    + "\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}"));

    var response = call("POST", "/v1/embeddings", "{\"model\":\"e-1\",\"input\":\"Hi\"}");

    assertThat(response.headers()).containsEntry(COST, "0.000008");
  }

  @Test
  void aStreamSaysItInItsLastEvent() {
    world.model().enqueue(ScriptedReply.stream("Hi").replaced("\"scripted\"", "\"m-1\""));

    var response = call("POST", "/chat", "{\"message\":\"Hi\",\"model\":\"m-1\",\"stream\":true}");

    assertThat(response.headers()).doesNotContainKey(COST);
    assertThat(response.events().getLast()).contains("\"cost_usd\":\"0.00006\"");
    assertThat(record().path("cost_usd").textValue()).isEqualTo("0.00006");
  }

  @Test
  void anUnknownPriceIsNoCost() {
    var response = chat("m-2");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).doesNotContainKey(COST);
    assertThat(record().path("cost_usd").isNull()).isTrue();
    assertThat(world.events("model_calls").getLast().has("cost_usd")).isFalse();
    assertThat(world.events("model_price_unknown"))
        .singleElement()
        .satisfies(line -> assertThat(line.path("model").textValue()).isEqualTo("m-2"));
  }

  @Test
  void anUnknownUsageIsNoCost() {
    world.model().enqueue(ScriptedReply.text("Hi").noUsage());

    assertThat(chat("m-1").headers()).doesNotContainKey(COST);
    assertThat(record().path("cost_usd").isNull()).isTrue();
    assertThat(world.events("model_price_unknown")).isEmpty();
  }

  @Test
  void everyDetailHasItsPriceAndIsReported() throws Exception {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                """
                {"model":"m-1","service_tier":"default",
                 "choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],
                 "usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110,
                  "prompt_tokens_details":{"cached_tokens":40,"cache_write_tokens":20},
                  "completion_tokens_details":{"reasoning_tokens":7}}}\
                """));

    var response = chat("m-1");

    // 40 * 2 + 40 * 1 + 20 * 3 + 10 * 8 millionths
    assertThat(response.headers()).containsEntry(COST, "0.00026");
    assertThat(response.json().path("usage"))
        .isEqualTo(
            Json.STRICT.parse(
                """
                {"prompt_tokens":100,"completion_tokens":10,"total_tokens":110,"cached_tokens":40,
                 "cache_write_tokens":20,"reasoning_tokens":7,"service_tier":"default"}\
                """));
    assertThat(record().path("cache_write_tokens").intValue()).isEqualTo(20);
    assertThat(record().path("service_tier").textValue()).isEqualTo("default");
  }

  @Test
  void anErrorBeforeAnyReplyCostsNothing() {
    world.model().script(request -> ScriptedReply.status(503));

    var response = chat("m-1");

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.headers()).containsEntry(COST, "0");
    assertThat(record().path("cost_usd").textValue()).isEqualTo("0");
  }

  @Test
  void aReplyThatWasCutAndReplacedIsCountedBesideTheAnswer() {
    world.model().enqueue(ScriptedReply.cut(ScriptedReply.text("half an answer"), 20));

    var response = chat("m-1");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).containsEntry(COST, "0.00006");
    var discarded = record().path("discarded_cost_usd");
    assertThat(discarded.path("low").textValue()).isEqualTo("0");
    assertThat(Double.parseDouble(discarded.path("high").textValue()))
        .as("32,000 tokens on the priority tier, and the prompt")
        .isBetween(2.56, 2.60);
    assertThat(world.events("model_calls").getLast().path("discarded_cost_usd"))
        .isEqualTo(discarded);
  }

  @Test
  void aStreamThatWasCutHasNoCostButADiscardedOne() {
    world.model().script(request -> ScriptedReply.stream("a", "b").first(2).ending(Ending.CLOSED));

    call("POST", "/chat", "{\"message\":\"Hi\",\"stream\":true}");

    assertThat(record().path("error").textValue()).isEqualTo("model-cut");
    assertThat(record().path("cost_usd").isNull()).isTrue();
    assertThat(record().path("discarded_cost_usd").isNull())
        .as("the stream names the model \"scripted\", which has no price")
        .isTrue();
  }

  @Test
  void theListOfModelsSaysWhenOneRetires() {
    var list = call("GET", "/v1/models", "").json().path("data");

    assertThat(list.path(0).path("skein_retires_on").textValue()).isEqualTo("2027-01-14");
    assertThat(list.path(1).has("skein_retires_on")).isFalse();
    assertThat(call("GET", "/v1/models/m-1", "").json().path("skein_retires_on").textValue())
        .isEqualTo("2027-01-14");
  }
}
