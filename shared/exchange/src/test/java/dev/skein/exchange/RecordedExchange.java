package dev.skein.exchange;

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
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Exchanges with a scripted model, and what is recorded of them. Not thread-safe. */
final class RecordedExchange implements AutoCloseable {
  static final String TEXT = "A skein is a bundle. ".repeat(10) + "\ud83e\udebf";

  static final String USAGE =
      """
      {"prompt_tokens":16,"completion_tokens":7,"total_tokens":23,
       "prompt_tokens_details":{"cached_tokens":9},
       "completion_tokens_details":{"reasoning_tokens":4}}\
      """
          .replace("\n", "");

  static final String TOOLS =
      """
      [{"index":0,"id":"c-1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"canary\\"}"}},\
      {"index":1,"id":"c-2","type":"function","function":{"name":"get_weather","arguments":"{}"}},\
      {"index":2,"id":"c-3","type":"custom","custom":{"name":"run sql","input":"canary"}}]\
      """;

  private TestEnvironment world = TestEnvironment.with(Map.of());

  @Override
  public void close() {
    world.close();
  }

  TestEnvironment world() {
    return world;
  }

  void restart(String... variables) {
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

  static LlmRequest textOnly() {
    return new LlmRequest("m-1", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));
  }

  static LlmRequest passThrough() {
    return LlmRequest.passThrough(
        LlmApi.CHAT_COMPLETIONS, "m-1", textOnly().fields(), Defaults.NONE);
  }

  static ApiRequest request(Map<String, String> headers) {
    return new ApiRequest(
        "POST", "/test", headers, Map.of(), "", "req-1", "key-1", ErrorFormat.PROBLEM);
  }

  static Deadline farAway() {
    return Deadline.in(Duration.ofMinutes(10), System::nanoTime);
  }

  String ask(String message, LlmRequest asked, boolean stream, Map<String, String> headers) {
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

  JsonNode record(LlmRequest asked, boolean stream) {
    ask("Hi", asked, stream, Map.of());
    return world.queue().records().getLast();
  }

  static String chunk(String delta, String reason) {
    return "data: {\"model\":\"m-x\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n"
        .formatted(delta, reason);
  }

  void streams(String... events) {
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

  void streamsAll(String text, String tools, String reason) {
    streams(
        chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
        chunk("{\"content\":\"" + text + "\",\"tool_calls\":" + tools + "}", "null"),
        chunk("{}", "\"" + reason + "\""),
        "data: {\"choices\":[],\"usage\":" + USAGE + "}\n\n",
        "data: [DONE]\n\n");
  }

  void replies(Map<String, String> headers, String text, String tools, String reason) {
    String body =
        """
        {"model":"m-x","choices":[{"index":0,"message":{"role":"assistant","content":"%s",\
        "tool_calls":%s},"finish_reason":"%s"}],"usage":%s}\
        """
            .formatted(text, tools, reason, USAGE);
    world.model().enqueue(ScriptedReply.status(200, headers, body));
  }

  static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  static String unpacked(JsonNode base64) throws Exception {
    byte[] gzip = Base64.getDecoder().decode(base64.textValue());
    try (var in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
