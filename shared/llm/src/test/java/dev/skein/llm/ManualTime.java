package dev.skein.llm;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * Both clocks and the timer of a test, whose time moves only when it is told to. What is due at the
 * same moment runs in the order in which it was asked for.
 */
final class ManualTime implements Timer, InstantSource {

  /** A cancelled task is forgotten at once: a simulation cancels most of what it starts. */
  private final class Task extends FutureTask<Void> {
    private final long at;
    private final long order;

    private Task(long at, long order, Runnable task) {
      super(task, null);
      this.at = at;
      this.order = order;
    }

    @Override
    protected void done() {
      synchronized (ManualTime.this) {
        tasks.remove(this);
      }
    }
  }

  private final TreeSet<Task> tasks =
      new TreeSet<>(
          Comparator.<Task>comparingLong(task -> task.at).thenComparingLong(task -> task.order));
  private final Instant start = Instant.parse("2026-11-23T10:00:00Z");
  private long nanos;
  private long asked;

  @Override
  public Future<?> after(Duration wait, Runnable task) {
    Task added;
    synchronized (this) {
      added = new Task(nanos + wait.toNanos(), asked++, task);
      if (wait.isPositive()) {
        tasks.add(added);
        notifyAll();
        return added;
      }
    }
    run(added);
    return added;
  }

  /** A world of this time, whose chance draws zero from every range: no back-off is waited for. */
  CallEnvironment.World world() {
    return new CallEnvironment.World(this, new RetryRules(() -> 0L), this, this::nanoTime);
  }

  synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public synchronized Instant instant() {
    return start.plusNanos(nanos);
  }

  /** Moves the time and runs, in order, what became due. */
  void advance(Duration by) {
    long end = nanoTime() + by.toNanos();
    while (true) {
      Task due;
      synchronized (this) {
        due = tasks.isEmpty() || tasks.first().at > end ? null : tasks.pollFirst();
        nanos = due == null ? end : due.at;
      }
      if (due == null) {
        return;
      }
      run(due);
    }
  }

  /** A task that throws would be heard of by nobody. */
  private static void run(Task task) {
    task.run();
    if (task.state() == Future.State.FAILED) {
      throw new AssertionError("a task of the timer has thrown", task.exceptionNow());
    }
  }

  /** Waits, in real time, until a task waits that is due after exactly this time. */
  synchronized void awaitTaskDueIn(Duration wait) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (tasks.stream().noneMatch(it -> it.at == nanos + wait.toNanos())) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("no task is due in " + wait);
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** How many tasks wait that nobody has cancelled. */
  synchronized long waiting() {
    return tasks.size();
  }
}
