package dev.skein.llm;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Both clocks and the timer of a test, whose time moves only when it is told to. */
final class ManualTime implements Timer, InstantSource {
  private record Entry(long at, FutureTask<?> task) {}

  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at));
  private final Instant start = Instant.parse("2026-11-23T10:00:00Z");
  private long nanos;

  @Override
  public Future<?> after(Duration wait, Runnable task) {
    var future = new FutureTask<Void>(task, null);
    synchronized (this) {
      if (wait.isPositive()) {
        entries.add(new Entry(nanos + wait.toNanos(), future));
        notifyAll();
        return future;
      }
    }
    future.run();
    return future;
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
    while (true) {
      Entry due;
      synchronized (this) {
        due = entries.peek();
        if (due == null || due.at() > nanos + by.toNanos()) {
          nanos += by.toNanos();
          return;
        }
        entries.poll();
        by = by.minusNanos(due.at() - nanos);
        nanos = due.at();
      }
      due.task().run();
    }
  }

  /** Waits, in real time, until so many tasks wait for their time. */
  synchronized void awaitWaiting(int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (waiting() < count) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError(waiting() + " tasks wait, not " + count);
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  synchronized long waiting() {
    return entries.stream().filter(entry -> !entry.task().isDone()).count();
  }
}
