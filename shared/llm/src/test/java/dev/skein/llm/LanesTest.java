package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LanesTest {
  private final List<CompletableFuture<Integer>> started = new ArrayList<>();

  private List<Supplier<CompletableFuture<Integer>>> tasks(int count) {
    return IntStream.range(0, count)
        .<Supplier<CompletableFuture<Integer>>>mapToObj(
            _ ->
                () -> {
                  var task = new CompletableFuture<Integer>();
                  started.add(task);
                  return task;
                })
        .toList();
  }

  private static CompletableFuture<List<Integer>> run(
      int lanes, List<Supplier<CompletableFuture<Integer>>> tasks) {
    return Lanes.run(lanes, tasks, _ -> false, it -> it);
  }

  private static CompletableFuture<List<Integer>> runUntilNegative(
      int lanes, List<Supplier<CompletableFuture<Integer>>> tasks) {
    return Lanes.run(lanes, tasks, it -> it < 0, it -> it * 100);
  }

  @Test
  void noMoreRunAtOnceThanThereAreLanes() {
    var result = run(2, tasks(5));
    assertThat(started).hasSize(2);

    started.get(1).complete(11);
    assertThat(started).hasSize(3);
    started.get(2).complete(12);
    started.get(3).complete(13);
    assertThat(started).hasSize(5);
    started.get(4).complete(14);
    assertThat(result).isNotDone();
    started.get(0).complete(10);

    assertThat(result).isCompletedWithValue(List.of(10, 11, 12, 13, 14));
  }

  @Test
  void tasksThatAreDoneAtOnceAreFine() {
    var done =
        IntStream.range(0, 100_000)
            .<Supplier<CompletableFuture<Integer>>>mapToObj(
                i -> () -> CompletableFuture.completedFuture(i))
            .toList();

    assertThat(run(3, done).join()).hasSize(100_000).endsWith(99_999);
  }

  @Test
  void noTasksAreDoneAtOnce() {
    assertThat(run(3, tasks(0))).isCompletedWithValue(List.of());
  }

  @Test
  void cancellingCancelsWhatRunsAndStartsNothingMore() {
    var result = run(2, tasks(5));

    result.cancel(true);

    assertThat(started).hasSize(2).allMatch(CompletableFuture::isCancelled);
  }

  @Test
  void aTaskThatFailsEndsTheOthers() {
    var result = run(2, tasks(5));

    started.get(0).completeExceptionally(new IllegalStateException("a bug"));

    assertThatThrownBy(result::join).hasRootCauseMessage("a bug");
    assertThat(started).hasSize(2);
    assertThat(started.get(1)).isCancelled();
  }

  @Test
  void aTaskThatCannotEvenStartEndsTheOthers() {
    var tasks = new ArrayList<>(tasks(2));
    tasks.add(
        () -> {
          throw new IllegalStateException("a bug");
        });
    var result = run(2, tasks);

    started.get(1).complete(1);

    assertThatThrownBy(result::join).hasRootCauseMessage("a bug");
    assertThat(started.get(0)).isCancelled();
  }

  @Test
  void aResultThatDecidesIsThatOfAllThatAreNotDone() {
    var result = runUntilNegative(3, tasks(6));
    started.get(1).complete(11);

    started.get(2).complete(-1);

    assertThat(result).isCompletedWithValue(List.of(-100, 11, -1, -100, -100, -100));
    assertThat(started).hasSize(4);
    assertThat(started.get(0)).isCancelled();
    assertThat(started.get(3)).isCancelled();
  }

  @Test
  void aResultThatDecidesAtOnceLetsNothingElseStart() {
    var tasks = new ArrayList<>(tasks(3));
    tasks.addFirst(() -> CompletableFuture.completedFuture(-1));

    var result = runUntilNegative(2, tasks);

    assertThat(result).isCompletedWithValue(List.of(-1, -100, -100, -100));
    assertThat(started).isEmpty();
  }

  @Test
  void theLastResultMayDecideToo() {
    var result = runUntilNegative(1, tasks(2));

    started.get(0).complete(10);
    started.get(1).complete(-1);

    assertThat(result).isCompletedWithValue(List.of(10, -1));
  }

  @Test
  void aFaultInTheDecisionEndsTheOthers() {
    var result =
        Lanes.run(
            2,
            tasks(3),
            _ -> {
              throw new IllegalStateException("a bug");
            },
            it -> it);

    started.get(0).complete(1);

    assertThatThrownBy(result::join).hasRootCauseMessage("a bug");
    assertThat(started).hasSize(2);
    assertThat(started.get(1)).isCancelled();
  }
}
