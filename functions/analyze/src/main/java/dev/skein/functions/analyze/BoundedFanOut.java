package dev.skein.functions.analyze;

import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many model calls, of which a limited number is in flight. The next call starts as soon as any of
 * them ends, which with uneven latency is nearly ideal; waves of a fixed size would wait for their
 * slowest.
 *
 * <pre>{@code
 * limit 2    call 1 ------->  call 4 ---->
 *            call 2 -->  call 3 ---------->
 * }</pre>
 */
final class BoundedFanOut {
  private final Semaphore permits;
  private final List<CompletableFuture<LlmResult>> started = new ArrayList<>();

  /** Completed with the first result that decides for all calls, or with a bug. */
  private final CompletableFuture<LlmResult> decided = new CompletableFuture<>();

  private BoundedFanOut(int limit) {
    this.permits = new Semaphore(limit);
  }

  /**
   * Makes a call for each request and waits for all of them.
   *
   * <p>A call that failed by the configuration, which all of them share, decides for all: what is
   * in flight is cancelled, nothing more is started, and every call without a result of its own
   * gets that one. A refused key is not presented a hundred times.
   *
   * @param limit how many calls may be in flight, at least 1
   * @return the results in the order of {@code requests}
   * @throws RuntimeException when a call failed, which only a bug does, or this thread is
   *     interrupted; whatever is in flight is cancelled
   */
  static List<LlmResult> run(
      int limit,
      List<LlmRequest> requests,
      Function<LlmRequest, CompletableFuture<LlmResult>> call) {
    var fanOut = new BoundedFanOut(limit);
    try {
      fanOut.start(requests, call);
      return fanOut.results(requests.size());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the invocation was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException bug ? bug : new IllegalStateException(e);
    } finally {
      fanOut.started.forEach(result -> result.cancel(true));
    }
  }

  private void start(
      List<LlmRequest> requests, Function<LlmRequest, CompletableFuture<LlmResult>> call)
      throws InterruptedException {
    for (var request : requests) {
      permits.acquire();
      if (decided.isDone()) {
        return;
      }
      var result = call.apply(request);
      started.add(result);
      var _ = result.whenComplete(this::ended);
    }
  }

  private void ended(@Nullable LlmResult result, @Nullable Throwable bug) {
    if (bug != null) {
      decided.completeExceptionally(bug);
    } else if (result != null && failedByConfiguration(result)) {
      decided.complete(result);
    }
    permits.release();
  }

  /** Another endpoint may have been down for only a moment, and may answer the next call. */
  private static boolean failedByConfiguration(LlmResult result) {
    return isConfiguration(result.outcome())
        && result.attempts().stream().allMatch(it -> isConfiguration(it.outcome()));
  }

  private static boolean isConfiguration(LlmOutcome outcome) {
    return outcome instanceof Rejected rejected && rejected.reason() != Reason.REQUEST;
  }

  private List<LlmResult> results(int calls) throws InterruptedException, ExecutionException {
    var all = CompletableFuture.allOf(started.toArray(CompletableFuture[]::new));
    CompletableFuture.anyOf(all, decided).get();
    var results = new ArrayList<LlmResult>();
    for (var call : started) {
      results.add(call.isDone() ? call.get() : LlmResult.cancelledFor(decided.join().outcome()));
    }
    while (results.size() < calls) {
      results.add(new LlmResult(decided.join().outcome(), List.of()));
    }
    return results;
  }
}
