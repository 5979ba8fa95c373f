package dev.skein.llm;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a sign that may come again and again, each time within a limit. It keeps one task with
 * the timer, however often it is armed, because a stream has a sign for every token. Thread-safe.
 */
final class Watch {
  private final Timer timer;
  private final LongSupplier nanoTime;
  private final Runnable late;
  private @Nullable Future<?> task;
  private boolean armed;
  private boolean stopped;
  private long due;
  private long taskAt;

  /**
   * A watch at rest.
   *
   * @param late runs once, when a sign has not come in time
   */
  Watch(Timer timer, LongSupplier nanoTime, Runnable late) {
    this.timer = timer;
    this.nanoTime = nanoTime;
    this.late = late;
  }

  /** The next sign is awaited from now on, for this long. */
  synchronized void arm(Duration limit) {
    if (stopped) {
      return;
    }
    due = nanoTime.getAsLong() + limit.toNanos();
    armed = true;
    if (task == null || taskAt - due > 0) {
      schedule(limit);
    }
  }

  /** No sign is awaited until the watch is armed again. */
  synchronized void rest() {
    armed = false;
  }

  /** No sign is awaited any more. */
  synchronized void stop() {
    stopped = true;
    cancel();
  }

  private void schedule(Duration wait) {
    cancel();
    taskAt = nanoTime.getAsLong() + wait.toNanos();
    task = timer.after(wait, this::look);
  }

  private void cancel() {
    if (task != null) {
      task.cancel(false);
      task = null;
    }
  }

  private void look() {
    if (isLate()) {
      late.run();
    }
  }

  private synchronized boolean isLate() {
    task = null;
    if (stopped || !armed) {
      return false;
    }
    long left = due - nanoTime.getAsLong();
    if (left > 0) {
      schedule(Duration.ofNanos(left));
      return false;
    }
    stopped = true;
    return true;
  }
}
