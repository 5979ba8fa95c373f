package dev.skein.llm;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs many async tasks with a bound on how many run at once. Each lane takes the next task when
 * its own is done: with uneven tasks that is nearly ideal, where waves of a fixed size wait for
 * their slowest.
 *
 * <p>The results stand in the tasks' order. Cancelling the result cancels what runs and starts
 * nothing more; so does a task that fails, which by the contract of {@link LlmClient} only a bug
 * does.
 */
public final class Lanes<T> {
  private final List<Supplier<CompletableFuture<T>>> tasks;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger left;
  private final AtomicReferenceArray<@Nullable CompletableFuture<T>> started;
  private final CompletableFuture<List<T>> result = new CompletableFuture<>();

  private Lanes(List<Supplier<CompletableFuture<T>>> tasks) {
    this.tasks = List.copyOf(tasks);
    this.left = new AtomicInteger(tasks.size());
    this.started = new AtomicReferenceArray<>(tasks.size());
  }

  /**
   * Starts up to {@code lanes} tasks now, and the others as lanes become free.
   *
   * @param lanes at least 1
   */
  public static <T> CompletableFuture<List<T>> run(
      int lanes, List<Supplier<CompletableFuture<T>>> tasks) {
    if (lanes < 1) {
      throw new IllegalArgumentException("at least one lane is needed");
    }
    var run = new Lanes<T>(tasks);
    if (tasks.isEmpty()) {
      run.result.complete(List.of());
    }
    var _ = run.result.whenComplete((_, _) -> run.cancelStarted());
    for (int lane = 0; lane < Math.min(lanes, tasks.size()); lane++) {
      run.lane();
    }
    return run.result;
  }

  /**
   * One lane, for as long as its tasks are done at once; else its task goes on with it. It is a
   * loop and not a callback that calls itself, because a stack that overflows in a callback is told
   * to nobody.
   */
  private void lane() {
    try {
      for (int i = taken.getAndIncrement(); i < tasks.size(); i = taken.getAndIncrement()) {
        if (result.isDone()) {
          return;
        }
        var task = tasks.get(i).get();
        started.set(i, task);
        if (result.isDone()) {
          task.cancel(true);
        }
        if (!task.isDone()) {
          var _ = task.whenComplete((_, failure) -> goOn(failure));
          return;
        }
        ended(task.isCompletedExceptionally() ? task.handle((_, it) -> it).join() : null);
      }
    } catch (Throwable bug) {
      result.completeExceptionally(bug);
    }
  }

  private void goOn(@Nullable Throwable failure) {
    ended(failure);
    lane();
  }

  private void ended(@Nullable Throwable failure) {
    if (failure != null) {
      result.completeExceptionally(failure);
    } else if (left.decrementAndGet() == 0) {
      result.complete(inOrder());
    }
  }

  private List<T> inOrder() {
    return startedTasks().stream().map(CompletableFuture::join).toList();
  }

  private void cancelStarted() {
    startedTasks().forEach(task -> task.cancel(true));
  }

  private List<CompletableFuture<T>> startedTasks() {
    return IntStream.range(0, started.length())
        .mapToObj(started::get)
        .filter(Objects::nonNull)
        .toList();
  }
}
