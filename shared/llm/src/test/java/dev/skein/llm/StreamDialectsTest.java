package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.OutOfTokens;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams in forms that OpenAI itself does not send. */
class StreamDialectsTest {
  private static final String DONE = "data: [DONE]";
  private static final String STOP = chunk("{}", "\"stop\"");
  private static final LlmRequest HELLO =
      new LlmRequest("m", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 9));

  private final StreamedReply textOnly = new StreamedReply(HELLO, new DetailsCollector());
  private final StreamedReply passThrough =
      new StreamedReply(passThrough(), new DetailsCollector());

  private static LlmRequest passThrough() {
    var fields = HELLO.fields().deepCopy();
    fields.putObject("stream_options").put("include_usage", true);
    return LlmRequest.passThrough(LlmApi.CHAT_COMPLETIONS, "m", fields, HELLO.defaults());
  }

  private static String chunk(String delta, String finishReason) {
    return "data: {\"choices\":[{\"delta\":%s,\"finish_reason\":%s}]}"
        .formatted(delta, finishReason);
  }

  private static String text(String text) {
    return chunk("{\"content\":\"" + text + "\"}", "null");
  }

  private static List<Delta> read(StreamedReply reply, String... events) {
    var deltas = new ArrayList<Delta>();
    for (String event : events) {
      byte[] bytes = (event + "\n\n").getBytes(StandardCharsets.UTF_8);
      deltas.addAll(reply.read(List.of(ByteBuffer.wrap(bytes))));
    }
    return deltas;
  }

  private static List<String> texts(StreamedReply reply, String... events) {
    return read(reply, events).stream().map(Delta::text).toList();
  }

  private static LlmOutcome outcome(StreamedReply reply) {
    return ((AttemptResult.Streamed) reply.earlyResult().orElseGet(reply::ended)).outcome();
  }

  private static Completed completed(StreamedReply reply) {
    return (Completed) outcome(reply);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "error: {\"code\":500}",
        "event: error\ndata: {\"message\":\"no\"}",
        "event: error\ndata: gone",
        "{\"error\":{\"code\":500}}",
        "<html>",
        "data: {\"object\":\"error\",\"message\":\"no\"}",
        "data: {\"text\":\"no\",\"error_code\":50001}",
        "data: {\"detail\":\"no\"}",
        "data: {\"error\":\"no\",\"choices\":[]}",
        "data: {\"choices\":[{\"delta\":{},\"error\":{\"code\":1}}]}",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}",
        "data: {\"choices\":null,\"base_resp\":{\"status_code\":1008}}",
        "data: [{\"error\":{}}]",
        "data: \"no\"",
        "data: {\"status\":\"failed\"}",
      })
  void afterAnythingThatIsNoChunkAnEndMarkAloneIsNoGoodEnd(String event) {
    for (var reply : List.of(textOnly, passThrough)) {
      read(reply, text("Hello"), event, DONE);

      assertThat(outcome(reply)).isInstanceOf(Cut.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"type\":\"ping\"}",
        "data: {}",
        "data: null",
        "data: \"\"",
        "data: : keepalive",
        "event: error",
        "data:",
        "data: ",
        "event: ping\ndata: x",
        ": comment",
        "retry: 5",
        "id: 7",
        "event: x",
      })
  void keepAlivesAreNeitherFailuresNorPassedOn(String event) {
    assertThat(read(passThrough, text("Hello"), event, event, text("!"))).hasSize(2);
    read(passThrough, DONE);
    assertThat(completed(passThrough).text()).isEqualTo("Hello!");
  }

  @Test
  void anErrorMemberThatSaysNothingIsNoError() {
    String blank =
        "data: {\"error\":{\"message\":\"\",\"code\":null,\"x\":{}},\"error_code\":0,"
            + "\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"},"
            + "\"choices\":[{\"delta\":{\"content\":\"x\"},\"error\":\"\"}]}";

    assertThat(read(passThrough, blank))
        .extracting(Delta::chunk)
        .containsExactly(blank.substring(6));
    read(passThrough, DONE);
    assertThat(completed(passThrough).text()).isEqualTo("x");
  }

  @Test
  void aReasonThatTextFollowsEndsNothing() {
    read(textOnly, chunk("{\"role\":\"assistant\",\"content\":\"\"}", "\"stop\""), text("Hello"));

    assertThat(textOnly.lacksOnlyEndMark()).isFalse();
    assertThat(outcome(textOnly)).isInstanceOf(Cut.class);
    read(textOnly, STOP);
    assertThat(completed(textOnly).finishReason()).isEqualTo("stop");
  }

  @Test
  void aReasonBeforeAnyTextIsNotYetAnEnd() {
    read(textOnly, chunk("{\"role\":\"assistant\",\"content\":\"\"}", "\"stop\""));

    assertThat(textOnly.lacksOnlyEndMark()).isFalse();
  }

  @Test
  void whereEachTextHasAReasonOnlyAProperEndIsOne() {
    String first = chunk("{\"content\":\"Hello\"}", "\"stop\"");
    read(textOnly, first);
    assertThat(textOnly.brokenOff("reset")).isEqualTo(new AttemptResult.Streamed(new Cut("reset")));

    read(textOnly, chunk("{\"content\":\" world\"}", "\"stop\""));

    assertThat(textOnly.brokenOff("reset")).isEqualTo(new AttemptResult.Streamed(new Cut("reset")));
    assertThat(completed(textOnly).text()).isEqualTo("Hello world");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "\"null\"", "\"None\"", "null"})
  void whatSaysNothingIsNoReasonAndReplacesNone(String word) {
    read(textOnly, chunk("{\"content\":\"x\"}", word));
    assertThat(outcome(textOnly)).isInstanceOf(Cut.class);

    read(textOnly, chunk("{}", "\"length\""), chunk("{\"content\":\"\"}", word), DONE);
    assertThat(completed(textOnly).finishReason()).isEqualTo("length");
  }

  @ParameterizedTest
  @CsvSource({
    "eos_token, stop",
    "STOP, stop",
    "end_turn, stop",
    "stop_sequence, stop",
    "MAX_TOKENS, length",
    "max_output_tokens, length",
    "model_length, length",
    "surfeit, unknown",
  })
  void aReasonInOtherWordsIsTranslatedForATextAndPassedOnOtherwise(String word, String reason) {
    read(textOnly, text("x"), chunk("{}", "\"" + word + "\""), DONE);
    assertThat(completed(textOnly).finishReason()).isEqualTo(reason);

    String last = chunk("{}", "\"" + word + "\"");
    assertThat(read(passThrough, text("x"), last))
        .extracting(Delta::chunk)
        .endsWith(last.substring(6));
  }

  @Test
  void aFiltersReasonIsARefusalInAnyWords() {
    read(textOnly, text("x"), chunk("{}", "\"SAFETY\""), DONE);

    assertThat(outcome(textOnly)).isEqualTo(new Refused(Optional.empty()));
  }

  @Test
  void halvesOfACharacterAreJoinedForATextAndPassedOnOtherwise() {
    String[] halves = {text("a\\ud83e"), text("\\udebf!"), text("\\ud83e"), STOP};

    assertThat(texts(textOnly, halves)).containsExactly("a", "\ud83e\udebf!", "\ufffd");
    assertThat(completed(textOnly).text()).isEqualTo("a\ud83e\udebf!\ufffd");
    assertThat(read(passThrough, halves))
        .extracting(delta -> "data: " + delta.chunk())
        .containsExactly(halves);
    assertThat(completed(passThrough).text()).isEqualTo("a\ud83e\udebf!\ufffd");
  }

  @Test
  void ofContentInPartsTheTextCounts() {
    String parts =
        "[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},"
            + "{\"type\":\"text\",\"text\":\"Hello\"},null,\" world\"]";

    assertThat(texts(textOnly, chunk("{\"content\":" + parts + "}", "null"), STOP))
        .containsExactly("Hello world");
  }

  @Test
  void aThinkBlockAtTheStartIsNoPartOfTheText() {
    assertThat(
            texts(
                textOnly,
                text("\\n<thi"),
                text("nk>h"),
                text("m</thi"),
                text("nk>\\n\\n "),
                text("Hello"),
                text(" <think>"),
                STOP))
        .containsExactly("Hello", " <think>");
    assertThat(completed(textOnly).text()).isEqualTo("Hello <think>");
  }

  @Test
  void textThatOnlyBeginsLikeAThinkBlockIsText() {
    assertThat(texts(textOnly, text(" <th"), text("e"), STOP)).containsExactly(" <the");

    var other = new StreamedReply(HELLO, new DetailsCollector());
    assertThat(texts(other, text("<th"), STOP)).containsExactly("<th");
    assertThat(completed(other).text()).isEqualTo("<th");
  }

  @Test
  void blanksAfterReasoningAreNoAnswer() {
    String reasoning = chunk("{\"reasoning_content\":\"hm\"}", "null");

    assertThat(texts(textOnly, reasoning, text("\\n\\n"), chunk("{}", "\"length\""))).isEmpty();
    assertThat(outcome(textOnly)).isInstanceOf(OutOfTokens.class);
  }

  @Test
  void inPassThroughModeAThinkBlockIsPassedOn() {
    String block = text("<think>hm</think>x");

    assertThat(read(passThrough, block, STOP)).hasSize(2);
    assertThat(completed(passThrough).text()).isEqualTo("<think>hm</think>x");
  }

  @Test
  void usageWithoutItsCompletionTokensIsTheDifference() {
    String usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":9}}";
    read(textOnly, text("x"), STOP, usage, DONE);

    assertThat(completed(textOnly).usage()).contains(new Usage(7, 2, 9));
  }

  /** github.com/vercel/ai/issues/2763: the first chunk has the prompt's count alone. */
  @Test
  void aCountBeforeTheAnswerIsNotItsUsage() {
    String early =
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}],"
            + "\"usage\":{\"prompt_tokens\":11,\"total_tokens\":11}}";
    read(textOnly, early, text("x"), STOP, DONE);

    assertThat(completed(textOnly).usage()).isEmpty();
  }

  /** github.com/openai/openai-node/issues/2725. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\n"})
  void theLastEventMayLackItsEnd(String end) {
    for (String last : List.of(STOP, chunk("{\"content\":\"!\"}", "\"stop\""))) {
      var reply = new StreamedReply(passThrough(), new DetailsCollector());
      read(reply, text("x"));
      byte[] bytes = (last + end).getBytes(StandardCharsets.UTF_8);
      assertThat(reply.read(List.of(ByteBuffer.wrap(bytes)))).isEmpty();

      assertThat(reply.readRest()).extracting(Delta::chunk).containsExactly(last.substring(6));
      assertThat(completed(reply).finishReason()).isEqualTo("stop");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"",
        "data: [DONE",
        "data: \"x\"",
        "dat"
      })
  void halfAnEventIsNone(String half) {
    read(textOnly, text("x"));
    textOnly.read(List.of(ByteBuffer.wrap(half.getBytes(StandardCharsets.UTF_8))));

    assertThat(textOnly.readRest()).isEmpty();
    assertThat(outcome(textOnly)).isInstanceOf(Cut.class);
  }

  @Test
  void anAnswerThatLacksOnlyItsEndMarkIsWholeWithHalfOfIt() {
    read(textOnly, text("x"), STOP);
    textOnly.read(List.of(ByteBuffer.wrap("data: [DONE".getBytes(StandardCharsets.UTF_8))));

    assertThat(textOnly.readRest()).isEmpty();
    assertThat(completed(textOnly).text()).isEqualTo("x");
  }

  @Test
  void aChoiceWithoutADeltaChangesNothing() {
    String filter =
        "data: {\"model\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,"
            + "\"content_filter_results\":{\"error\":{\"code\":\"content_filter_error\"}}}]}";
    read(textOnly, filter, text("x"), filter, STOP, filter);

    assertThat(textOnly.lacksOnlyEndMark()).isTrue();
    assertThat(completed(textOnly).text()).isEqualTo("x");
    assertThat(read(passThrough, text("x"), filter)).hasSize(2);
  }

  @Test
  void aChunkWithoutChoicesIsAChunk() {
    read(textOnly, "data: {\"object\":\"chat.completion.chunk\"}", text("x"), DONE);

    assertThat(completed(textOnly).text()).isEqualTo("x");
  }

  @Test
  void linesThatAreEachAChunkAreEvents() {
    String usage =
        "data:"
            + " {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";
    String event = String.join("\n", text("x"), STOP, usage, DONE);

    assertThat(read(passThrough, event))
        .hasSize(3)
        .extracting(Delta::chunk)
        .contains(usage.substring(6));
    assertThat(completed(passThrough).usage()).contains(new Usage(1, 2, 3));

    assertThat(texts(textOnly, "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"x\"}}]}"))
        .containsExactly("x");
  }

  @Test
  void theWholeAnswerAgainAtTheEndIsNotAddedToIt() {
    String message =
        "data: {\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";
    String zero =
        STOP.replace(
            "]}", "],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}");
    read(textOnly, text("Hello"), message, zero, DONE);

    assertThat(completed(textOnly).text()).isEqualTo("Hello");
    assertThat(completed(textOnly).usage()).contains(new Usage(1, 2, 3));
  }

  @Test
  void messagesInsteadOfDeltasAreRead() {
    String message = "data: {\"choices\":[{\"message\":{\"content\":\"Hel\"}}]}";

    assertThat(texts(textOnly, message, message.replace("Hel", "lo"), STOP))
        .containsExactly("Hel", "lo");
  }

  @Test
  void ofSeveralChoicesTheFirstThatBeginsIsRead() {
    String one = "{\"index\":1,\"delta\":{\"content\":\"a\"}}";
    String other = "{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}";
    String both = "data: {\"choices\":[" + other + "," + one + "]}";

    assertThat(texts(textOnly, "data: {\"choices\":[" + one + "]}", both))
        .containsExactly("a", "a");
    assertThat(textOnly.lacksOnlyEndMark()).isFalse();
    assertThat(read(passThrough, "data: {\"choices\":[" + one + "]}", both)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data: {\"choices\":[],\"error\":{\"code\":402,\"message\":\"no\"}}",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"error\":{\"code\":402}}]}",
        "data: {\"code\":402,\"message\":\"no\"}",
      })
  void beforeTheFirstTextAnErrorCountsAsItsStatus(String error) {
    read(textOnly, error, DONE);
    assertThat(textOnly.earlyResult())
        .containsInstanceOf(AttemptResult.Answered.class)
        .hasValueSatisfying(
            it -> assertThat(((AttemptResult.Answered) it).status()).isEqualTo(402));

    read(passThrough, text("x"), error, DONE);
    assertThat(outcome(passThrough)).isInstanceOf(Cut.class);
  }
}
