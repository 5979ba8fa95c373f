package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.HttpLlmClient.Collaborators;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One call from its first attempt to its one outcome. It keeps the future of the exchange that is
 * on the wire: cancelling that one, and only that one, closes the connection and stops the bill. A
 * timeout on a dependent future would answer in time and leave the request running.
 */
final class LlmCall {
  private final Supplier<CompletableFuture<HttpResponse<Attempt>>> send;
  private final int maxRetries;
  private final Deadline deadline;
  private final Collaborators world;
  private final CompletableFuture<LlmOutcome> result = new CompletableFuture<>();

  /** What is going on now: an exchange, or the wait before the next one. */
  private volatile @Nullable Future<?> current;

  private final AtomicInteger attempts = new AtomicInteger();

  LlmCall(
      Supplier<CompletableFuture<HttpResponse<Attempt>>> send,
      int maxRetries,
      Deadline deadline,
      Collaborators world) {
    this.send = send;
    this.maxRetries = maxRetries;
    this.deadline = deadline;
    this.world = world;
  }

  CompletableFuture<LlmOutcome> start() {
    if (deadline.hasPassed()) {
      result.complete(new LlmOutcome.TimedOut(0));
      return result;
    }
    var end =
        world
            .timer()
            .after(
                deadline.remaining(),
                () -> result.complete(new LlmOutcome.TimedOut(attempts.get())));
    var _ =
        result.whenComplete(
            (_, _) -> {
              end.cancel(false);
              stopCurrent();
            });
    attempt();
    return result;
  }

  private void attempt() {
    if (result.isDone()) {
      return;
    }
    attempts.incrementAndGet();
    var exchange = send.get();
    current(exchange);
    var _ =
        exchange.whenComplete(
            (response, failure) -> next(failure == null ? response.body() : unreached(failure)));
  }

  private void next(Attempt attempt) {
    var now = world.clock().instant();
    int sent = attempts.get();
    int retries = sent - 1;
    Optional<Duration> wait =
        retries < maxRetries
            ? world.rules().waitBeforeNext(attempt, retries, now)
            : Optional.empty();
    if (wait.filter(deadline::leavesRoomFor).isPresent()) {
      current(world.timer().after(wait.get(), this::attempt));
    } else {
      result.complete(OpenAiFormat.outcome(attempt, sent, now));
    }
  }

  private void current(Future<?> step) {
    current = step;
    // The call may have ended while this step began: then nobody else stops it.
    if (result.isDone()) {
      stopCurrent();
    }
  }

  private void stopCurrent() {
    var step = current;
    if (step != null) {
      step.cancel(true);
    }
  }

  private static Attempt unreached(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    // A certificate does not get better by asking again.
    return new Attempt.Unreached(!(cause instanceof SSLException));
  }
}
