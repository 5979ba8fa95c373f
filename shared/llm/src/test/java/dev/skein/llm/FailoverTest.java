package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.faults.Reply;
import dev.skein.faults.ScriptedModel;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult.Tried;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class FailoverTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final LlmRequest HELLO =
      new LlmRequest("m-1", List.of(new Message(Role.USER, "Hello")), 0, 7);
  private static final int BREAKER_FAULTS = 3;

  private final ScriptedModel first = ScriptedModel.start();
  private final ScriptedModel second = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();
  private final HttpLlmClient client = client(0, 64);

  private HttpLlmClient client(int retries, int inFlight) {
    var limits =
        new LlmLimits(
            SOON,
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            retries,
            1000,
            BREAKER_FAULTS,
            inFlight);
    var endpoints =
        List.of(
            new LlmEndpoint(first.baseUrl(), Optional.of("sk-1"), "m-1"),
            new LlmEndpoint(second.baseUrl(), Optional.of("sk-2"), "m-2"));
    return new HttpLlmClient(
        http, new LlmConfig(endpoints, List.of("m-1"), limits, false), time.world());
  }

  @AfterEach
  void nothingIsLeftBehind() {
    http.shutdownNow();
    first.close();
    second.close();
    assertThat(time.waiting()).as("timers that nobody stopped").isZero();
  }

  private CompletableFuture<LlmResult> start() {
    return client.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
  }

  private LlmResult result() {
    return start().orTimeout(20, TimeUnit.SECONDS).join();
  }

  static Stream<Reply> faultsThatAnotherEndpointBetters() {
    return Stream.of(
        Reply.status(429, Map.of("Retry-After", "60"), ""),
        Reply.error(429, "t", "insufficient_quota"),
        Reply.error(401, "t", "invalid_api_key"),
        Reply.error(403, "t", "forbidden"),
        Reply.error(404, "t", "model_not_found"),
        Reply.status(503),
        Reply.reset(),
        Reply.closeWithoutByte(),
        Reply.cut(Reply.text("a long answer"), 20),
        Reply.html());
  }

  @ParameterizedTest
  @MethodSource("faultsThatAnotherEndpointBetters")
  void theNextEndpointAnswersWithItsOwnKeyAndModel(Reply fault) {
    first.enqueue(fault);

    var result = result();

    assertThat(result.outcome())
        .isInstanceOfSatisfying(
            Completed.class, it -> assertThat(it.text()).isEqualTo("reply to: Hello"));
    assertThat(result.tried()).extracting(Tried::model).containsExactly("m-1", "m-2");
    var request = second.received().getFirst();
    assertThat(request.headers()).containsEntry("authorization", "Bearer sk-2");
    assertThat(request.json().path("model").textValue()).isEqualTo("m-2");
  }

  @Test
  void aConnectionThatDiedWhileItLayIdleIsReplacedOnceThoughNoRetryIsAllowed() {
    result();
    first.enqueue(Reply.reset());
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-1", "m-1");

    first.enqueue(Reply.reset(), Reply.reset());
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-1", "m-1", "m-2");
  }

  @Test
  void theCallersOwnMistakeIsNotTakenElsewhere() {
    first.enqueue(Reply.error(400, "t", "context_length_exceeded"));

    assertThat(result().outcome())
        .isEqualTo(new Rejected(Reason.REQUEST, 400, Optional.of("context_length_exceeded")));
    assertThat(second.requests()).isZero();
  }

  @Test
  void whenAllFailTheLastOnesOutcomeIsTold() {
    first.enqueue(Reply.error(401, "t", "invalid_api_key"));
    second.enqueue(Reply.status(503));

    var result = result();

    assertThat(result.outcome()).isEqualTo(new Unavailable(Optional.empty()));
    assertThat(result.tried())
        .extracting(Tried::outcome)
        .containsExactly(
            new Rejected(Reason.CREDENTIALS, 401, Optional.of("invalid_api_key")),
            new Unavailable(Optional.empty()));
  }

  @Test
  void aSilentFirstEndpointLeavesHalfOfTheTimeToTheSecond() {
    first.enqueue(Reply.hang());
    var call = start();
    first.awaitInFlight(1, SOON);

    time.advance(Duration.ofSeconds(10).minusMillis(1));
    assertThat(second.requests()).isZero();
    time.advance(Duration.ofMillis(1));

    var result = call.join();
    assertThat(result.outcome()).isInstanceOf(Completed.class);
    assertThat(result.tried().getFirst()).isEqualTo(new Tried("m-1", new TimedOut()));
    assertThat(first.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void whenBothAreSilentTheDeadlineEndsTheSecond() {
    first.enqueue(Reply.hang());
    second.enqueue(Reply.hang());
    var call = start();
    first.awaitInFlight(1, SOON);
    time.advance(Duration.ofSeconds(10));
    second.awaitInFlight(1, SOON);
    time.advance(Duration.ofSeconds(10));

    assertThat(call.join().outcome()).isEqualTo(new TimedOut());
    assertThat(call.join().attempts()).isEqualTo(2);
    assertThat(second.awaitClientClosed(1, SOON)).isNotNull();
  }

  @Test
  void anEndpointThatKeepsFailingIsSkippedAndThenProbedByOneCall() {
    first.script(request -> Reply.status(500));
    for (int i = 0; i < BREAKER_FAULTS; i++) {
      assertThat(result().attempts()).isEqualTo(2);
    }
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-2");

    time.advance(Breaker.PAUSE);
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-1", "m-2");
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-2");

    first.script(request -> Reply.text("back"));
    time.advance(Breaker.PAUSE);
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-1");
    assertThat(result().tried()).extracting(Tried::model).containsExactly("m-1");
  }

  @Test
  void throttlesAndMistakesShutNobodyOut() {
    first.script(
        request ->
            request.number() % 2 == 0
                ? Reply.status(429, Map.of("Retry-After", "60"), "")
                : Reply.error(400, "t", "c"));
    for (int i = 0; i < 4 * BREAKER_FAULTS; i++) {
      result();
    }

    assertThat(first.requests()).isEqualTo(4 * BREAKER_FAULTS);
  }

  @Test
  void whenAllAreShutOutTheCallIsRefusedAtOnceWithTheTimeOfTheNextProbe() {
    first.script(request -> Reply.status(500));
    second.script(request -> Reply.status(500));
    for (int i = 0; i < BREAKER_FAULTS; i++) {
      result();
    }
    time.advance(Duration.ofMillis(500));

    var result = result();

    assertThat(result.attempts()).isZero();
    assertThat(result.outcome())
        .isEqualTo(new Unavailable(Optional.of(Breaker.PAUSE.minusMillis(500))));
  }

  @Test
  void silenceThatACallersImpatienceMadeShortSaysNothingAboutTheEndpoint() {
    first.script(request -> Reply.hang());
    for (int i = 1; i <= 2 * BREAKER_FAULTS; i++) {
      var call = client.complete(HELLO, Deadline.in(Duration.ofSeconds(2), time::nanoTime));
      first.awaitRequests(i, SOON);
      time.advance(Duration.ofSeconds(1));
      assertThat(call.join().attempts()).isEqualTo(2);
    }
  }

  @Test
  void longSilenceShutsAnEndpointOut() {
    first.script(request -> Reply.hang());
    for (int i = 1; i <= BREAKER_FAULTS; i++) {
      var call = start();
      first.awaitRequests(i, SOON);
      time.advance(Duration.ofSeconds(10));
      assertThat(call.join().attempts()).isEqualTo(2);
    }

    assertThat(result().attempts()).isEqualTo(1);
    assertThat(first.requests()).isEqualTo(BREAKER_FAULTS);
  }

  @Test
  void whatExceedsTheCallsInFlightWaitsAndThenIsRefused() {
    var bounded = client(0, 2);
    first.script(request -> Reply.hang());
    var deadline = Deadline.in(Duration.ofSeconds(20), time::nanoTime);
    var calls = Stream.generate(() -> bounded.complete(HELLO, deadline)).limit(4).toList();
    first.awaitInFlight(2, SOON);

    var refused = bounded.complete(HELLO, deadline).join();
    assertThat(refused.outcome()).isEqualTo(new LlmOutcome.Overloaded(Duration.ofSeconds(1)));
    assertThat(refused.attempts()).isZero();

    first.script(request -> Reply.text("at last"));
    calls.getFirst().cancel(true);
    assertThat(calls.get(2).orTimeout(20, TimeUnit.SECONDS).join().outcome())
        .isInstanceOf(Completed.class);
    assertThat(calls.get(3).orTimeout(20, TimeUnit.SECONDS).join().outcome())
        .isInstanceOf(Completed.class);
    assertThat(first.mostInFlight()).isEqualTo(2);
    calls.get(1).cancel(true);
  }

  @Test
  void whoIsStillWaitingAtItsDeadlineIsToldOfTheOverload() {
    var bounded = client(0, 1);
    first.script(request -> Reply.hang());
    var holder = bounded.complete(HELLO, Deadline.in(Duration.ofSeconds(20), time::nanoTime));
    first.awaitInFlight(1, SOON);
    var waiting = bounded.complete(HELLO, Deadline.in(Duration.ofSeconds(1), time::nanoTime));

    time.advance(Duration.ofSeconds(1));

    assertThat(waiting.join().outcome())
        .isEqualTo(new LlmOutcome.Overloaded(Duration.ofSeconds(1)));
    assertThat(first.requests()).isEqualTo(1);
    holder.cancel(true);
  }
}
