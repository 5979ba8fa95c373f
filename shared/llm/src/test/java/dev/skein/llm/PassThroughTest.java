package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmRequest.Defaults;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In the mode PASS_THROUGH, requests and replies are passed on unmodified. */
@Timeout(30)
class PassThroughTest {
  private static final Defaults NONE =
      new Defaults(OptionalDouble.empty(), OptionalInt.empty(), false);
  private static final Duration FIRST_BYTE = Duration.ofSeconds(5);
  private static final String TOOL_CALL =
      """
      { "id":"x-1", "object":"chat.completion", "created":7, "model":"m-1", "unknown": {"a": [1.50]},
        "choices":[{"index":0, "message":{"role":"assistant", "content":null,
          "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}, "finish_reason":"tool_calls"}],
        "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3} }
      """;

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    http.shutdownNow();
    model.close();
    assertThat(time.awaitNoWaits()).as("no thread waits").isTrue();
  }

  /** A client that would rather have streams. */
  private HttpLlmClient client() {
    var limits =
        new LlmLimits(
            Duration.ofSeconds(10),
            FIRST_BYTE,
            Duration.ofMinutes(3),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            2048,
            0,
            1000,
            1000);
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m-1");
    return new HttpLlmClient(
        http, new LlmConfig(List.of(endpoint), List.of("m-1"), limits, true), time.world());
  }

  private static LlmRequest request(String fields) throws Exception {
    return LlmRequest.passThrough(
        LlmApi.CHAT_COMPLETIONS, "m-1", (ObjectNode) Json.STRICT.parse(fields), NONE);
  }

  private static LlmRequest hello() throws Exception {
    return request("{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}");
  }

  private Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(20), time::nanoTime);
  }

  private CompletableFuture<LlmResult> whole(LlmRequest request) {
    return client().complete(request, deadline());
  }

  private List<LlmEvent> stream(LlmRequest request) {
    var events = new ArrayList<LlmEvent>();
    try (var stream = client().stream(request, deadline())) {
      do {
        events.add(stream.next());
      } while (!(events.getLast() instanceof End));
    }
    return events;
  }

  private static LlmOutcome outcome(List<LlmEvent> events) {
    return ((End) events.getLast()).result().outcome();
  }

  @Test
  void everyFieldReachesTheApiAsItIs() throws Exception {
    String fields =
        "\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":[{\"type\":\"text\",\"text\":\"é\"}]}],"
            + "\"tools\":[{\"type\":\"function\"}],\"seed\":12345678901234567890,\"unknown\":null";
    whole(request("{" + fields + "}")).join();

    assertThat(model.received().getFirst().json())
        .isEqualTo(Json.STRICT.parse("{\"model\":\"m-1\"," + fields + "}"));
  }

  @Test
  void aStreamIsAskedForWithItsUsageAndWithWhateverElseTheCallerWants() throws Exception {
    stream(
        request(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
                + "\"stream_options\":{\"include_obfuscation\":false}}"));

    var sent = model.received().getFirst().json();
    assertThat(sent.path("stream").booleanValue()).isTrue();
    assertThat(sent.path("stream_options").toString())
        .isEqualTo("{\"include_obfuscation\":false,\"include_usage\":true}");
  }

  @Test
  void aWholeReplyIsPassedOnUnmodified() throws Exception {
    model.enqueue(ScriptedReply.json(200, TOOL_CALL));

    assertThat(whole(hello()).join().outcome())
        .isEqualTo(
            new Completed(
                "", "tool_calls", "m-1", Optional.of(new Usage(1, 2, 3)), Optional.of(TOOL_CALL)));
  }

  @Test
  void aWholeReplyWithoutAReasonIsNoneForTheOpenAiRouteEither() throws Exception {
    model.enqueue(ScriptedReply.json(200, TOOL_CALL.replace("\"tool_calls\"}]", "null}]")));

    assertThat(whole(hello()).join().outcome()).isInstanceOf(Malformed.class);
  }

  @Test
  void aCallerThatAskedForAStreamGetsAWholeReplyAsOneChunk() throws Exception {
    model.enqueue(ScriptedReply.json(200, TOOL_CALL));

    var events = stream(hello());

    assertThat(events).hasSize(2);
    var chunk = Json.STRICT.parse(((Delta) events.getFirst()).chunk());
    assertThat(chunk.path("object").textValue()).isEqualTo("chat.completion.chunk");
    assertThat(chunk.at("/choices/0/delta/tool_calls/0/index").intValue()).isZero();
    assertThat(chunk.at("/choices/0/delta/tool_calls/0/function/name").textValue()).isEqualTo("f");
    assertThat(chunk.at("/choices/0").has("message")).isFalse();
    assertThat(chunk.at("/choices/0/finish_reason").textValue()).isEqualTo("tool_calls");
    assertThat(outcome(events)).isInstanceOf(Completed.class);
  }

  @Test
  void aWholeReplyMayTakeTheModelUntilTheDeadline() throws Exception {
    model.enqueue(ScriptedReply.hang());
    var call = whole(hello());
    model.awaitInFlight(1, Duration.ofSeconds(10));

    time.advance(FIRST_BYTE.plusSeconds(14));
    assertThat(call).isNotDone();
    time.awaitWaitOf(Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));
    assertThat(call.join().outcome()).isEqualTo(new LlmOutcome.TimedOut(Limit.DEADLINE));
  }

  @Test
  void aSilentStreamIsNoticedAtTheFirstByteLimit() throws Exception {
    model.enqueue(ScriptedReply.hang());
    try (var stream = client().stream(hello(), deadline())) {
      model.awaitInFlight(1, Duration.ofSeconds(10));
      time.awaitWaitOf(FIRST_BYTE);

      time.advance(FIRST_BYTE);
      assertThat(((End) stream.next()).result().outcome())
          .isEqualTo(new LlmOutcome.TimedOut(Limit.FIRST_BYTE));
    }
  }

  @Test
  void choicesAndToolCallsThatAreNoObjectsArePassedOn() throws Exception {
    String odd =
        TOOL_CALL
            .replace("\"tool_calls\":[{", "\"tool_calls\":[null,{")
            .replaceFirst("\\}\\],\\s+\"usage\"", "},null],\"usage\"");
    assertThat(odd).contains("},null]", "[null,{");
    model.enqueue(ScriptedReply.json(200, odd), ScriptedReply.json(200, odd));

    assertThat(((Completed) whole(hello()).join().outcome()).body()).contains(odd);
    assertThat(outcome(stream(hello()))).isInstanceOf(Completed.class);
  }

  @Test
  void aWholeReplyAsAChunkKeepsWhatIsNotChangedAsItWasWritten() throws Exception {
    String reply =
        """
        {"x":[1e400,-0.12345678901234567890123,1.50],"half":"\\ud83e","twice":1,"twice":2,
         "object":"chat.completion","choices":[{"message":{"content":"\\u0041","object":"o",
         "tool_calls":[null,{},{"id":"c","index":7},{"message":1}]},"finish_reason":"tool_calls"}]}\
        """;
    model.enqueue(ScriptedReply.json(200, reply));

    assertThat(((Delta) stream(hello()).getFirst()).chunk())
        .isEqualTo(
            reply
                .replace("\n", " ")
                .replace("\"chat.completion\"", "\"chat.completion.chunk\"")
                .replaceFirst("\"message\"", "\"delta\"")
                .replace("null,{},", "null,{\"index\":1},")
                .replace("{\"message\":1}", "{\"message\":1,\"index\":3}"));
  }

  @Test
  void aLongReplyWithoutAnObjectFieldGetsOneAsAChunk() throws Exception {
    String reply = TOOL_CALL.replace("\"object\":\"chat.completion\", ", "").strip();
    String image = reply.replace("\"x-1\"", "\"" + "é😀".repeat(60_000) + "\"");
    model.enqueue(ScriptedReply.json(200, image));

    assertThat(((Delta) stream(hello()).getFirst()).chunk())
        .isEqualTo(
            image
                .replaceFirst("\\{", "{\"object\":\"chat.completion.chunk\",")
                .replace("\n", " ")
                .replace("\"message\":", "\"delta\":")
                .replace("\"{}\"}}", "\"{}\"},\"index\":0}"));
  }

  @Test
  void aReplyWithoutAMessageIsPassedOnWhenItsTokensAreUsedUp() throws Exception {
    String reply =
        "{\"choices\":[{\"finish_reason\":\"length\",\"index\":0}],"
            + "\"usage\":{\"prompt_tokens\":7180,\"total_tokens\":7193}}";
    model.enqueue(ScriptedReply.json(200, reply), ScriptedReply.json(200, reply));

    assertThat(whole(hello()).join().outcome())
        .isEqualTo(
            new Completed(
                "", "length", "", Optional.of(new Usage(7180, 13, 7193)), Optional.of(reply)));
    assertThat(outcome(stream(hello()))).isInstanceOf(Completed.class);
  }

  @Test
  void aStreamForACallerThatAskedForNoneIsMalformed() throws Exception {
    model.enqueue(ScriptedReply.stream("x"));

    assertThat(whole(hello()).join().outcome()).isInstanceOf(Malformed.class);
  }

  @Test
  void aLongStringIsPassedOn() throws Exception {
    String image = "y".repeat(1_000_000);
    String reply = TOOL_CALL.replace("\"x-1\"", "\"" + image + "\"");
    model.enqueue(ScriptedReply.json(200, reply), ScriptedReply.stream(image));

    assertThat(((Completed) whole(hello()).join().outcome()).body()).contains(reply);
    assertThat(((Completed) outcome(stream(hello()))).text()).isEqualTo(image);
  }

  @Test
  void aWholeReplyOfFifteenMegabytesIsPassedOnAndOneOverTheLimitNamesBothSizes() throws Exception {
    String reply = TOOL_CALL.replace("\"x-1\"", "\"" + "y".repeat(15_000_000) + "\"");
    String over = " ".repeat(LlmLimits.MAX_PASSED_REPLY_BYTES) + reply;
    model.enqueue(
        ScriptedReply.json(200, reply),
        ScriptedReply.json(200, over),
        ScriptedReply.chunked(ScriptedReply.json(200, over), 65_536));

    assertThat(((Completed) whole(hello()).join().outcome()).body()).contains(reply);
    assertThat(whole(hello()).join().outcome())
        .isEqualTo(
            new Malformed(
                "the reply has at least %d bytes, and the limit is 16777216"
                    .formatted(over.length()),
                true));
    assertThat(((Malformed) whole(hello()).join().outcome()).tooLarge()).isTrue();
  }

  @Test
  void anErrorThatRepeatsALargeRequestIsStillTheCallers() throws Exception {
    String input = "x".repeat(6_000_000);
    model.enqueue(
        ScriptedReply.json(
            422,
            "{\"detail\":[{\"type\":\"value_error\",\"loc\":[\"body\",\"messages\"],\"msg\":\"%1$s\",\"input\":\"%1$s\"}]}"
                .formatted(input)));

    assertThat(whole(hello()).join().outcome())
        .isInstanceOfSatisfying(
            Rejected.class,
            it -> {
              assertThat(it.reason()).isEqualTo(LlmOutcome.Reason.REQUEST);
              assertThat(it.parameter()).contains("messages");
              assertThat(it.toString()).hasSizeLessThan(1000);
            });
  }
}
