package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamedReplyTest {
  private static final String DONE = "[DONE]";

  private static final LlmRequest HELLO =
      new LlmRequest("m", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 9));

  private final StreamedReply reply = new StreamedReply(HELLO, new DetailsCollector());

  private static String chunk(String delta, String finishReason) {
    return "{\"model\":\"m\",\"choices\":[{\"delta\":%s,\"finish_reason\":%s}]}"
        .formatted(delta, finishReason);
  }

  private static String text(String text) {
    return chunk("{\"content\":\"" + text + "\"}", "null");
  }

  private List<String> read(String... events) {
    return read(reply, events).stream().map(Delta::text).toList();
  }

  private static List<Delta> read(StreamedReply reply, String... events) {
    var pieces = new ArrayList<Delta>();
    for (String event : events) {
      byte[] bytes = ("data: " + event + "\n\n").getBytes(StandardCharsets.UTF_8);
      pieces.addAll(reply.read(List.of(ByteBuffer.wrap(bytes))));
    }
    return pieces;
  }

  private static StreamedReply passThrough(boolean includeUsage) {
    var fields = HELLO.fields().deepCopy();
    fields.putObject("stream_options").put("include_usage", includeUsage);
    return new StreamedReply(
        LlmRequest.passThrough(LlmApi.CHAT_COMPLETIONS, "m", fields, HELLO.defaults()),
        new DetailsCollector());
  }

  private Optional<LlmOutcome> earlyOutcome() {
    return reply.earlyResult().map(StreamedReplyTest::outcome);
  }

  private static LlmOutcome outcome(AttemptResult result) {
    return ((AttemptResult.Streamed) result).outcome();
  }

  @Test
  void textsComeAsTheyAreWrittenAndTheEndHoldsThemAll() {
    var texts =
        read(
            chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
            text("Hel"),
            text("lo"),
            chunk("{}", "\"stop\""),
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}",
            DONE);

    assertThat(texts).containsExactly("Hel", "lo");
    assertThat(earlyOutcome())
        .contains(new Completed("Hello", "stop", "m", Optional.of(new Usage(1, 2, 3))));
  }

  @Test
  void beforeTheEndMarkThereIsNoVerdict() {
    read(text("x"));
    assertThat(earlyOutcome()).isEmpty();
    assertThat(reply.lacksOnlyEndMark()).isFalse();

    read(chunk("{}", "\"stop\""));
    assertThat(earlyOutcome()).isEmpty();
    assertThat(reply.lacksOnlyEndMark()).isTrue();
  }

  @Test
  void aFinishReasonWithoutAnEndMarkIsAWholeReplyHoweverTheSocketEnds() {
    read(text("x"), chunk("{}", "\"length\""));

    var whole = new Completed("x", "length", "m", Optional.empty());
    assertThat(outcome(reply.ended())).isEqualTo(whole);
    assertThat(outcome(reply.brokenOff("reset"))).isEqualTo(whole);
  }

  @Test
  void anEndMarkWithoutAFinishReasonIsAWholeReplyOfUnknownReason() {
    read(text("x"), DONE);

    assertThat(earlyOutcome()).contains(new Completed("x", "unknown", "m", Optional.empty()));
  }

  @Test
  void withoutEitherSignItIsCut() {
    read(text("x"));

    assertThat(outcome(reply.ended())).isInstanceOf(Cut.class);
    assertThat(outcome(reply.brokenOff("reset"))).isEqualTo(new Cut("reset"));
  }

  @Test
  void whatFollowsTheEndMarkIsIgnored() {
    read(text("x"), chunk("{}", "\"stop\""), DONE);

    assertThat(read(text("y"), "{\"error\":{}}", "no json")).isEmpty();
    assertThat(earlyOutcome()).contains(new Completed("x", "stop", "m", Optional.empty()));
  }

  @Test
  void anErrorObjectCutsTheStreamAndItsCodeIsKeptButNotItsProse() {
    read(text("x"), "{\"error\":{\"code\":\"overloaded\",\"message\":\"You said: secret\"}}");

    assertThat(earlyOutcome())
        .contains(new Cut("the provider ended the stream with an error, code overloaded"));
  }

  @Test
  void anEventThatIsNotJsonCutsTheStream() {
    read(text("x"), "{\"choices\":[{");

    assertThat(earlyOutcome()).containsInstanceOf(Cut.class);
  }

  @Test
  void bytesThatAreNotUtf8CutTheStream() {
    reply.read(List.of(ByteBuffer.wrap(new byte[] {'d', (byte) 0xFF, '\n'})));

    assertThat(earlyOutcome()).contains(new Cut("the stream is not valid UTF-8"));
  }

  @Test
  void aRefusalAndAContentFilterAreRefused() {
    read(chunk("{\"refusal\":\"I cannot\"}", "null"), chunk("{}", "\"stop\""), DONE);
    assertThat(earlyOutcome()).contains(new Refused(Optional.empty()));

    var filtered = new StreamedReply(HELLO, new DetailsCollector());
    read(filtered, chunk("{\"content\":\"x\"}", "\"content_filter\""));
    assertThat(outcome(filtered.ended())).isEqualTo(new Refused(Optional.empty()));
  }

  @Test
  void aStreamWithoutTextIsMalformed() {
    read(chunk("{}", "\"stop\""), DONE);
    assertThat(earlyOutcome()).contains(new Malformed("the reply has no content"));
  }

  @Test
  void moreTextThanTheLimitIsTooLarge() {
    for (int i = 0; i < 11; i++) {
      read(text("x".repeat(100_000)));
    }

    assertThat(reply.earlyResult())
        .containsInstanceOf(AttemptResult.TooLarge.class)
        .map(it -> ((AttemptResult.TooLarge) it).limit())
        .contains((long) LlmLimits.MAX_TEXT_REPLY_BYTES);
  }

  @Test
  void moreTextThanTheLimitIsPassedOnButNotCollected() {
    var passed = passThrough(false);
    String piece = "x".repeat(3_000_000);

    var deltas = read(passed, text("Hello"), text(piece), text("y"), chunk("{}", "\"stop\""), DONE);

    assertThat(deltas.stream().map(Delta::chunk)).contains(text(piece), text("y"));
    assertThat(((AttemptResult.Streamed) passed.earlyResult().orElseThrow()).outcome())
        .isInstanceOfSatisfying(
            Completed.class,
            it ->
                assertThat(it.text())
                    .startsWith("Helloxxx")
                    .hasSize(LlmLimits.MAX_TEXT_REPLY_BYTES));
  }

  @Test
  void anEventOfSixteenMebibytesIsPassedOnAndALargerOneIsNot() {
    var passed = passThrough(false);
    String largest = text("x".repeat(LlmLimits.MAX_PASSED_REPLY_BYTES - 100));

    assertThat(read(passed, largest)).extracting(Delta::chunk).containsExactly(largest);
    assertThat(read(passed, text("x".repeat(LlmLimits.MAX_PASSED_REPLY_BYTES)))).isEmpty();
    assertThat(passed.earlyResult())
        .contains(
            new AttemptResult.TooLarge(
                LlmLimits.MAX_PASSED_REPLY_BYTES + 1L, LlmLimits.MAX_PASSED_REPLY_BYTES));
  }

  private static final String ROLE = chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null");
  private static final String CALL =
      chunk("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]}", "null");
  private static final String CALLED = chunk("{}", "\"tool_calls\"");
  private static final String USAGE =
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";

  @Test
  void inPassThroughModeEveryChunkIsPassedOnUnmodified() {
    var reply = passThrough(true);
    String spaced = "{ \"choices\" : [ {\"delta\":{\"content\":\"\\u0041\"}} ], \"x\": 1.50 }";

    assertThat(read(reply, ROLE, CALL, spaced, CALLED, USAGE, DONE))
        .extracting(Delta::chunk)
        .containsExactly(ROLE, CALL, spaced, CALLED, USAGE);
    assertThat(reply.earlyResult().map(StreamedReplyTest::outcome))
        .contains(new Completed("A", "tool_calls", "m", Optional.of(new Usage(1, 2, 3))));
  }

  @Test
  void theUsageChunkIsNotPassedOnToACallerThatDidNotAskForIt() {
    var reply = passThrough(false);

    assertThat(read(reply, text("x"), CALLED, USAGE, DONE)).hasSize(2);
    assertThat(reply.earlyResult().map(StreamedReplyTest::outcome))
        .contains(new Completed("x", "tool_calls", "m", Optional.of(new Usage(1, 2, 3))));
  }

  @Test
  void aChunkOfTheContentFilterIsPassedOnThoughItHasNoChoice() {
    var reply = passThrough(false);
    String filter =
        "{\"choices\":[],\"usage\":null,\"prompt_filter_results\":[{\"prompt_index\":0}]}";

    assertThat(read(reply, filter, text("x"), CALLED, USAGE, DONE))
        .extracting(Delta::chunk)
        .containsExactly(filter, text("x"), CALLED);
  }

  @Test
  void aChunkWithoutContentIsHeldUntilOneWithContent() {
    var reply = passThrough(true);

    assertThat(read(reply, ROLE, chunk("{}", "null"))).isEmpty();
    assertThat(read(reply, CALL)).hasSize(3);
    assertThat(read(reply, chunk("{}", "null"))).hasSize(1);
  }

  @Test
  void inPassThroughModeARefusalIsAnAnswerAndAnEmptyStreamIsNot() {
    var refusal = passThrough(true);
    read(refusal, chunk("{\"refusal\":\"no\"}", "null"), chunk("{}", "\"stop\""), DONE);
    assertThat(refusal.earlyResult().map(StreamedReplyTest::outcome))
        .contains(new Completed("", "stop", "m", Optional.empty()));

    var nothing = passThrough(true);
    assertThat(read(nothing, ROLE, DONE)).isEmpty();
    assertThat(nothing.earlyResult().map(StreamedReplyTest::outcome))
        .contains(new Malformed("the reply has no content"));
  }
}
