package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Abandoned;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** API keys that come from a source: the first one, and the ones after a rotation. */
@Timeout(60)
class FetchedKeyTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofMinutes(3);

  /** No retry is allowed: a call that is repeated with another key needs none. */
  private static final LlmLimits LIMITS =
      new LlmLimits(LONG, LONG, LONG, LONG, LONG, 2048, 0, 0, 3);

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ManualTime time = new ManualTime();
  private final FakeSource source = new FakeSource();
  private final HttpLlmClient client = client(Optional.of(source));
  private volatile String accepted = "sk-new";

  FetchedKeyTest() {
    model.script(this::reply);
  }

  private ScriptedReply reply(ModelRequest request) {
    return request.headers().getOrDefault("authorization", "").equals("Bearer " + accepted)
        ? ScriptedReply.text("reply to: " + request.lastUserMessage())
        : ScriptedReply.error(401, "invalid_request_error", "invalid_api_key");
  }

  private HttpLlmClient client(Optional<EndpointSource> from) {
    var config = new LlmConfig(List.of(endpoint("")), List.of("m-1"), LIMITS, false);
    return new HttpLlmClient(config, from, http, time.world());
  }

  private LlmEndpoint endpoint(String key) {
    return endpoint(key, "m-1");
  }

  private LlmEndpoint endpoint(String key, String name) {
    return new LlmEndpoint(model.baseUrl(), Optional.of(key).filter(it -> !it.isEmpty()), name);
  }

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    http.shutdownNow();
    model.close();
    assertThat(time.awaitNoWaits()).as("no thread waits").isTrue();
  }

  private static LlmRequest hello() {
    return new LlmRequest("m-1", List.of(new Message(Role.USER, "Hello")), Defaults.of(0, 7));
  }

  private Deadline deadline() {
    return Deadline.in(DEADLINE, time::nanoTime);
  }

  private CompletableFuture<LlmResult> start() {
    return client.complete(hello(), deadline());
  }

  private static LlmResult result(CompletableFuture<LlmResult> call) {
    return call.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private List<String> keys() {
    return model.received().stream()
        .map(it -> it.headers().getOrDefault("authorization", "none").replace("Bearer ", ""))
        .toList();
  }

  private void fetched(LlmEndpoint... endpoints) throws InterruptedException {
    var fetch = client.fetchKeys();
    source.finds(endpoints);
    fetch.join();
  }

  private static void assertAnswered(LlmResult result, int attempts) {
    assertThat(result.outcome())
        .isInstanceOfSatisfying(
            Completed.class, it -> assertThat(it.text()).isEqualTo("reply to: Hello"));
    assertThat(result.attempts()).hasSize(attempts);
  }

  private static void assertRefused(LlmResult result) {
    assertThat(result.outcome())
        .isInstanceOfSatisfying(
            Rejected.class, it -> assertThat(it.reason()).isEqualTo(Reason.CREDENTIALS));
  }

  @Test
  void aKeyThatWasFetchedAtTheStartIsUsedByTheFirstCall() throws Exception {
    fetched(endpoint("sk-new"));

    assertAnswered(result(start()), 1);
    assertThat(source.fetches()).isEqualTo(1);
  }

  @Test
  void callsWaitForTheFetchThatIsRunning() throws Exception {
    var _ = client.fetchKeys();
    var first = start();
    var second = start();
    time.awaitWaitsOf(DEADLINE, 2);
    source.finds(endpoint("sk-new"));

    assertAnswered(result(first), 1);
    assertAnswered(result(second), 1);
    assertThat(source.fetches()).isEqualTo(1);
  }

  @Test
  void withoutAKeyNothingIsSentAndTheSourceIsReadAgainAfterAPause() throws Exception {
    var failed = start();
    source.fails();
    assertThat(result(failed))
        .isEqualTo(
            new LlmResult(
                new Unavailable(NoReply.NO_API_KEY, Optional.of(Endpoints.PAUSE_AFTER_FAILURE)),
                List.of()));

    time.advance(Endpoints.PAUSE_AFTER_FAILURE.minusSeconds(2));
    assertThat(result(start()).outcome())
        .isEqualTo(new Unavailable(NoReply.NO_API_KEY, Optional.of(Duration.ofSeconds(2))));
    assertThat(source.fetches()).isEqualTo(1);

    time.advance(Duration.ofSeconds(2));
    var healed = start();
    source.finds(endpoint("sk-new"));
    assertAnswered(result(healed), 1);
    assertThat(keys()).containsExactly("sk-new");
  }

  @Test
  void aCallThatWaitsForTheKeyEndsAtItsDeadline() throws Exception {
    var call = start();
    time.awaitWaitOf(DEADLINE);
    time.advance(DEADLINE);

    assertThat(result(call).outcome()).isEqualTo(new TimedOut(Limit.DEADLINE));
  }

  @Test
  void aCallThatWaitsForTheKeyEndsWhenItsCallerLeaves() throws Exception {
    var stream = client.stream(hello(), deadline());
    time.awaitWaitOf(DEADLINE);
    stream.close();

    assertThat(stream.next())
        .isInstanceOfSatisfying(
            End.class, end -> assertThat(end.result().outcome()).isEqualTo(new Abandoned()));
  }

  @Test
  void aCallThatWaitsForTheKeyEndsWhenTheClientIsClosed() throws Exception {
    var call = start();
    time.awaitWaitOf(DEADLINE);
    client.close();

    assertThat(result(call).outcome())
        .isEqualTo(new Unavailable(NoReply.SHUTTING_DOWN, Optional.empty()));
  }

  @Test
  void aRefusedKeyIsFetchedAnewAndTheCallIsRepeated() throws Exception {
    fetched(endpoint("sk-old"));
    var call = start();
    source.finds(endpoint("sk-new"));

    var result = result(call);
    assertAnswered(result, 2);
    assertThat(result.attempts()).extracting(Attempt::keyReplaced).containsExactly(true, false);
    assertThat(keys()).containsExactly("sk-old", "sk-new");
    assertAnswered(result(start()), 1);
  }

  @ParameterizedTest
  @CsvSource({
    "401, authentication_error, invalid_api_key",
    "403, error, forbidden",
    "400, error, API_KEY_INVALID",
    "402, error, insufficient_balance",
    "429, error, insufficient_quota"
  })
  void anotherKeyIsLookedForWhateverTheProviderCallsTheRefusal(int status, String type, String code)
      throws Exception {
    fetched(endpoint("sk-old"));
    model.enqueue(ScriptedReply.error(status, type, code));
    var call = start();
    source.finds(endpoint("sk-new"));

    assertAnswered(result(call), 2);
  }

  @Test
  void aStreamIsRepeatedBeforeItsFirstText() throws Exception {
    fetched(endpoint("sk-old"));
    var stream = client.stream(hello(), deadline());
    source.finds(endpoint("sk-new"));

    var text = new StringBuilder();
    LlmEvent event = stream.next();
    for (; event instanceof Delta delta; event = stream.next()) {
      text.append(delta.text());
    }
    assertThat(text).hasToString("reply to: Hello");
    assertThat(event)
        .isInstanceOfSatisfying(End.class, end -> assertThat(end.result().attempts()).hasSize(2));
  }

  @Test
  void aKeyThatStaysRefusedIsFetchedOnceInFiveMinutes() throws Exception {
    fetched(endpoint("sk-old"));
    var first = start();
    source.finds(endpoint("sk-old"));
    assertRefused(result(first));
    time.advance(Duration.ofMinutes(5).minusNanos(1));
    assertRefused(result(start()));
    assertThat(source.fetches()).isEqualTo(2);

    time.advance(Duration.ofNanos(1));
    var later = start();
    source.finds(endpoint("sk-new"));
    assertAnswered(result(later), 2);
    assertThat(source.fetches()).isEqualTo(3);
  }

  @Test
  void aRefetchThatFailsIsRepeatedAfterAPauseAndTheOldKeyStays() throws Exception {
    fetched(endpoint("sk-old"));
    var first = start();
    source.fails();
    assertRefused(result(first));
    assertRefused(result(start()));
    assertThat(source.fetches()).isEqualTo(2);

    time.advance(Endpoints.PAUSE_AFTER_FAILURE);
    var later = start();
    source.finds(endpoint("sk-new"));
    assertAnswered(result(later), 2);
    assertThat(keys()).containsExactly("sk-old", "sk-old", "sk-old", "sk-new");
  }

  @Test
  void manyRefusedCallsShareOneFetch() throws Exception {
    fetched(endpoint("sk-old"));
    var calls = IntStream.range(0, 50).mapToObj(_ -> start()).toList();
    time.awaitWaitsOf(DEADLINE, 50);
    model.awaitRequests(50, Duration.ofSeconds(20));
    source.finds(endpoint("sk-new"));

    assertThat(calls).allSatisfy(call -> assertAnswered(result(call), 2));
    assertThat(source.fetches()).isEqualTo(2);
  }

  @Test
  void aCallWhoseOldKeyIsRefusedAfterTheRotationUsesTheNewKeyWithoutAFetch() throws Exception {
    fetched(endpoint("sk-old"));
    var rotated = new CountDownLatch(1);
    model.enqueue(ScriptedReply.error(401, "t", "invalid_api_key").held(rotated));
    var slow = start();
    model.awaitRequests(1, Duration.ofSeconds(20));
    var fast = start();
    source.finds(endpoint("sk-new"));
    assertAnswered(result(fast), 2);
    rotated.countDown();

    assertAnswered(result(slow), 2);
    assertThat(source.fetches()).isEqualTo(2);
  }

  @Test
  void aRefusedKeyOfTheFailoverEndpointIsReplacedToo() throws Exception {
    fetched(endpoint("sk-first"), endpoint("sk-old", "m-2"));
    model.enqueue(ScriptedReply.status(503));
    var call = start();
    source.finds(endpoint("sk-first"), endpoint("sk-new", "m-2"));

    assertAnswered(result(call), 3);
    assertThat(keys()).containsExactly("sk-first", "sk-old", "sk-new");
  }

  @Test
  void laterCallsUseTheFailoverEndpointsThatWereFetchedWithTheNewKey() throws Exception {
    fetched(endpoint("sk-old"));
    var call = start();
    source.finds(endpoint("sk-broken"), endpoint("sk-new", "m-2"));
    assertRefused(result(call));

    var result = result(start());
    assertAnswered(result, 2);
    assertThat(result.attempts()).extracting(Attempt::model).containsExactly("m-1", "m-2");
  }

  @Test
  void whatIsKnownOfAnEndpointOutlivesItsKeyButNotItsModel() throws Exception {
    var config = new LlmConfig(List.of(endpoint("")), List.of("m-1"), LIMITS, false);
    var endpoints = new Endpoints(config, Optional.of(source), time.world());
    Endpoint before = endpoints.all().getFirst();
    var _ = endpoints.fetch();
    source.finds(endpoint("sk-new"), endpoint("sk-2", "m-2"));
    Endpoint second = endpoints.all().getLast();
    var _ = endpoints.fetch();
    source.finds(endpoint("sk-newer"), endpoint("sk-2", "m-3"));

    assertThat(endpoints.all().getFirst()).isSameAs(before);
    assertThat(before.config().apiKey()).contains("sk-newer");
    assertThat(endpoints.all().getLast()).isNotSameAs(second);
  }

  @Test
  void embeddingsAreRepeatedWithTheNewKeyToo() throws Exception {
    fetched(endpoint("sk-old"), endpoint("sk-new", "m-2"));
    var fields = Json.object().put("input", "Hello");
    var call =
        client.complete(
            LlmRequest.passThrough(LlmApi.EMBEDDINGS, "m-1", fields, Defaults.NONE), deadline());
    source.finds(endpoint("sk-new"), endpoint("sk-new", "m-2"));

    assertThat(result(call).attempts()).extracting(Attempt::model).containsExactly("m-1", "m-1");
    assertThat(keys()).containsExactly("sk-old", "sk-new");
  }

  @Test
  void withoutASourceARefusedKeyIsFinal() {
    try (var fixed = client(Optional.empty())) {
      var result = result(fixed.complete(hello(), deadline()));
      assertRefused(result);
      assertThat(result.attempts()).hasSize(1);
    }
  }
}
