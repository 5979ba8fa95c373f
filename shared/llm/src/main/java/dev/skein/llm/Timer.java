package dev.skein.llm;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs something later. Tests bring one whose time they turn by hand. */
@FunctionalInterface
interface Timer {

  /** Runs {@code task} after {@code wait}, or at once when that is not positive. */
  Future<?> after(Duration wait, Runnable task);

  /** One daemon thread for each client; the tasks only start or end exchanges. */
  static Timer daemon() {
    var executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("llm-timer").unstarted(task));
    // A call that is answered leaves nothing behind in the queue.
    executor.setRemoveOnCancelPolicy(true);
    // Nor does a client that nobody uses any more leave its thread.
    executor.setKeepAliveTime(30, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    return (wait, task) -> executor.schedule(task, wait.toNanos(), TimeUnit.NANOSECONDS);
  }
}
