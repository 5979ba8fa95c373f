package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.StreamedBody;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a record says about a reply, however it left. */
@Timeout(30)
class RecordedReplyTest {
  private static final String TEXT = "A skein is a bundle. ".repeat(10) + "\ud83e\udebf";

  private static final String USAGE =
      """
      {"prompt_tokens":16,"completion_tokens":7,"total_tokens":23,
       "prompt_tokens_details":{"cached_tokens":9},
       "completion_tokens_details":{"reasoning_tokens":4}}\
      """
          .replace("\n", "");

  private static final String TOOLS =
      """
      [{"index":0,"id":"c-1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"canary\\"}"}},\
      {"index":1,"id":"c-2","type":"function","function":{"name":"get_weather","arguments":"{}"}},\
      {"index":2,"id":"c-3","type":"custom","custom":{"name":"run sql","input":"canary"}}]\
      """;

  private TestEnvironment world = TestEnvironment.with(Map.of());

  @AfterEach
  void stop() {
    world.close();
  }

  private void restart(String... variables) {
    world.close();
    var map = new HashMap<String, String>();
    for (int i = 0; i < variables.length; i += 2) {
      map.put(variables[i], variables[i + 1]);
    }
    world = TestEnvironment.with(map);
  }

  private record Chunks() implements StreamFormat {
    @Override
    public String piece(Delta delta) {
      return delta.chunk();
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      return "";
    }

    @Override
    public String error(ObjectNode document) {
      return "error";
    }
  }

  private static LlmRequest textOnly() {
    return new LlmRequest("m-1", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));
  }

  private static LlmRequest passThrough() {
    return LlmRequest.passThrough(
        LlmApi.CHAT_COMPLETIONS, "m-1", textOnly().fields(), Defaults.NONE);
  }

  private static ApiRequest request(Map<String, String> headers) {
    return new ApiRequest(
        "POST", "/test", headers, Map.of(), "", "req-1", "key-1", ErrorFormat.PROBLEM);
  }

  private static Deadline farAway() {
    return Deadline.in(Duration.ofMinutes(10), System::nanoTime);
  }

  private String ask(
      String message, LlmRequest asked, boolean stream, Map<String, String> headers) {
    var environment = world.environment();
    ApiResponse response =
        environment
            .exchange()
            .run(
                request(headers),
                farAway(),
                new AuditedExchange.Subject("/test", "ann", "m-1", message),
                Optional.empty(),
                started ->
                    started.ask(
                        environment.llm(),
                        asked,
                        stream,
                        new Chunks(),
                        _ -> new Rendered.Document(Json.object())));
    if (response.body() instanceof StreamedBody body) {
      var _ = body.writeTo(OutputStream.nullOutputStream());
    }
    response.afterwards().run();
    return response.body() instanceof ApiResponse.Text(String text) ? text : "";
  }

  private JsonNode record(LlmRequest asked, boolean stream) {
    ask("Hi", asked, stream, Map.of());
    return world.queue().records().getLast();
  }

  private static String chunk(String delta, String reason) {
    return "data: {\"model\":\"m-x\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n"
        .formatted(delta, reason);
  }

  private void streams(String... events) {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    world
        .model()
        .enqueue(
            ScriptedReply.raw(
                (head
                        + "X-Request-Id: req_9\r\nConnection: close\r\n\r\n"
                        + String.join("", events))
                    .getBytes(StandardCharsets.UTF_8)));
  }

  private void streamsAll(String text, String tools, String reason) {
    streams(
        chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
        chunk("{\"content\":\"" + text + "\",\"tool_calls\":" + tools + "}", "null"),
        chunk("{}", "\"" + reason + "\""),
        "data: {\"choices\":[],\"usage\":" + USAGE + "}\n\n",
        "data: [DONE]\n\n");
  }

  private void replies(Map<String, String> headers, String text, String tools, String reason) {
    String body =
        """
        {"model":"m-x","choices":[{"index":0,"message":{"role":"assistant","content":"%s",\
        "tool_calls":%s},"finish_reason":"%s"}],"usage":%s}\
        """
            .formatted(text, tools, reason, USAGE);
    world.model().enqueue(ScriptedReply.status(200, headers, body));
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String unpacked(JsonNode base64) throws Exception {
    byte[] gzip = Base64.getDecoder().decode(base64.textValue());
    try (var in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({"default,whole", "default,streamed", "strict,whole", "strict,streamed"})
  void aReplyIsDescribedHoweverItLeaves(String mode, String form) throws Exception {
    restart("AUDIT_MODE", mode);
    boolean stream = form.equals("streamed");
    if (stream) {
      streamsAll(TEXT, TOOLS, "end_turn");
    } else {
      replies(Map.of("X-Request-Id", "req_9"), TEXT, TOOLS, "end_turn");
    }

    JsonNode record = record(passThrough(), stream);

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
    world.model().enqueue(ScriptedReply.text("Hello"));

    JsonNode record = record(textOnly(), stream);

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
    streams(
        chunk(call.formatted("a"), "null"),
        chunk(more, "null"),
        chunk(call.formatted("b"), "null"),
        chunk(call.formatted("b"), "\"tool_calls\""),
        "data: [DONE]\n\n");

    assertThat(record(passThrough(), true).path("tool_calls"))
        .isEqualTo(Json.STRICT.parse("[\"f\",\"f\"]"));
  }

  @Test
  void aStreamWithoutAReasonHasNone() {
    streams(chunk("{\"content\":\"Hello\"}", "null"), "data: [DONE]\n\n");

    assertThat(record(textOnly(), true).path("finish_reason").isNull()).isTrue();
  }

  @Test
  void theCharactersOfWhatWasReleasedAreCountedIfAStreamIsCut() throws Exception {
    streams(chunk("{\"content\":\"" + TEXT + "\"}", "null"));

    JsonNode record = record(textOnly(), true);

    assertThat(record.path("error").textValue()).isEqualTo("model-cut");
    assertThat(record.path("response_length").intValue()).isEqualTo(211);
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256(TEXT));
    assertThat(record.path("finish_reason").isNull()).isTrue();
    assertThat(record.path("provider_request_ids").path(0).textValue()).isEqualTo("req_9");
  }

  @Test
  void aHeldStreamThatIsCutHasNoText() {
    restart("AUDIT_MODE", "strict");
    streams(chunk("{\"content\":\"" + TEXT + "\"}", "null"));

    JsonNode record = record(textOnly(), true);

    assertThat(record.path("response_preview").textValue()).isEmpty();
    assertThat(record.path("response_length").intValue()).isZero();
  }

  @Test
  void aRefusalHasItsReasonAndTokens() {
    replies(Map.of("request-id", "req_a"), "", "[]", "content_filter");

    JsonNode record = record(textOnly(), false);

    assertThat(record.path("error").textValue()).isEqualTo("model-refused");
    assertThat(record.path("finish_reason").textValue()).isEqualTo("content_filter");
    assertThat(record.path("cached_tokens").intValue()).isEqualTo(9);
    assertThat(record.path("provider_request_ids").path(0).textValue()).isEqualTo("req_a");
  }

  @Test
  void anErrorHasTheProvidersIdOfItsRequest() {
    world.model().enqueue(ScriptedReply.status(400, Map.of("apim-request-id", "a b\u00e9"), "{}"));

    JsonNode record = record(textOnly(), false);

    assertThat(record.path("provider_request_ids").path(0).textValue()).matches("a_b_+");
  }

  /** Some providers report the usage in a last chunk with a choice. */
  @Test
  void theUsageOfAChunkWithAChoiceCounts() {
    streams(
        chunk("{\"content\":\"Hello\"}", "\"stop\""),
        "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":" + USAGE + "}\n\n",
        "data: [DONE]\n\n");

    assertThat(record(textOnly(), true).path("cached_tokens").intValue()).isEqualTo(9);
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
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                200,
                "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],\"usage\":"
                    + usage
                    + "}"));

    JsonNode record = record(textOnly(), false);

    assertThat(record.path("total_tokens").intValue()).isEqualTo(10);
    assertThat(record.path("cached_tokens").asInt(-1)).isEqualTo(cached);
    assertThat(record.path("reasoning_tokens").asInt(-1)).isEqualTo(reasoning);
  }

  @Test
  void severalCallsHaveTheirSumsIdsAndTheFirstUnusualReason() throws Exception {
    replies(Map.of("x-request-id", "a"), "one", "[]", "stop");
    replies(Map.of("cf-ray", "b"), "two", "[]", "length");
    replies(Map.of(), "three", "[]", "max_tokens");
    var environment = world.environment();

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

    JsonNode record = world.queue().records().getLast();
    assertThat(record.path("finish_reason").textValue()).isEqualTo("length");
    assertThat(record.path("provider_request_ids")).isEqualTo(Json.STRICT.parse("[\"a\",\"b\"]"));
    assertThat(record.path("cached_tokens").intValue()).isEqualTo(27);
    assertThat(record.path("response_preview").textValue()).isEqualTo("one\ntwo\nthree");
  }

  @Test
  void halvesOfACharacterInTwoChunksAreOneCharacter() throws Exception {
    restart("AUDIT_PREVIEW_CHARS", "6");
    streams(
        chunk("{\"content\":\"Hello\"}", "null"),
        chunk("{\"content\":\"\\ud83e\"}", "null"),
        chunk("{\"content\":\"\\udebf!\"}", "\"stop\""),
        "data: [DONE]\n\n");

    JsonNode record = record(passThrough(), true);

    assertThat(record.path("response_preview").textValue()).isEqualTo("Hello\ud83e\udebf");
    assertThat(record.path("response_length").intValue()).isEqualTo(7);
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256("Hello\ud83e\udebf!"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTextOfMoreThanAMebibyteIsCountedWhole(boolean stream) throws Exception {
    String text = "x".repeat((1 << 20) + 5);
    if (stream) {
      streamsAll(text, "[]", "stop");
    } else {
      replies(Map.of(), text, "[]", "stop");
    }

    JsonNode record = record(passThrough(), stream);

    assertThat(record.path("response_length").intValue()).isEqualTo(text.length());
    assertThat(record.path("response_sha256").textValue()).isEqualTo(sha256(text));
  }

  @ParameterizedTest
  @CsvSource({"default,whole", "default,streamed", "strict,streamed"})
  void fullContentIsSentBesideTheRecord(String mode, String form) throws Exception {
    restart("AUDIT_MODE", mode, "AUDIT_CONTENT", "full");
    streamsAll(TEXT, "[]", "stop");

    ask("Question " + TEXT, textOnly(), form.equals("streamed"), Map.of());

    var intent = world.queue().records().getFirst();
    assertThat(unpacked(intent.at("/content/message"))).isEqualTo("Question " + TEXT);
    assertThat(intent.path("message_sha256").textValue()).isEqualTo(sha256("Question " + TEXT));
    var completed = world.queue().records().getLast();
    assertThat(unpacked(completed.at("/content/response"))).isEqualTo(TEXT);
    assertThat(completed.path("content").has("message")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"default,whole", "default,streamed", "strict,streamed", "default,cut"})
  void withoutContentNoTextIsAnywhere(String mode, String form) {
    restart("AUDIT_MODE", mode, "AUDIT_CONTENT", "none");
    world.queue().acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));
    if (mode.equals("strict")) {
      world.queue().acknowledgeBy(() -> CompletableFuture.completedFuture(null));
    }
    if (form.equals("cut")) {
      streams(chunk("{\"content\":\"canary\"}", "null"));
    } else {
      streamsAll("canary", TOOLS, "stop");
    }

    ask("canary " + TEXT, passThrough(), !form.equals("whole"), Map.of());

    assertThat(world.queue().records().toString()).doesNotContain("canary", "skein is");
    assertThat(world.lines().toString()).doesNotContain("canary", "skein is");
    var intent = world.queue().records().getFirst();
    assertThat(intent.path("message_preview").textValue()).isEmpty();
    assertThat(intent.path("message_sha256").isNull()).isTrue();
    assertThat(intent.path("message_length").intValue()).isEqualTo(218);
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
    world.model().enqueue(ScriptedReply.text("Hello"));

    ask("Hi", textOnly(), false, Map.of("traceparent", traceparent, "x-amzn-trace-id", xray));

    for (JsonNode record : world.queue().records()) {
      assertThat(record.path("trace_id").textValue()).isEqualTo(expected);
    }
  }

  @Test
  void bothPhasesHaveOneSalt() {
    world.model().enqueue(ScriptedReply.text("Hello"));

    ask("Hi", textOnly(), false, Map.of());

    assertThat(world.queue().records())
        .hasSize(2)
        .allSatisfy(
            record ->
                assertThat(record.path("content_salt").textValue())
                    .isEqualTo(TestEnvironment.SALT));
  }
}
