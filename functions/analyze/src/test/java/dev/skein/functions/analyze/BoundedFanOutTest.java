package dev.skein.functions.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.ProviderError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BoundedFanOutTest {
  private static final LlmOutcome REFUSED_KEY =
      new Rejected(Reason.CREDENTIALS, new ProviderError(401));

  private static final LlmRequest REQUEST =
      new LlmRequest("m", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));

  private final BlockingQueue<CompletableFuture<LlmResult>> started = new LinkedBlockingQueue<>();

  private static LlmResult text(int number) {
    var outcome = new Completed("" + number, "stop", "m", Optional.empty());
    return new LlmResult(outcome, List.of(new Attempt("m", outcome)));
  }

  private static LlmResult failed(LlmOutcome... attempts) {
    var list = Stream.of(attempts).map(it -> new Attempt("m", it)).toList();
    return new LlmResult(attempts[attempts.length - 1], list);
  }

  private List<Supplier<CompletableFuture<LlmResult>>> calls(int count) {
    return IntStream.range(0, count)
        .<Supplier<CompletableFuture<LlmResult>>>mapToObj(
            _ ->
                () -> {
                  var call = new CompletableFuture<LlmResult>();
                  started.add(call);
                  return call;
                })
        .toList();
  }

  private static List<LlmResult> fanOut(
      int limit, List<Supplier<CompletableFuture<LlmResult>>> calls) {
    var requests = Collections.nCopies(calls.size(), REQUEST);
    var next = calls.iterator();
    return BoundedFanOut.run(limit, requests, _ -> next.next().get());
  }

  private static FutureTask<List<LlmResult>> run(
      int limit, List<Supplier<CompletableFuture<LlmResult>>> calls) {
    var task = new FutureTask<>(() -> fanOut(limit, calls));
    Thread.ofPlatform().start(task);
    return task;
  }

  /** The next call that is started. */
  private CompletableFuture<LlmResult> next() throws InterruptedException {
    var call = started.poll(10, TimeUnit.SECONDS);
    assertThat(call).as("a further call").isNotNull();
    return call;
  }

  private void assertNoneStarts() throws InterruptedException {
    assertThat(started.poll(50, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void theNextCallStartsWhenAnyEndsAndTheResultsKeepTheirOrder() throws Exception {
    var results = run(2, calls(4));
    var first = next();
    var second = next();
    assertNoneStarts();

    second.complete(text(1));
    var third = next();
    assertNoneStarts();
    third.complete(text(2));
    next().complete(text(3));
    first.complete(text(0));

    assertThat(results.get()).containsExactly(text(0), text(1), text(2), text(3));
  }

  @Test
  void callsThatAreDoneAtOnceNeedNoThreadAndNoStack() {
    var done =
        IntStream.range(0, 100_000)
            .<Supplier<CompletableFuture<LlmResult>>>mapToObj(
                i -> () -> CompletableFuture.completedFuture(text(i)))
            .toList();

    assertThat(fanOut(3, done)).hasSize(100_000).endsWith(text(99_999));
  }

  @Test
  void noCallsHaveNoResults() {
    assertThat(fanOut(3, List.of())).isEmpty();
  }

  @Test
  void anInterruptedRunCancelsWhatIsInFlight() throws Exception {
    var task = new FutureTask<>(() -> fanOut(2, calls(5)));
    var thread = Thread.ofPlatform().start(task);
    var first = next();
    var second = next();

    thread.interrupt();

    assertThatThrownBy(task::get).hasRootCauseInstanceOf(InterruptedException.class);
    assertThat(first).isCancelled();
    assertThat(second).isCancelled();
    assertNoneStarts();
  }

  @Test
  void aBugInACallEndsTheOthers() throws Exception {
    var results = run(2, calls(5));
    var first = next();
    var second = next();

    first.completeExceptionally(new IllegalStateException("a bug"));

    assertThatThrownBy(results::get).hasRootCauseMessage("a bug");
    assertThat(second).isCancelled();
    assertNoneStarts();
  }

  @Test
  void aCallThatCannotBeStartedEndsTheOthers() throws Exception {
    var calls = new ArrayList<>(calls(1));
    calls.add(
        () -> {
          throw new IllegalStateException("a bug");
        });
    var results = run(2, calls);

    assertThatThrownBy(results::get).hasRootCauseMessage("a bug");
    assertThat(next()).isCancelled();
  }

  @Test
  void aRefusedKeyIsTheResultOfEveryCallThatHasNoneYet() throws Exception {
    var results = run(3, calls(6));
    var first = next();
    next().complete(text(1));
    var third = next();
    var fourth = next();

    third.complete(failed(REFUSED_KEY));

    var cancelled = LlmResult.cancelledFor(REFUSED_KEY);
    var neverStarted = new LlmResult(REFUSED_KEY, List.of());
    assertThat(results.get())
        .containsExactly(
            cancelled, text(1), failed(REFUSED_KEY), cancelled, neverStarted, neverStarted);
    assertThat(first).isCancelled();
    assertThat(fourth).isCancelled();
    assertNoneStarts();
  }

  @Test
  void aRefusedKeyDecidesNothingWhileAnotherEndpointIsOnlyDown() throws Exception {
    var mixed = failed(new Unavailable(new ProviderError(503), Optional.empty()), REFUSED_KEY);
    var results = run(1, calls(2));

    next().complete(mixed);
    next().complete(text(1));

    assertThat(results.get()).containsExactly(mixed, text(1));
  }

  @Test
  void aRequestThatIsRejectedAffectsOnlyItself() throws Exception {
    var rejected = failed(new Rejected(Reason.REQUEST, new ProviderError(400)));
    var results = run(1, calls(2));

    next().complete(rejected);
    next().complete(text(1));

    assertThat(results.get()).containsExactly(rejected, text(1));
  }
}
