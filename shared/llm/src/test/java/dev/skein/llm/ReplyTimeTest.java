package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.faults.Step;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult.Operation;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** For how long a provider can hold a caller, on real sockets and in manual time. */
@Timeout(30)
class ReplyTimeTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration FIRST_BYTE = Duration.ofSeconds(30);
  private static final Duration FIRST_TOKEN = Duration.ofMinutes(3);
  private static final Duration STALL = Duration.ofSeconds(15);
  private static final Duration WHOLE_REPLY = Duration.ofMinutes(5);
  private static final Duration DEADLINE = Duration.ofMinutes(10);
  private static final LlmRequest HELLO =
      new LlmRequest("m-1", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 7));
  private static final String TOKEN = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
  private static final String END = "data: [DONE]\n\n";

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

  private static Step head(String contentType) {
    return Step.send(
        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
            .formatted(contentType));
  }

  /** A body of which each piece is sent once its gate is open. */
  private final class Body {
    private final List<CountDownLatch> gates = new ArrayList<>();
    private int opened;

    private Body(String contentType, String... pieces) {
      var steps = new ArrayList<Step>(List.of(head(contentType)));
      for (String piece : pieces) {
        var gate = new CountDownLatch(1);
        gates.add(gate);
        steps.add(new Step.Await(gate));
        steps.add(Step.send("%x\r\n%s\r\n".formatted(piece.length(), piece)));
      }
      steps.add(new Step.Hang());
      model.enqueue(ScriptedReply.of(steps.toArray(Step[]::new)));
    }

    private void sendNext() {
      gates.get(opened++).countDown();
    }
  }

  private HttpLlmClient client(boolean streaming) {
    var limits =
        new LlmLimits(SOON, FIRST_BYTE, FIRST_TOKEN, STALL, WHOLE_REPLY, 2048, 2, 1000, 1000);
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m-1");
    return new HttpLlmClient(
        http, new LlmConfig(List.of(endpoint), List.of("m-1"), limits, streaming), time.world());
  }

  private CompletableFuture<LlmResult> start(boolean streaming) {
    return client(streaming)
        .complete(HELLO, Deadline.in(DEADLINE, time::nanoTime))
        .orTimeout(20, TimeUnit.SECONDS);
  }

  @Test
  void aModelMayThinkForMinutesBeforeItsFirstToken() throws InterruptedException {
    var body = new Body("text/event-stream", TOKEN + END);
    var call = start(true);
    time.awaitWaitOf(FIRST_TOKEN);
    time.advance(FIRST_TOKEN.minusMillis(1));

    body.sendNext();

    assertThat(call.join().outcome()).isInstanceOf(Completed.class);
  }

  @Test
  void anOperationLastsUntilItsEndAndKnowsItsFirstToken() throws InterruptedException {
    var start = time.instant();
    var body = new Body("text/event-stream", ": wa", "it\n\n" + TOKEN, END);
    var call = start(true);
    time.awaitWaitOf(FIRST_TOKEN);
    time.advance(Duration.ofSeconds(2));
    body.sendNext();
    time.awaitWaitOf(STALL);
    time.advance(Duration.ofSeconds(3));
    body.sendNext();
    time.awaitWaitOf(STALL);
    time.advance(Duration.ofSeconds(4));
    body.sendNext();

    assertThat(call.join().attempts().getFirst().operation())
        .contains(
            new Operation(
                LlmApi.CHAT_COMPLETIONS,
                model.baseUrl(),
                true,
                start,
                Duration.ofSeconds(9),
                Optional.of(Duration.ofSeconds(5))));
  }

  @Test
  void anOperationWithoutAStreamOrWithoutATokenHasNoFirstToken() throws InterruptedException {
    var _ = new Body("text/event-stream");
    var silent = start(true);
    time.awaitWaitOf(FIRST_TOKEN);
    time.advance(FIRST_TOKEN);
    assertThat(silent.join().attempts().getFirst().operation().orElseThrow())
        .extracting(Operation::duration, Operation::timeToFirstToken)
        .containsExactly(FIRST_TOKEN, Optional.empty());

    model.enqueue(ScriptedReply.text("whole"));
    assertThat(start(false).join().attempts().getFirst().operation().orElseThrow())
        .extracting(Operation::streaming, Operation::timeToFirstToken)
        .containsExactly(false, Optional.empty());
  }

  @Test
  void aHeadWithoutATokenTimesOutAtTheFirstTokenLimitAfterOneAttempt() throws InterruptedException {
    var _ = new Body("text/event-stream");
    var call = start(true);
    time.awaitWaitOf(FIRST_TOKEN);
    time.advance(FIRST_TOKEN);

    assertThat(call.join().outcome()).isEqualTo(new TimedOut(Limit.FIRST_TOKEN));
    assertThat(model.requests()).isEqualTo(1);
    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void commentsKeepAStreamAliveOnlyUntilTheFirstTokenLimit() throws InterruptedException {
    var body = new Body("text/event-stream", ": wait\n\n", ": wait\n\n");
    var call = start(true);
    time.awaitWaitOf(FIRST_TOKEN);
    time.advance(FIRST_TOKEN.minusSeconds(20));
    body.sendNext();
    time.awaitWaitOf(Duration.ofSeconds(20));
    time.advance(Duration.ofSeconds(19));
    body.sendNext();
    time.awaitWaitOf(Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));

    assertThat(call.join().outcome()).isEqualTo(new TimedOut(Limit.FIRST_TOKEN));
  }

  @Test
  void commentsBetweenTokensKeepAStreamAliveOnlyUntilTheFirstTokenLimit()
      throws InterruptedException {
    var comments = new ArrayList<String>(List.of(TOKEN));
    int count = (int) FIRST_TOKEN.dividedBy(Duration.ofSeconds(10));
    for (int i = 0; i < count; i++) {
      comments.add(": wait\n\n");
    }
    var body = new Body("text/event-stream", comments.toArray(String[]::new));
    var call = start(true);
    body.sendNext();
    time.awaitWaitOf(STALL);
    for (int i = 1; i < count; i++) {
      time.advance(Duration.ofSeconds(10));
      body.sendNext();
      time.awaitWaitOf(i == count - 1 ? Duration.ofSeconds(10) : STALL);
    }
    time.advance(Duration.ofSeconds(10));

    assertThat(call.join().outcome()).isEqualTo(new Cut("the reply stalled"));
  }

  @Test
  void blanksAreNoProgress() throws InterruptedException {
    for (String contentType : List.of("text/event-stream", "application/json")) {
      boolean streaming = contentType.startsWith("text");
      var body = new Body(contentType, " ", " ");
      var call = start(streaming);
      time.awaitWaitOf(streaming ? FIRST_TOKEN : WHOLE_REPLY);
      body.sendNext();
      time.awaitWaitOf(STALL);
      time.advance(STALL.minusSeconds(1));
      body.sendNext();
      time.awaitWaitOf(Duration.ofSeconds(1));
      time.advance(Duration.ofSeconds(1));

      assertThat(call.join().outcome()).isInstanceOf(Cut.class);
    }
  }

  @Test
  void aLineThatGrowsAtASaneRateIsProgress() throws InterruptedException {
    String kilobyte = "a".repeat(1024);
    var body = new Body("application/json", "{\"a\":\"", kilobyte, kilobyte, "aa");
    var call = start(false);
    body.sendNext();
    time.awaitWaitOf(STALL);
    for (int i = 0; i < 2; i++) {
      time.advance(STALL.minusSeconds(1));
      body.sendNext();
      time.awaitWaitOf(STALL);
    }
    time.advance(STALL.minusSeconds(1));
    body.sendNext();
    time.awaitWaitOf(Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));

    assertThat(call.join().outcome()).isEqualTo(new Cut("the reply stalled"));
  }

  @Test
  void anEventThatGrowsAtASaneRateIsProgress() throws InterruptedException {
    String kilobyte = "a".repeat(1024);
    var body = new Body("text/event-stream", TOKEN, "data: \"", kilobyte, kilobyte, "aa");
    var call = start(true);
    body.sendNext();
    time.awaitWaitOf(STALL);
    time.advance(Duration.ofSeconds(1));
    body.sendNext();
    time.awaitWaitOf(STALL);
    for (int i = 0; i < 2; i++) {
      time.advance(STALL.minusSeconds(1));
      body.sendNext();
      time.awaitWaitOf(STALL);
    }
    time.advance(STALL.minusSeconds(1));
    body.sendNext();
    time.awaitWaitOf(Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));

    assertThat(call.join().outcome()).isEqualTo(new Cut("the reply stalled"));
  }

  @Test
  void aSilentWholeReplyTimesOutAtItsOwnLimitAfterOneAttempt() throws InterruptedException {
    model.enqueue(ScriptedReply.hang());
    var call = start(false);
    model.awaitRequests(1, SOON);
    time.awaitWaitOf(WHOLE_REPLY);
    time.advance(WHOLE_REPLY);

    assertThat(call.join().outcome()).isEqualTo(new TimedOut(Limit.WHOLE_REPLY));
    assertThat(model.requests()).isEqualTo(1);
  }

  @Test
  void emptyLinesBeforeAWholeReplyKeepItAliveOnlyUntilItsOwnLimit() throws InterruptedException {
    var body = new Body("application/json", "\n", "\n");
    var call = start(false);
    time.awaitWaitOf(WHOLE_REPLY);
    time.advance(WHOLE_REPLY.minusMinutes(1));
    body.sendNext();
    time.awaitWaitOf(Duration.ofMinutes(1));
    time.advance(Duration.ofMinutes(1));

    assertThat(call.join().outcome()).isEqualTo(new TimedOut(Limit.WHOLE_REPLY));
  }

  @Test
  void aSlowReaderOfAChunkWithoutATokenIsNotTheProvidersSilence() throws InterruptedException {
    var passed =
        LlmRequest.passThrough(LlmApi.CHAT_COMPLETIONS, "m-1", HELLO.fields(), HELLO.defaults());
    String empty = "data: {\"choices\":[{\"delta\":{}}]}\n\n";
    var body = new Body("text/event-stream", TOKEN, empty, END);
    try (var stream = client(true).stream(passed, Deadline.in(DEADLINE, time::nanoTime))) {
      body.sendNext();
      assertThat(stream.next()).isInstanceOf(LlmEvent.Delta.class);
      time.awaitWaitOf(STALL);
      body.sendNext();
      time.awaitWaitOf(DEADLINE);
      time.advance(STALL);
      assertThat(stream.next()).isInstanceOf(LlmEvent.Delta.class);
      body.sendNext();

      assertThat(stream.next())
          .isInstanceOfSatisfying(
              LlmEvent.End.class,
              it -> assertThat(it.result().outcome()).isInstanceOf(Completed.class));
    }
  }
}
