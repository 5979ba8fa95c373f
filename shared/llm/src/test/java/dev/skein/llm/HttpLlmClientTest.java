package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpLlmClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final LlmRequest HELLO =
      new LlmRequest(
          "m-1",
          List.of(new Message(Role.SYSTEM, "Be brief."), new Message(Role.USER, "Hello")),
          Defaults.of(0.5, 7));

  private static final LlmLimits LIMITS =
      new LlmLimits(
          SOON,
          Duration.ofSeconds(30),
          Duration.ofMinutes(3),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          2048,
          2,
          1000,
          1000);

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();
  private final HttpLlmClient client = clientOf(model.baseUrl());

  /** Draws zero from every range: a back-off that is not waited for. */
  private HttpLlmClient clientOf(URI baseUrl) {
    var endpoint = new LlmEndpoint(baseUrl, Optional.of("sk-test"), "m-1");
    var config = new LlmConfig(List.of(endpoint), List.of("m-1"), LIMITS, false);
    return new HttpLlmClient(http, config, time.world());
  }

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    http.shutdownNow();
    model.close();
    assertThat(time.awaitNoWaits()).as("no thread waits").isTrue();
  }

  private CompletableFuture<LlmResult> start() {
    return client.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
  }

  private LlmResult result() {
    return start().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private LlmOutcome answer() {
    return result().outcome();
  }

  private static void assertEnd(LlmResult result, LlmOutcome outcome, int attempts) {
    assertThat(result.outcome()).isEqualTo(outcome);
    assertThat(result.attempts()).hasSize(attempts);
  }

  private static void assertText(LlmResult result, String text, int attempts) {
    assertThat(result.outcome())
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.text()).isEqualTo(text));
    assertThat(result.attempts()).hasSize(attempts);
  }

  @Test
  void theRequestIsWhatTheApiExpects() {
    assertThat(answer()).isInstanceOf(Completed.class);

    var request = model.received().getFirst();
    assertThat(request.method() + " " + request.path()).isEqualTo("POST /v1/chat/completions");
    assertThat(request.headers())
        .containsEntry("authorization", "Bearer sk-test")
        .containsEntry("content-type", "application/json")
        .doesNotContainKey("upgrade");
    assertThat(request.body())
        .isEqualTo(
            "{\"model\":\"m-1\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                + "{\"role\":\"user\",\"content\":\"Hello\"}],\"temperature\":0.5,\"max_tokens\":7}");
  }

  @Test
  void aWholeAnswerIsCompleted() {
    model.enqueue(ScriptedReply.text("Grüße 😀").usage(3, 4).model("m-1-dated"));

    assertEnd(
        result(),
        new Completed("Grüße 😀", "stop", "m-1-dated", Optional.of(new Usage(3, 4, 7))),
        1);
  }

  @Test
  void anAnswerThatItsBoundEndedIsTruncated() {
    model.enqueue(ScriptedReply.text("half a").finishReason("length"));

    assertThat(answer())
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.truncated()).isTrue());
  }

  @Test
  void unknownUsageIsEmptyAndNotZero() {
    model.enqueue(
        ScriptedReply.text("x").noUsage(),
        ScriptedReply.text("x").usage(-1, 2),
        ScriptedReply.json(200, completion("\"x\"", "\"stop\"", "{\"prompt_tokens\":1}")));

    for (int i = 0; i < 3; i++) {
      assertThat(answer())
          .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.usage()).isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 500, 502, 503, 504, 529})
  void whatMayPassIsTriedAgain(int status) {
    model.enqueue(
        ScriptedReply.status(status), ScriptedReply.status(status), ScriptedReply.text("there"));

    assertText(result(), "there", 3);
  }

  @Test
  void afterTheLastRetryTheOutcomeIsTheLastAnswers() {
    model.script(request -> ScriptedReply.status(503, Map.of("Retry-After", "0"), ""));

    assertEnd(result(), new Unavailable(new ProviderError(503), Optional.of(Duration.ZERO)), 3);
    assertThat(model.requests()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "400, REQUEST, context_length_exceeded",
    "413, REQUEST, request_too_large",
    "422, REQUEST, invalid",
    "401, CREDENTIALS, invalid_api_key",
    "403, CREDENTIALS, forbidden",
    "429, CREDENTIALS, insufficient_quota",
    "404, ENDPOINT, model_not_found",
  })
  void whatWillNotPassIsTriedOnce(int status, Reason reason, String code) {
    model.script(request -> ScriptedReply.error(status, "some_type", code));

    assertEnd(
        result(),
        new Rejected(
            reason, new ProviderError(status, Optional.of("some_type"), Optional.of(code))),
        1);
    assertThat(model.requests()).isEqualTo(1);
  }

  @Test
  void aCodeThatIsProseStaysBehind() {
    model.enqueue(ScriptedReply.error(400, "x", "You said: my secret"));

    assertEnd(
        result(),
        new Rejected(Reason.REQUEST, new ProviderError(400, Optional.of("x"), Optional.empty())),
        1);
  }

  @Test
  void theProvidersWordOnRetryingComesFirst() {
    model.enqueue(
        ScriptedReply.status(500, Map.of("x-should-retry", "false"), ""),
        ScriptedReply.status(400, Map.of("x-should-retry", "true"), ""),
        ScriptedReply.text("there"));

    assertEnd(result(), new Unavailable(new ProviderError(500), Optional.empty()), 1);
    assertText(result(), "there", 2);
  }

  @Test
  void aWaitThatFitsTheDeadlineIsWaitedFor() throws InterruptedException {
    model.enqueue(
        ScriptedReply.status(429, Map.of("Retry-After", "3"), ""), ScriptedReply.text("there"));

    var call = start();
    time.awaitWaitOf(Duration.ofSeconds(3));
    time.advance(Duration.ofMillis(2999));
    assertThat(model.requests()).isEqualTo(1);
    time.advance(Duration.ofMillis(1));

    assertText(call.join(), "there", 2);
  }

  @Test
  void aWaitThatDoesNotFitTheDeadlineIsPassedOnAtOnce() {
    model.enqueue(ScriptedReply.status(429, Map.of("Retry-After", "20"), ""));

    assertEnd(
        result(), new RateLimited(new ProviderError(429), Optional.of(Duration.ofSeconds(20))), 1);
  }

  @Test
  void transportFaultsBeforeAnyByteAreTriedAgain() {
    model.enqueue(
        ScriptedReply.reset(), ScriptedReply.closeWithoutByte(), ScriptedReply.text("there"));

    assertText(result(), "there", 3);
  }

  @Test
  void aRefusedConnectionIsUnavailable() {
    model.close();

    assertEnd(result(), new Unavailable(NoReply.NOT_CONNECTED, Optional.empty()), 3);
  }

  @Test
  void aConnectionThatIsClosedBeforeAReplySaysSo() {
    model.script(request -> ScriptedReply.closeWithoutByte());

    assertThat(result().outcome())
        .isEqualTo(new Unavailable(NoReply.CONNECTION_CLOSED, Optional.empty()));
  }

  @Test
  void aReplyCutByTheConnectionIsCutAndNotAskedForAgain() {
    model.enqueue(ScriptedReply.cut(ScriptedReply.text("a long answer"), 20));

    assertEnd(result(), new Cut("the connection ended inside the reply"), 1);
    assertThat(model.requests()).isEqualTo(1);
  }

  @Test
  void aReplyCutWithoutADeclaredLengthIsNoAnswerEither() {
    model.enqueue(ScriptedReply.cutCloseDelimited(ScriptedReply.text("a long answer"), 60));

    assertThat(answer()).isInstanceOf(Malformed.class);
  }

  @Test
  void theDeadlineEndsAnExchangeThatHangsAndTheServerSeesItsClose() throws InterruptedException {
    model.enqueue(ScriptedReply.hang());
    var call = start();
    model.awaitInFlight(1, SOON);

    time.advance(Duration.ofSeconds(20));

    assertEnd(call.join(), new TimedOut(Limit.DEADLINE), 1);
    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void aReplyThatIsNotStreamedMayTakeLongerThanTheFirstByteLimit() {
    model.enqueue(ScriptedReply.hang());
    var call = client.complete(HELLO, Deadline.in(Duration.ofSeconds(60), time::nanoTime));
    model.awaitInFlight(1, SOON);

    time.advance(LIMITS.firstByte().plusSeconds(5));

    assertThat(call).isNotDone();
    assertThat(model.requests()).isEqualTo(1);
    call.cancel(true);
  }

  @Test
  void theDeadlineEndsABodyThatStalls() {
    model.enqueue(ScriptedReply.stall(ScriptedReply.text("a long answer"), 10));
    var call = start();
    model.awaitInFlight(1, SOON);

    time.advance(Duration.ofSeconds(20));

    assertEnd(call.join(), new TimedOut(Limit.DEADLINE), 1);
    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void theDeadlineEndsAWaitBetweenAttempts() throws InterruptedException {
    model.enqueue(ScriptedReply.status(500, Map.of("Retry-After", "19"), ""));
    var call = start();
    time.awaitWaitOf(Duration.ofSeconds(19));
    model.enqueue(ScriptedReply.hang());

    time.advance(Duration.ofSeconds(19));
    model.awaitInFlight(1, SOON);
    time.advance(Duration.ofSeconds(1));

    assertEnd(call.join(), new TimedOut(Limit.DEADLINE), 2);
  }

  @Test
  void theDeadlineEndsARetryThatCameWithoutAWait() {
    model.enqueue(ScriptedReply.status(500), ScriptedReply.hang());
    var call = start();
    model.awaitRequests(2, SOON);

    time.advance(Duration.ofSeconds(20));

    assertEnd(call.join(), new TimedOut(Limit.DEADLINE), 2);
    assertThat(model.awaitClientClosed(2, SOON)).isNotNull();
  }

  @Test
  void aDeadlineThatHasPassedSendsNothing() {
    var result = client.complete(HELLO, Deadline.in(Duration.ZERO, time::nanoTime)).join();

    assertEnd(result, new TimedOut(Limit.DEADLINE), 0);
    assertThat(model.connections()).isZero();
  }

  @Test
  void cancellingEndsTheExchangeOnTheWire() {
    model.enqueue(ScriptedReply.hang());
    var call = start();
    model.awaitInFlight(1, SOON);

    call.cancel(true);

    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void cancellingDuringAWaitSendsNothingMore() throws InterruptedException {
    model.enqueue(ScriptedReply.status(500, Map.of("Retry-After", "3"), ""));
    var call = start();
    time.awaitWaitOf(Duration.ofSeconds(3));

    call.cancel(true);
    time.advance(Duration.ofSeconds(5));

    assertThat(model.requests()).isEqualTo(1);
  }

  @Test
  void manyCallsInARowShareOneConnection() {
    for (int i = 0; i < 50; i++) {
      assertThat(answer()).isInstanceOf(Completed.class);
    }

    assertThat(model.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"message\":\"no\"}}",
        "{}",
        "[]",
        "null",
        "{\"choices\":[]}",
        "{\"choices\":[{\"message\":null,\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}",
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":null}]}",
        "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"tool_calls\"}]}",
        "{\"choices\":[{\"message\":{\"content\":\"x\"}}",
        "\uFEFF{}",
        "",
      })
  void a200ThatIsNoAnswerIsMalformed(String body) {
    model.enqueue(ScriptedReply.json(200, body));

    assertThat(answer()).isInstanceOf(Malformed.class);
    assertThat(model.requests()).isEqualTo(1);
  }

  @Test
  void aWebPageARedirectAndCompressedBytesAreMalformed() {
    model.enqueue(
        ScriptedReply.html(),
        ScriptedReply.status(307, Map.of("Location", model.baseUrl() + "/elsewhere"), ""),
        ScriptedReply.status(200, Map.of("Content-Encoding", "gzip"), "xx"));

    for (int i = 0; i < 3; i++) {
      assertThat(answer()).isInstanceOf(Malformed.class);
    }
    assertThat(model.requests()).isEqualTo(3);
  }

  @Test
  void bytesThatAreNotUtf8AreMalformed() {
    byte[] body = completion("\"xx\"", "\"stop\"", "null").getBytes(StandardCharsets.UTF_8);
    body[new String(body, StandardCharsets.UTF_8).indexOf("xx")] = (byte) 0xFF;
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-16\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    byte[] answer = new byte[head.length() + body.length];
    System.arraycopy(head.getBytes(StandardCharsets.US_ASCII), 0, answer, 0, head.length());
    System.arraycopy(body, 0, answer, head.length(), body.length);
    model.enqueue(ScriptedReply.raw(answer));

    assertEnd(result(), new Malformed("the reply is not valid UTF-8"), 1);
  }

  @Test
  void aReplyOverItsSizeIsMalformed() {
    var tooLarge = ScriptedReply.text("x".repeat(LlmLimits.MAX_TEXT_REPLY_BYTES));
    model.enqueue(tooLarge, ScriptedReply.chunked(tooLarge, 1024));

    assertEnd(
        result(),
        new Malformed("the reply has at least 1048817 bytes, and the limit is 1048576", true),
        1);
    assertThat(result().outcome())
        .isInstanceOfSatisfying(Malformed.class, it -> assertThat(it.tooLarge()).isTrue());
  }

  @Test
  void aRefusalIsItsOwnOutcome() {
    model.enqueue(
        ScriptedReply.text("").finishReason("content_filter").usage(3, 0),
        ScriptedReply.json(
            200,
            "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I cannot\"},"
                + "\"finish_reason\":\"stop\"}]}"));

    assertEnd(result(), new Refused(Optional.of(new Usage(3, 0, 3))), 1);
    assertEnd(result(), new Refused(Optional.empty()), 1);
  }

  private static String completion(String content, String finishReason, String usage) {
    return "{\"model\":\"m\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":%s},\"finish_reason\":%s}],\"usage\":%s}"
        .formatted(content, finishReason, usage);
  }
}
