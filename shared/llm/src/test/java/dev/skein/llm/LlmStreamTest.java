package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.Deadline;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.faults.Step;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LlmStreamTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration STALL = Duration.ofSeconds(5);
  private static final Duration FIRST_TOKEN = Duration.ofMinutes(1);
  private static final Duration WHOLE_REPLY = Duration.ofMinutes(2);
  private static final LlmRequest HELLO =
      new LlmRequest("m-1", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 7));
  private static final String END =
      event("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");
  private static final String DONE = event("[DONE]");
  private static final String USAGE =
      event(
          "{\"choices\":[],\"usage\":"
              + "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}");
  private static final Duration USAGE_LIMIT = Duration.ofSeconds(4);

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();
  private final HttpLlmClient client = client(false);

  private HttpLlmClient client(boolean streaming) {
    var limits =
        new LlmLimits(
            SOON, Duration.ofSeconds(30), FIRST_TOKEN, STALL, WHOLE_REPLY, 2048, 1, 1000, 1000);
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m-1");
    return new HttpLlmClient(
        http,
        new LlmConfig(List.of(endpoint, endpoint), List.of("m-1"), limits, streaming),
        time.world());
  }

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    http.shutdownNow();
    model.close();
    assertThat(time.awaitNoWaits()).as("no thread waits").isTrue();
  }

  private static String event(String data) {
    return "data: " + data + "\n\n";
  }

  private static String token(String text) {
    return event("{\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}");
  }

  private static Step head() {
    return Step.send(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  private static Step chunk(String text) {
    return Step.send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  private static final Step LAST_CHUNK = Step.send("0\r\n\r\n");

  private LlmStream open() {
    return client.stream(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
  }

  private static String textOf(LlmEvent event) {
    return ((Delta) event).text();
  }

  private static LlmResult end(LlmStream stream) {
    var event = stream.next();
    while (event instanceof Delta) {
      event = stream.next();
    }
    return ((End) event).result();
  }

  @Test
  void theProviderIsAskedForAStreamThatTellsItsCost() {
    end(open());

    assertThat(model.received().getFirst().body())
        .endsWith("\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
  }

  @Test
  void aTokenIsThereWhileTheModelIsStillWriting() {
    var gate = new CountDownLatch(1);
    model.enqueue(
        ScriptedReply.of(
            head(),
            chunk(token("Hel")),
            new Step.Await(gate),
            chunk(token("lo") + END + DONE),
            LAST_CHUNK));
    try (var stream = open()) {
      assertThat(textOf(stream.next())).isEqualTo("Hel");
      gate.countDown();

      assertThat(textOf(stream.next())).isEqualTo("lo");
      var completed = new Completed("Hello", "stop", "m", Optional.empty());
      assertThat(((End) stream.next()).result().outcome()).isEqualTo(completed);
      assertThat(((End) stream.next()).result().outcome()).isEqualTo(completed);
    }
  }

  @Test
  void aStreamThatEndedInDueFormLeavesItsConnectionToTheNext() {
    model.script(request -> ScriptedReply.of(head(), chunk(token("x") + END + DONE), LAST_CHUNK));
    for (int i = 0; i < 20; i++) {
      assertThat(end(open()).outcome()).isInstanceOf(Completed.class);
    }

    // The reply is handed over before its last chunk is read: now and then the next call is faster.
    assertThat(model.connections()).isLessThan(20);
  }

  @Test
  void afterTheEndMarkTheReplyIsThereAndALeftOpenSocketIsClosed() throws InterruptedException {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x") + END + DONE), new Step.Hang()));

    assertThat(end(open()).outcome()).isInstanceOf(Completed.class);
    time.awaitWaitOf(Duration.ofSeconds(1));
    time.advance(Duration.ofSeconds(1));

    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void afterTheFinishReasonAndTheUsageTheEndMarkIsAwaitedForASecond() throws InterruptedException {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x") + END + USAGE), new Step.Hang()));
    var stream = open();
    assertThat(textOf(stream.next())).isEqualTo("x");
    time.awaitWaitOf(Duration.ofSeconds(1));

    time.advance(Duration.ofSeconds(1));

    assertThat(end(stream).outcome()).isInstanceOf(Completed.class);
    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void aStreamThatStallsIsCut() throws InterruptedException {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x")), new Step.Hang()));
    var stream = open();
    assertThat(textOf(stream.next())).isEqualTo("x");
    time.awaitWaitOf(STALL);

    time.advance(STALL);

    assertThat(end(stream).outcome()).isEqualTo(new Cut("the reply stalled"));
    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void afterATokenWasReleasedNothingIsTriedAgain() {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x")), new Step.Reset()));

    var result = end(open());

    assertThat(result.outcome()).isEqualTo(new Cut("the connection ended inside the reply"));
    assertThat(model.requests()).isEqualTo(1);
  }

  @Test
  void beforeATokenWasReleasedTheNextEndpointAnswers() {
    model.enqueue(
        ScriptedReply.of(
            head(), chunk(event("{\"error\":{\"code\":\"overloaded\"}}")), new Step.Close()));

    var result = end(open());

    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.attempts()).hasSize(2);
  }

  @Test
  void aReplyThatLeavesWholeIsTakenElsewhereEvenFromTheMiddleOfAStream() {
    model.enqueue(ScriptedReply.of(head(), chunk(token("half")), new Step.Reset()));
    model.enqueue(ScriptedReply.of(head(), chunk(token("whole") + END + DONE), LAST_CHUNK));

    var result =
        client(true)
            .complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime))
            .orTimeout(20, TimeUnit.SECONDS)
            .join();

    assertThat(result.outcome()).isEqualTo(new Completed("whole", "stop", "m", Optional.empty()));
    assertThat(result.attempts()).hasSize(2);
  }

  @Test
  void aServerThatDoesNotStreamIsUnderstoodToo() {
    model.enqueue(
        ScriptedReply.json(
            200, "{\"choices\":[{\"message\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}"));
    var stream = open();

    assertThat(textOf(stream.next())).isEqualTo("all");
    assertThat(end(stream).outcome()).isEqualTo(new Completed("all", "stop", "", Optional.empty()));
  }

  @Test
  void closingAStreamEndsTheExchangeOnTheWire() {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x")), new Step.Hang()));
    var stream = open();
    assertThat(textOf(stream.next())).isEqualTo("x");

    stream.close();

    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
    assertThat(end(stream).outcome()).isInstanceOf(LlmOutcome.Abandoned.class);
  }

  @Test
  void theDeadlineEndsAStreamWhoseReaderDoesNotPull() throws InterruptedException {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x")), new Step.Hang()));
    var stream = open();
    assertThat(textOf(stream.next())).isEqualTo("x");

    time.awaitWaitOf(STALL);
    time.advance(Duration.ofSeconds(20));

    assertThat(model.awaitClientClosed(1, SOON)).isNotNull();
    assertThat(end(stream).outcome()).isInstanceOfAny(TimedOut.class, Cut.class);
  }

  @Test
  void aReaderThatDoesNotPullHoldsTheProviderBackAndIsNotTakenForAStall() {
    // Far more than both sockets' buffers hold; comments are no part of the text.
    String comment = ":" + "-".repeat(2000) + "\n";
    var steps = new ArrayList<Step>(List.of(head()));
    IntStream.range(0, 20_000).forEach(_ -> steps.add(chunk(comment + token("y".repeat(40)))));
    steps.addAll(List.of(chunk(END + DONE), LAST_CHUNK));
    model.enqueue(ScriptedReply.of(steps.toArray(Step[]::new)));
    var stream = open();
    assertThat(stream.next()).isInstanceOf(Delta.class);
    // A piece that was asked for may still be on its way.
    model.awaitHeldBack(SOON);

    time.advance(STALL.plusSeconds(1));
    assertThat(model.inFlight()).isEqualTo(1);
    assertThat(model.bytesSent()).isLessThan(20_000 * 2_000);

    var result = end(stream);
    assertThat(result.outcome())
        .isInstanceOfSatisfying(Completed.class, it -> assertThat(it.text()).hasSize(20_000 * 40));
  }

  @Test
  void textThatLacksOnlyItsEndMarkIsCompleteEvenAtTheDeadline() throws InterruptedException {
    model.enqueue(ScriptedReply.of(head(), chunk(token("x") + END), new Step.Hang()));
    var stream = client.stream(HELLO, Deadline.in(Duration.ofMillis(600), time::nanoTime));
    assertThat(textOf(stream.next())).isEqualTo("x");
    time.awaitWaitOf(Duration.ofMillis(600));

    time.advance(Duration.ofMillis(600));

    assertThat(end(stream).outcome()).isInstanceOf(Completed.class);
  }

  @Test
  void closingTheClientEndsItsCallsAndThoseThatFollow() {
    model.script(request -> ScriptedReply.hang());
    var whole = client.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
    var stream = open();
    model.awaitInFlight(2, SOON);

    client.close();

    var shutDown = new LlmOutcome.Unavailable(NoReply.SHUTTING_DOWN, Optional.empty());
    assertThat(whole.join().outcome()).isEqualTo(shutDown);
    assertThat(end(stream).outcome()).isEqualTo(shutDown);
    assertThat(end(open()).outcome()).isEqualTo(shutDown);
    model.awaitInFlight(0, SOON);
  }

  @Test
  void anErrorOnTheCallsThreadReachesWhoeverWaits() {
    Transport broken =
        (_, _) -> {
          throw new NoClassDefFoundError("x");
        };
    var endpoint = new LlmEndpoint(model.baseUrl(), Optional.empty(), "m-1");
    var limits = new LlmLimits(SOON, SOON, FIRST_TOKEN, STALL, WHOLE_REPLY, 2048, 0, 0, 1);
    var config = new LlmConfig(List.of(endpoint), List.of("m-1"), limits, false);
    var brokenClient = new HttpLlmClient(config, broken, time.world());
    var deadline = Deadline.in(Duration.ofSeconds(20), time::nanoTime);

    assertThatThrownBy(() -> brokenClient.stream(HELLO, deadline).next())
        .hasRootCauseInstanceOf(NoClassDefFoundError.class);
    assertThatThrownBy(() -> brokenClient.complete(HELLO, deadline).join())
        .hasRootCauseInstanceOf(NoClassDefFoundError.class);
  }

  @Test
  void afterAReasonTheUsageIsAwaitedForLongerThanTheEndMark() throws Exception {
    var gate = new CountDownLatch(1);
    model.enqueue(
        ScriptedReply.of(
            head(),
            chunk(token("x") + END),
            new Step.Await(gate),
            chunk(USAGE + DONE),
            LAST_CHUNK));
    try (var stream = open()) {
      assertThat(textOf(stream.next())).isEqualTo("x");
      time.awaitWaitOf(USAGE_LIMIT);
      gate.countDown();

      assertThat(((Completed) end(stream).outcome()).usage()).contains(new Usage(1, 2, 3));
    }
  }

  @Test
  void onceTextHasFollowedAReasonTheRestIsAwaitedUntilTheStallLimit() throws Exception {
    String early = token("y").replace("}]}", ",\"finish_reason\":\"stop\"}]}");
    model.enqueue(ScriptedReply.of(head(), chunk(early + early + USAGE), new Step.Hang()));
    try (var stream = open()) {
      assertThat(textOf(stream.next())).isEqualTo("y");
      assertThat(textOf(stream.next())).isEqualTo("y");
      time.awaitWaitOf(STALL);
      time.advance(STALL);

      assertThat(end(stream).outcome()).isInstanceOf(Cut.class);
    }
  }
}
