package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.faults.Step;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult.Attempt;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class FailoverTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration LONG = Duration.ofMinutes(3);
  private static final LlmRequest HELLO =
      new LlmRequest("m-1", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 7));
  private static final int BREAKER_FAILURES = 3;

  private final ScriptedModel first = ScriptedModel.start();
  private final ScriptedModel second = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();
  private final HttpLlmClient client = client(0);

  private static LlmLimits limits(int retries) {
    return new LlmLimits(
        SOON,
        Duration.ofSeconds(30),
        LONG,
        Duration.ofSeconds(5),
        LONG,
        2048,
        retries,
        1000,
        BREAKER_FAILURES);
  }

  private HttpLlmClient client(int retries) {
    var endpoints =
        List.of(
            new LlmEndpoint(first.baseUrl(), Optional.of("sk-1"), "m-1"),
            new LlmEndpoint(second.baseUrl(), Optional.of("sk-2"), "m-2"));
    return new HttpLlmClient(
        http, new LlmConfig(endpoints, List.of("m-1"), limits(retries), false), time.world());
  }

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    http.shutdownNow();
    first.close();
    second.close();
    assertThat(time.awaitNoWaits()).as("no thread waits").isTrue();
  }

  private CompletableFuture<LlmResult> start() {
    return client.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
  }

  private LlmResult result() {
    return start().orTimeout(20, TimeUnit.SECONDS).join();
  }

  static Stream<ScriptedReply> faultsThatAnotherEndpointBetters() {
    return Stream.of(
        ScriptedReply.status(429, Map.of("Retry-After", "60"), ""),
        ScriptedReply.error(429, "t", "insufficient_quota"),
        ScriptedReply.error(401, "t", "invalid_api_key"),
        ScriptedReply.error(403, "t", "forbidden"),
        ScriptedReply.error(404, "t", "model_not_found"),
        ScriptedReply.status(503),
        ScriptedReply.reset(),
        ScriptedReply.closeWithoutByte(),
        ScriptedReply.cut(ScriptedReply.text("a long answer"), 20),
        ScriptedReply.html());
  }

  @ParameterizedTest
  @MethodSource("faultsThatAnotherEndpointBetters")
  void theNextEndpointAnswersWithItsOwnKeyAndModel(ScriptedReply fault) {
    first.enqueue(fault);

    var result = result();

    assertThat(result.outcome())
        .isInstanceOfSatisfying(
            Completed.class, it -> assertThat(it.text()).isEqualTo("reply to: Hello"));
    assertThat(result.attempts()).extracting(Attempt::model).containsExactly("m-1", "m-2");
    var request = second.received().getFirst();
    assertThat(request.headers()).containsEntry("authorization", "Bearer sk-2");
    assertThat(request.json().path("model").textValue()).isEqualTo("m-2");
  }

  @Test
  void aConnectionThatDiedWhileItLayIdleIsReplacedOnceThoughNoRetryIsAllowed() {
    result();
    first.enqueue(ScriptedReply.reset());
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-1", "m-1");

    first.enqueue(ScriptedReply.reset(), ScriptedReply.reset());
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-1", "m-1", "m-2");
  }

  @Test
  void theCallersOwnMistakeIsNotTakenElsewhere() {
    first.enqueue(ScriptedReply.error(400, "t", "context_length_exceeded"));

    assertThat(result().outcome())
        .isEqualTo(new Rejected(Reason.REQUEST, error(400, "t", "context_length_exceeded")));
    assertThat(second.requests()).isZero();
  }

  @Test
  void whenAllFailTheLastOnesOutcomeIsTold() {
    first.enqueue(ScriptedReply.error(401, "t", "invalid_api_key"));
    second.enqueue(ScriptedReply.status(503));

    var result = result();

    assertThat(result.outcome())
        .isEqualTo(new Unavailable(new ProviderError(503), Optional.empty()));
    assertThat(result.attempts())
        .extracting(Attempt::outcome)
        .containsExactly(
            new Rejected(Reason.CREDENTIALS, error(401, "t", "invalid_api_key")),
            new Unavailable(new ProviderError(503), Optional.empty()));
  }

  @Test
  void aSilentFirstEndpointLeavesHalfOfTheTimeToTheSecond() {
    first.enqueue(ScriptedReply.hang());
    var call = start();
    first.awaitInFlight(1, SOON);

    time.advance(Duration.ofSeconds(10).minusMillis(1));
    assertThat(second.requests()).isZero();
    time.advance(Duration.ofMillis(1));

    var result = call.join();
    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.attempts().getFirst())
        .extracting(Attempt::model, Attempt::outcome)
        .containsExactly("m-1", new TimedOut(Limit.DEADLINE));
    assertThat(first.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void whenBothAreSilentTheDeadlineEndsTheSecond() {
    first.enqueue(ScriptedReply.hang());
    second.enqueue(ScriptedReply.hang());
    var call = start();
    first.awaitInFlight(1, SOON);
    time.advance(Duration.ofSeconds(10));
    second.awaitInFlight(1, SOON);
    time.advance(Duration.ofSeconds(10));

    assertThat(call.join().outcome()).isEqualTo(new TimedOut(Limit.DEADLINE));
    assertThat(call.join().attempts()).hasSize(2);
    assertThat(second.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void anEndpointThatKeepsFailingIsSkippedAndThenProbedByOneCall() {
    first.script(request -> ScriptedReply.status(503));
    for (int i = 0; i < BREAKER_FAILURES; i++) {
      assertThat(result().attempts()).hasSize(2);
    }
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-2");

    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-1", "m-2");
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-2");

    first.script(request -> ScriptedReply.text("back"));
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-1");
    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-1");
  }

  @Test
  void throttlesAndMistakesShutNobodyOut() {
    first.script(
        request ->
            request.number() % 2 == 0
                ? ScriptedReply.status(429, Map.of("Retry-After", "60"), "")
                : ScriptedReply.error(400, "t", "c"));
    for (int i = 0; i < 4 * BREAKER_FAILURES; i++) {
      result();
    }

    assertThat(first.requests()).isEqualTo(4 * BREAKER_FAILURES);
  }

  @Test
  void whenAllAreShutOutTheCallIsRefusedAtOnceWithTheTimeOfTheNextProbe() {
    first.script(request -> ScriptedReply.status(503));
    second.script(request -> ScriptedReply.status(503));
    for (int i = 0; i < BREAKER_FAILURES; i++) {
      result();
    }
    time.advance(Duration.ofMillis(500));

    var result = result();

    assertThat(result.attempts()).isEmpty();
    assertThat(result.outcome())
        .isEqualTo(
            new Unavailable(
                NoReply.CIRCUIT_OPEN,
                Optional.of(CircuitBreaker.WAIT_IN_OPEN_STATE.minusMillis(500))));
    assertThat(result.skipped()).containsExactly("m-1", "m-2");
  }

  @Test
  void anEndpointThatItsBreakerSkippedIsReportedThoughAnotherAnswers() {
    first.script(request -> ScriptedReply.status(503));
    for (int i = 0; i < BREAKER_FAILURES; i++) {
      assertThat(result().skipped()).isEmpty();
    }

    var result = result();

    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.skipped()).containsExactly("m-1");
  }

  private static ProviderError error(int status, String type, String code) {
    return new ProviderError(status, Optional.of(type), Optional.of(code));
  }

  @Test
  void silenceThatACallersImpatienceMadeShortSaysNothingAboutTheEndpoint() {
    first.script(request -> ScriptedReply.hang());
    for (int i = 1; i <= 2 * BREAKER_FAILURES; i++) {
      var call = client.complete(HELLO, Deadline.in(Duration.ofSeconds(2), time::nanoTime));
      first.awaitRequests(i, SOON);
      time.advance(Duration.ofSeconds(1));
      assertThat(call.join().attempts()).hasSize(2);
    }
  }

  @Test
  void longSilenceShutsAnEndpointOut() {
    first.script(request -> ScriptedReply.hang());
    for (int i = 1; i <= BREAKER_FAILURES; i++) {
      var call = start();
      first.awaitRequests(i, SOON);
      time.advance(Duration.ofSeconds(10));
      assertThat(call.join().attempts()).hasSize(2);
    }

    assertThat(result().attempts()).hasSize(1);
    assertThat(first.requests()).isEqualTo(BREAKER_FAILURES);
  }

  @Test
  void aSilentEndpointIsNotAskedAgainWhileAnotherIsLeft() {
    first.enqueue(ScriptedReply.hang());
    var call = client(2).complete(HELLO, Deadline.in(Duration.ofMinutes(2), time::nanoTime));
    first.awaitInFlight(1, SOON);

    time.advance(Duration.ofMinutes(1));

    var result = call.orTimeout(20, TimeUnit.SECONDS).join();
    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.attempts()).extracting(Attempt::model).containsExactly("m-1", "m-2");
  }

  @Test
  void aSilentEndpointIsNotAskedAgainEvenIfNoOtherIsLeft() throws InterruptedException {
    first.script(request -> ScriptedReply.hang());
    try (var stream = alone(2).stream(HELLO, Deadline.in(LONG, time::nanoTime))) {
      first.awaitRequests(1, SOON);
      time.awaitWaitOf(Duration.ofSeconds(30));

      time.advance(Duration.ofSeconds(30));

      assertThat(stream.next()).isInstanceOf(LlmEvent.End.class);
      assertThat(first.requests()).isEqualTo(1);
    }
  }

  @Test
  void a500ShutsNobodyOut() {
    first.script(request -> ScriptedReply.status(500));
    for (int i = 0; i < 2 * BREAKER_FAILURES; i++) {
      assertThat(result().attempts()).hasSize(2);
    }
  }

  @Test
  void aStreamThatEndsEmptyShutsNobodyOut() {
    first.script(request -> ScriptedReply.status(200, Map.of(), ""));
    var client = alone(0);
    for (int i = 0; i < 2 * BREAKER_FAILURES; i++) {
      client.complete(HELLO, Deadline.in(LONG, time::nanoTime)).join();
    }

    assertThat(first.requests()).isEqualTo(2 * BREAKER_FAILURES);
  }

  @Test
  void noRoomForOneRequestSaysNothingAboutTheEndpoint() {
    first.script(request -> ScriptedReply.status(request.number() == 3 ? 498 : 503));
    for (int i = 0; i < BREAKER_FAILURES + 1; i++) {
      assertThat(result().attempts()).hasSize(2);
    }

    assertThat(result().attempts()).extracting(Attempt::model).containsExactly("m-2");
  }

  private HttpLlmClient alone(int retries) {
    var endpoint = new LlmEndpoint(first.baseUrl(), Optional.empty(), "m-1");
    return new HttpLlmClient(
        http,
        new LlmConfig(List.of(endpoint), List.of("m-1"), limits(retries), true),
        time.world());
  }

  /** The client, after its only endpoint has failed; the next call will probe it. */
  private HttpLlmClient afterAnOutage(HttpLlmClient client) {
    first.script(request -> ScriptedReply.status(503));
    for (int i = 0; i < BREAKER_FAILURES; i++) {
      client.complete(HELLO, Deadline.in(LONG, time::nanoTime)).join();
    }
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    return client;
  }

  /** Calls of a client whose only endpoint has failed, and is about to be probed. */
  private List<CompletableFuture<LlmResult>> callsAfterAnOutage(ScriptedReply probed) {
    return callsAfterAnOutage(request -> probed);
  }

  private List<CompletableFuture<LlmResult>> callsAfterAnOutage(
      Function<ModelRequest, ScriptedReply> rule) {
    var client = afterAnOutage(alone(0));
    first.script(rule);
    return IntStream.range(0, 5)
        .mapToObj(_ -> client.complete(HELLO, Deadline.in(LONG, time::nanoTime)))
        .toList();
  }

  @Test
  void afterAnOutageCallsBesideTheProbeWaitForItAndAreSent() throws InterruptedException {
    var gate = new CountDownLatch(1);
    var calls = callsAfterAnOutage(ScriptedReply.text("back").held(gate));
    first.awaitRequests(BREAKER_FAILURES + 1, SOON);
    time.awaitWaitsOf(CircuitBreaker.WAIT_IN_OPEN_STATE, 4);
    assertThat(first.requests()).isEqualTo(BREAKER_FAILURES + 1);

    gate.countDown();

    for (var call : calls) {
      assertThat(call.join().outcome()).isInstanceOf(Completed.class);
    }
  }

  @Test
  void whenTheProbeFailsTheCallsThatWaitedForItAreRefused() throws InterruptedException {
    var gate = new CountDownLatch(1);
    var calls = callsAfterAnOutage(ScriptedReply.status(503).held(gate));
    time.awaitWaitsOf(CircuitBreaker.WAIT_IN_OPEN_STATE, 4);

    gate.countDown();

    for (var call : calls) {
      assertThat(call.join().outcome()).isInstanceOf(Unavailable.class);
    }
    assertThat(first.requests()).isEqualTo(BREAKER_FAILURES + 1);
  }

  @Test
  void whenTheProbeIsAnsweredWith500AnotherCallThatWaitedProbesAtOnce() throws Exception {
    var gate = new CountDownLatch(1);
    var calls =
        callsAfterAnOutage(
            request ->
                request.number() == BREAKER_FAILURES + 1
                    ? ScriptedReply.status(500).held(gate)
                    : ScriptedReply.text("back"));
    time.awaitWaitsOf(CircuitBreaker.WAIT_IN_OPEN_STATE, 4);

    gate.countDown();

    assertThat(calls.stream().map(call -> call.join().outcome()))
        .hasSize(5)
        .filteredOn(Completed.class::isInstance)
        .hasSize(4);
  }

  @Test
  void aCallBesideAProbeWaitsNoLongerThanItsDeadline() throws InterruptedException {
    var calls = callsAfterAnOutage(ScriptedReply.hang());
    first.awaitRequests(BREAKER_FAILURES + 1, SOON);
    time.awaitWaitsOf(CircuitBreaker.WAIT_IN_OPEN_STATE, 4);

    time.advance(LONG);

    for (var call : calls) {
      assertThat(call.join().outcome()).isNotInstanceOf(Completed.class);
    }
  }

  @Test
  void theEndOfAnEarlierProbeDoesNotEndTheStreamOfACallThatHadWaitedForIt()
      throws InterruptedException {
    var earlier = new CountDownLatch(1);
    var token = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    var client = afterAnOutage(alone(0));
    first.enqueue(ScriptedReply.text("slow").held(earlier), stream(token, end));
    var probe = client.complete(HELLO, Deadline.in(LONG, time::nanoTime));
    first.awaitRequests(BREAKER_FAILURES + 1, SOON);
    try (var stream = client.stream(HELLO, Deadline.in(LONG, time::nanoTime))) {
      time.awaitWaitOf(CircuitBreaker.WAIT_IN_OPEN_STATE);
      time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
      first.awaitRequests(BREAKER_FAILURES + 2, SOON);
      earlier.countDown();
      assertThat(probe.join().outcome()).isInstanceOf(Completed.class);

      token.countDown();
      assertThat(stream.next()).isInstanceOf(LlmEvent.Delta.class);
      end.countDown();

      assertThat(stream.next())
          .isInstanceOfSatisfying(
              LlmEvent.End.class,
              it -> assertThat(it.result().outcome()).isInstanceOf(Completed.class));
    }
  }

  private static ScriptedReply stream(CountDownLatch token, CountDownLatch end) {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    String content = "{\"choices\":[{\"delta\":{\"content\":\"back\"}}]}";
    return ScriptedReply.of(
        new Step.Await(token),
        Step.send(head + "data: " + content + "\n\n"),
        new Step.Await(end),
        Step.send("data: [DONE]\n\n"),
        new Step.Close());
  }

  @Test
  void silenceForTheWholeFirstByteLimitShutsAnEndpointOutHoweverShortTheLimitIs()
      throws InterruptedException {
    var limits =
        new LlmLimits(
            SOON, Duration.ofSeconds(1), SOON, SOON, SOON, 2048, 0, 1000, BREAKER_FAILURES);
    var endpoint = new LlmEndpoint(first.baseUrl(), Optional.empty(), "m-1");
    var impatient =
        new HttpLlmClient(
            http, new LlmConfig(List.of(endpoint), List.of("m-1"), limits, true), time.world());
    first.script(request -> ScriptedReply.hang());
    for (int i = 1; i <= BREAKER_FAILURES; i++) {
      var call = impatient.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
      first.awaitRequests(i, SOON);
      time.awaitWaitOf(Duration.ofSeconds(1));
      time.advance(Duration.ofSeconds(1));
      assertThat(call.join().attempts()).hasSize(1);
    }

    var skipped = impatient.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
    assertThat(skipped.join().attempts()).isEmpty();
  }

  @Test
  void anEndpointThatIsShutOutGetsNoShareOfTheTime() throws InterruptedException {
    second.script(request -> ScriptedReply.status(503));
    first.script(request -> ScriptedReply.status(429, Map.of("Retry-After", "60"), ""));
    for (int i = 0; i < BREAKER_FAILURES; i++) {
      result();
    }
    first.script(request -> ScriptedReply.hang());
    int before = first.requests();
    var call = start();
    first.awaitRequests(before + 1, SOON);

    time.awaitWaitOf(Duration.ofSeconds(20));
    time.advance(Duration.ofSeconds(15));
    assertThat(call).isNotDone();
    call.cancel(true);
  }
}
