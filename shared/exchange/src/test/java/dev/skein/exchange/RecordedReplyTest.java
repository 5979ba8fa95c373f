package dev.skein.exchange;

import static dev.skein.exchange.RecordedExchange.TEXT;
import static dev.skein.exchange.RecordedExchange.TOOLS;
import static dev.skein.exchange.RecordedExchange.USAGE;
import static dev.skein.exchange.RecordedExchange.chunk;
import static dev.skein.exchange.RecordedExchange.farAway;
import static dev.skein.exchange.RecordedExchange.passThrough;
import static dev.skein.exchange.RecordedExchange.request;
import static dev.skein.exchange.RecordedExchange.sha256;
import static dev.skein.exchange.RecordedExchange.textOnly;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmResult;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a record says about a reply, however it left. */
@Timeout(30)
class RecordedReplyTest {
  private final RecordedExchange exchange = new RecordedExchange();

  @AfterEach
  void stop() {
    exchange.close();
  }

  @ParameterizedTest
  @CsvSource({"default,whole", "default,streamed", "strict,whole", "strict,streamed"})
  void aReplyIsDescribedHoweverItLeaves(String mode, String form) throws Exception {
    exchange.restart("AUDIT_MODE", mode);
    boolean stream = form.equals("streamed");
    if (stream) {
      exchange.streamsAll(TEXT, TOOLS, "end_turn");
    } else {
      exchange.replies(Map.of("X-Request-Id", "req_9"), TEXT, TOOLS, "end_turn");
    }

    JsonNode record = exchange.record(passThrough(), stream);

    assertThat(record.path("phase").textValue()).isEqualTo("completed");
    assertThat(record.path("finish_reason").textValue()).isEqualTo("end_turn");
    assertThat(record.path("cached_tokens").intValue()).isEqualTo(9);
    assertThat(record.path("reasoning_tokens").intValue()).isEqualTo(4);
    assertThat(record.path("requested_model").textValue()).isEqualTo("m-1");
    assertThat(record.path("model").textValue()).isEqualTo("m-x");
    assertThat(record.path("provider_request_ids")).isEqualTo(Json.STRICT.parse("[\"req_9\"]"));
    assertThat(record.path("tool_calls"))
        .isEqualTo(Json.STRICT.parse("[\"get_weather\",\"get_weather\",\"run_sql\"]"));
    assertThat(record.path("response_preview").textValue()).isEqualTo(TEXT.substring(0, 100));
    assertThat(record.path("response_length").intValue()).isEqualTo(211);
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256(TEXT));
    assertThat(record.toString()).doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAProviderDoesNotSayIsNull(boolean stream) {
    exchange.world().model().enqueue(ScriptedReply.text("Hello"));

    JsonNode record = exchange.record(textOnly(), stream);

    assertThat(record.path("cached_tokens").isNull()).isTrue();
    assertThat(record.path("reasoning_tokens").isNull()).isTrue();
    assertThat(record.path("provider_request_ids")).isEmpty();
    assertThat(record.path("tool_calls")).isEmpty();
    assertThat(record.path("finish_reason").textValue()).isEqualTo("stop");
    assertThat(record.path("response_sha256").isNull()).isTrue();
    assertThat(record.path("trace_id").isNull()).isTrue();
  }

  /** Gemini's calls all have the index 0; OpenRouter repeats a call with its last chunk. */
  @Test
  void aStreamsToolCallsAreToldApartByTheirIdsAndNamedOnce() throws Exception {
    String call =
        "{\"tool_calls\":[{\"index\":0,\"id\":\"%s\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}";
    String more =
        "{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}";
    exchange.streams(
        chunk(call.formatted("a"), "null"),
        chunk(more, "null"),
        chunk(call.formatted("b"), "null"),
        chunk(call.formatted("b"), "\"tool_calls\""),
        "data: [DONE]\n\n");

    assertThat(exchange.record(passThrough(), true).path("tool_calls"))
        .isEqualTo(Json.STRICT.parse("[\"f\",\"f\"]"));
  }

  @Test
  void aStreamWithoutAReasonHasNone() {
    exchange.streams(chunk("{\"content\":\"Hello\"}", "null"), "data: [DONE]\n\n");

    assertThat(exchange.record(textOnly(), true).path("finish_reason").isNull()).isTrue();
  }

  @Test
  void aRefusalHasItsReasonAndTokens() {
    exchange.replies(Map.of("request-id", "req_a"), "", "[]", "content_filter");

    JsonNode record = exchange.record(textOnly(), false);

    assertThat(record.path("error").textValue()).isEqualTo("model-refused");
    assertThat(record.path("finish_reason").textValue()).isEqualTo("content_filter");
    assertThat(record.path("cached_tokens").intValue()).isEqualTo(9);
    assertThat(record.path("provider_request_ids").path(0).textValue()).isEqualTo("req_a");
  }

  @Test
  void anErrorHasTheProvidersIdOfItsRequest() {
    exchange
        .world()
        .model()
        .enqueue(ScriptedReply.status(400, Map.of("apim-request-id", "a b\u00e9"), "{}"));

    JsonNode record = exchange.record(textOnly(), false);

    assertThat(record.path("provider_request_ids").path(0).textValue()).matches("a_b_+");
  }

  /** Some providers report the usage in a last chunk with a choice. */
  @Test
  void theUsageOfAChunkWithAChoiceCounts() {
    exchange.streams(
        chunk("{\"content\":\"Hello\"}", "\"stop\""),
        "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":" + USAGE + "}\n\n",
        "data: [DONE]\n\n");

    assertThat(exchange.record(textOnly(), true).path("cached_tokens").intValue()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"prompt_tokens_details\":{\"cached_tokens\":0} | 0 | -1",
        "\"prompt_tokens_details\":null,\"completion_tokens_details\":null | -1 | -1",
        "\"prompt_tokens_details\":{\"cached_tokens\":null} | -1 | -1",
        "\"prompt_tokens_details\":{\"cached_tokens\":\"3\"} | -1 | -1",
        "\"prompt_tokens_details\":{\"cached_tokens\":-3} | -1 | -1",
        "\"prompt_cache_hit_tokens\":3,\"prompt_cache_miss_tokens\":4 | 3 | -1",
        "\"cached_tokens\":3 | 3 | -1",
        "\"cache_read_input_tokens\":3,\"cache_creation_input_tokens\":1 | 3 | -1",
        "\"completion_tokens_details\":{\"reasoning_tokens\":2} | -1 | 2",
        "\"reasoning_tokens\":0 | -1 | 0",
      })
  void providersReportDetailsOfTheirTokensInSeveralPlaces(String more, int cached, int reasoning) {
    String usage = "{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10," + more + "}";
    exchange
        .world()
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":"
                    + usage
                    + "}"));

    JsonNode record = exchange.record(textOnly(), false);

    assertThat(record.path("total_tokens").intValue()).isEqualTo(10);
    assertThat(record.path("cached_tokens").asInt(-1)).isEqualTo(cached);
    assertThat(record.path("reasoning_tokens").asInt(-1)).isEqualTo(reasoning);
  }

  @Test
  void severalCallsHaveTheirSumsIdsAndTheFirstUnusualReason() throws Exception {
    exchange.replies(Map.of("x-request-id", "a"), "one", "[]", "stop");
    exchange.replies(Map.of("cf-ray", "b"), "two", "[]", "length");
    exchange.replies(Map.of(), "three", "[]", "max_tokens");
    var environment = exchange.world().environment();

    var response =
        environment
            .exchange()
            .run(
                request(Map.of()),
                farAway(),
                new AuditedExchange.Subject("/test", "ann", "m-1", "Hi"),
                Optional.empty(),
                started -> {
                  var results = new ArrayList<LlmResult>();
                  for (int i = 0; i < 3; i++) {
                    results.add(environment.llm().complete(textOnly(), farAway()).join());
                  }
                  return started.reply(results, _ -> new Rendered.Document(Json.object()));
                });
    response.afterwards().run();

    JsonNode record = exchange.world().queue().records().getLast();
    assertThat(record.path("finish_reason").textValue()).isEqualTo("length");
    assertThat(record.path("provider_request_ids")).isEqualTo(Json.STRICT.parse("[\"a\",\"b\"]"));
    assertThat(record.path("cached_tokens").intValue()).isEqualTo(27);
    assertThat(record.path("response_preview").textValue()).isEqualTo("one\ntwo\nthree");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 | '' |"
            + " 4bf92f3577b34da6a3ce929d0e0e4736",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more | '' |"
            + " 4bf92f3577b34da6a3ce929d0e0e4736",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 | '' | ",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01 | '' | ",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01 | '' | ",
        "canary | Root=1-5759e988-bd862e3fe1be46a994272793 | 1-5759e988-bd862e3fe1be46a994272793",
        "'' | Self=1-a;Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1 |"
            + " 1-5759e988-bd862e3fe1be46a994272793",
        "'' | Root=1-canary | ",
      })
  void theCallersTraceIsRecorded(String traceparent, String xray, String expected) {
    exchange.world().model().enqueue(ScriptedReply.text("Hello"));

    exchange.ask(
        "Hi", textOnly(), false, Map.of("traceparent", traceparent, "x-amzn-trace-id", xray));

    for (JsonNode record : exchange.world().queue().records()) {
      assertThat(record.path("trace_id").textValue()).isEqualTo(expected);
    }
  }
}
