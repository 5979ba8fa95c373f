package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.HttpLlmClient.Collaborators;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call from its first attempt to its one outcome. It keeps the future of the exchange that is
 * on the wire: cancelling that one, and only that one, closes the connection and stops the bill. A
 * timeout on a dependent future would answer in time and leave the request running.
 */
final class LlmCall {
  private final Supplier<CompletableFuture<Attempt>> send;
  private final int maxRetries;
  private final Deadline deadline;
  private final Collaborators world;
  private final CompletableFuture<LlmOutcome> result = new CompletableFuture<>();

  /** Two fields, each with one writer: a wait that is over at once must not hide its exchange. */
  private volatile @Nullable Future<?> exchange;

  private volatile @Nullable Future<?> pause;
  private final AtomicInteger attempts = new AtomicInteger();

  LlmCall(
      Supplier<CompletableFuture<Attempt>> send,
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
              stop();
            });
    attempt();
    return result;
  }

  private void attempt() {
    if (result.isDone()) {
      return;
    }
    try {
      attempts.incrementAndGet();
      var sent = send.get();
      exchange = sent;
      stopIfDone();
      var _ =
          sent.thenAccept(this::next)
              .whenComplete(
                  (_, bug) -> {
                    if (bug != null) {
                      result.completeExceptionally(bug);
                    }
                  });
    } catch (RuntimeException bug) {
      // On the timer's thread nobody else would hear of it.
      result.completeExceptionally(bug);
    }
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
      pause = world.timer().after(wait.get(), this::attempt);
      stopIfDone();
    } else {
      result.complete(OpenAiFormat.outcome(attempt, sent, now));
    }
  }

  /** The call may have ended while a step began: then nobody else stops that one. */
  private void stopIfDone() {
    if (result.isDone()) {
      stop();
    }
  }

  private void stop() {
    cancel(pause);
    cancel(exchange);
  }

  private static void cancel(@Nullable Future<?> step) {
    if (step != null) {
      step.cancel(true);
    }
  }
}
