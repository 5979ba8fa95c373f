package dev.skein.llm;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs many async tasks with a bound on how many run at once. Each lane takes the next task when
 * its own is done: with uneven tasks that is nearly ideal, where waves of a fixed size wait for
 * their slowest.
 *
 * <p>The results stand in the tasks' order. One of them may decide for all: a key that is refused
 * once is refused a hundred times. Cancelling the result cancels what runs and starts nothing more;
 * so does a task that fails, which by the contract of {@link LlmClient} only a bug does.
 */
public final class Lanes<T> {
  private final List<Supplier<CompletableFuture<T>>> tasks;
  private final Predicate<T> decides;
  private final UnaryOperator<T> spread;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger left;
  private final AtomicReferenceArray<@Nullable CompletableFuture<T>> started;
  private final CompletableFuture<List<T>> result = new CompletableFuture<>();

  private Lanes(
      List<Supplier<CompletableFuture<T>>> tasks, Predicate<T> decides, UnaryOperator<T> spread) {
    this.tasks = List.copyOf(tasks);
    this.decides = decides;
    this.spread = spread;
    this.left = new AtomicInteger(tasks.size());
    this.started = new AtomicReferenceArray<>(tasks.size());
  }

  /**
   * Starts up to {@code lanes} tasks now, and the others as lanes become free.
   *
   * @param lanes at least 1
   * @param decides whether a result is that of all that are not done: what runs is then cancelled,
   *     and nothing more is started
   * @param spread makes, of the result that decides, that of each task which is not done
   */
  public static <T> CompletableFuture<List<T>> run(
      int lanes,
      List<Supplier<CompletableFuture<T>>> tasks,
      Predicate<T> decides,
      UnaryOperator<T> spread) {
    if (lanes < 1) {
      throw new IllegalArgumentException("at least one lane is needed");
    }
    var run = new Lanes<T>(tasks, decides, spread);
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
          var _ = task.whenComplete((_, _) -> goOn(task));
          return;
        }
        ended(task);
      }
    } catch (Throwable bug) {
      result.completeExceptionally(bug);
    }
  }

  private void goOn(CompletableFuture<T> task) {
    try {
      ended(task);
    } catch (Throwable bug) {
      result.completeExceptionally(bug);
    }
    lane();
  }

  private void ended(CompletableFuture<T> task) {
    if (task.isCompletedExceptionally()) {
      result.completeExceptionally(task.handle((_, failure) -> failure).join());
    } else if (decides.test(task.join())) {
      result.complete(inOrder(spread.apply(task.join())));
    } else if (left.decrementAndGet() == 0) {
      result.complete(startedTasks().stream().map(CompletableFuture::join).toList());
    }
  }

  /** Of all tasks: their own results, as far as they have one. */
  private List<T> inOrder(T ofTheOthers) {
    return IntStream.range(0, tasks.size())
        .mapToObj(started::get)
        .map(task -> hasResult(task) ? task.join() : ofTheOthers)
        .toList();
  }

  private static boolean hasResult(@Nullable CompletableFuture<?> task) {
    return task != null && task.isDone() && !task.isCompletedExceptionally();
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
