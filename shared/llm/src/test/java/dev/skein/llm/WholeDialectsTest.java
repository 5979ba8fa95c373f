package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Json;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole replies in forms that OpenAI itself does not send. */
class WholeDialectsTest {

  private static LlmOutcome outcome(ReplyMode mode, int status, String coding, String body) {
    var headers = HttpHeaders.of(Map.of("Content-Encoding", List.of(coding)), (_, _) -> true);
    var bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
    return OpenAiReply.outcome(
        new AttemptResult.Answered(status, headers, bytes),
        request(mode),
        Instant.EPOCH,
        new DetailsCollector());
  }

  private static LlmRequest request(ReplyMode mode) {
    var fields = Json.object();
    fields.putArray("messages");
    return new LlmRequest(LlmApi.CHAT_COMPLETIONS, "m", fields, mode, Defaults.NONE);
  }

  private static LlmOutcome text(String body) {
    return outcome(ReplyMode.TEXT_ONLY, 200, "", body);
  }

  private static LlmOutcome passed(String body) {
    return outcome(ReplyMode.PASS_THROUGH, 200, "", body);
  }

  private static String reply(String message, String finishReason) {
    return "{\"choices\":[{\"message\":" + message + ",\"finish_reason\":" + finishReason + "}]}";
  }

  private static void assertText(String message, String text) {
    assertThat(text(reply(message, "\"stop\"")))
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.text()).isEqualTo(text));
  }

  @ParameterizedTest
  @CsvSource({
    "200, none",
    "200, Identity",
    "200, UTF-8",
    "200, 'identity, none'",
    "201, ''",
    "206, ''"
  })
  void anySuccessWithoutAContentCodingIsRead(int status, String coding) {
    String body = reply("{\"content\":\"x\"}", "\"stop\"");

    assertThat(outcome(ReplyMode.TEXT_ONLY, status, coding, body)).isInstanceOf(Completed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "identity, br", "x-gzip"})
  void aContentCodingIsRecognizedInAnyCase(String coding) {
    String body = reply("{\"content\":\"x\"}", "\"stop\"");

    assertThat(outcome(ReplyMode.TEXT_ONLY, 200, coding, body)).isInstanceOf(Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"content\":\"x\",\"content\":\"x\"}",
        "{\"content\":\"x\",\"half\":\"\\ud83e\"}",
        "{\"content\":\"x\",\"n\":[1e400,-1e-999999,0.12345678901234567890123]}",
        "{\"content\":\"x\",\"tool_calls\":[null],\"refusal\":\"\"}",
        "{\"content\":\"x\",\"deep\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
        "{\"content\":\"<think>x\",\"reasoning_content\":\"\"}",
      })
  void whatTheClientsAcceptIsPassedOnVerbatim(String message) {
    String body = reply(message, "\"stop\"");

    assertThat(passed(body))
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.body()).contains(body));
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheReply() {
    String body = reply("{\"content\":\"x\"}", "\"stop\"");

    assertThat(passed("\uFEFF" + body))
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.body()).contains(body));
  }

  @Test
  void anErrorMemberCountsOnlyWhenItSaysSomething() {
    String blank = "{\"error\":{\"message\":\"\",\"param\":null},\"error_code\":0,";
    String body =
        reply("{\"content\":\"x\"}", "\"stop\"").replaceFirst("\\{", blank.replace("{", "\\{"));

    assertThat(passed(body.replace("\\", ""))).isInstanceOf(Completed.class);
    assertThat(passed(body.replace("\\", "").replace("null", "\"x\"")))
        .isInstanceOf(Malformed.class);
    assertThat(passed("{\"choices\":null,\"base_resp\":{\"status_code\":1008}}"))
        .isInstanceOf(Malformed.class);
  }

  @Test
  void loneHalvesBecomeReplacementCharactersInATextAndItsModel() {
    String body =
        "{\"model\":\"\\ud83e\",\"choices\":[{\"message\":{\"content\":\"a\\ud83eb\\udebf\"},"
            + "\"finish_reason\":\"stop\"}]}";

    assertThat(text(body))
        .isInstanceOfSatisfying(
            Completed.class,
            it -> {
              assertThat(it.text()).isEqualTo("a\ufffdb\ufffd");
              assertThat(it.model()).isEqualTo("\ufffd");
            });
  }

  @Test
  void theTextIsWithoutReasoning() {
    assertText("{\"content\":[{\"type\":\"thinking\",\"thinking\":[]},{\"text\":\"x\"}]}", "x");
    assertText("{\"content\":\"<think>\\nhm</think>\\n\\nx\"}", "x");
    assertText("{\"content\":\"[THINK]hm[/THINK]x\"}", "x");
    assertText("{\"content\":\"x <think>y</think>\"}", "x <think>y</think>");
    assertText("{\"content\":\"x\",\"reasoning_content\":\"hm\"}", "x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"content\":\"\"}|\"length\"",
        "{\"content\":null}|\"MAX_TOKENS\"",
        "null|\"length\"",
        "{\"content\":\"<think>hm\"}|\"length\"",
        "{\"content\":\"<think>hm\"}|\"stop\"",
        "{\"content\":\"\",\"reasoning_content\":\"hm\"}|\"stop\"",
        "{\"content\":null,\"reasoning\":\"hm\"}|\"stop\"",
        "{\"content\":\"\\n\\n\",\"reasoning\":\"hm\"}|\"length\"",
      })
  void anAnswerThatReasoningUsedUpIsNoneForATextAndPassedOnOtherwise(
      String message, String reason) {
    String body = reply(message, reason);

    assertThat(text(body)).isInstanceOf(OutOfTokens.class);
    assertThat(passed(body)).isInstanceOf(Completed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "ABORT", "network_error", "insufficient_system_resource"})
  void aReasonThatNamesAFailureIsNoAnswer(String reason) {
    String body = reply("{\"content\":\"half\"}", "\"" + reason + "\"");

    assertThat(text(body)).isInstanceOf(Malformed.class);
    assertThat(passed(body)).isInstanceOf(Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: [DONE]", "\n\ndata: [DONE]\n\n", "data:[DONE]", " \n"})
  void anEndMarkAfterTheReplyIsNoPartOfIt(String tail) {
    String body = reply("{\"content\":\"x [DONE]\"}", "\"stop\"");

    assertThat(passed(body + tail))
        .isInstanceOfSatisfying(
            Completed.class, it -> assertThat(it.body().orElseThrow().strip()).isEqualTo(body));
    assertThat(passed(body + "[DONE]")).isInstanceOf(Malformed.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"error\":{\"code\":402,\"message\":\"no\"}}|402",
        "{\"error\":{\"error\":{},\"code\":502},\"user_id\":\"u\"}|502",
        "{\"code\":429,\"message\":\"no\",\"details\":\"RESOURCE_EXHAUSTED\"}|429",
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"error\":{\"code\":504}}]}|504",
        "{\"error\":{\"code\":\"server_error\"}}|200",
        "{\"error\":{\"code\":7}}|200",
        "{\"code\":500,\"choices\":[{\"message\":{\"content\":\"\\\"error\\\"\"}}]}|200",
        "\"error\"|200",
        "no JSON \"error\"|200",
      })
  void anErrorBehindASuccessCountsAsItsStatus(String body, int status) {
    var reply = new WholeReply(200, HttpHeaders.of(Map.of(), (_, _) -> true), 1000);
    reply.read(List.of(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8))));

    assertThat(((AttemptResult.Answered) reply.ended()).status()).isEqualTo(status);
  }
}
