package dev.skein.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What happens on SIGTERM: no new event is asked for, and invocations under way may end within a
 * short time.
 */
final class Shutdown implements Runnable {
  /** The platform kills the process after 500 ms; the rest is for the handler's own hooks. */
  private static final Duration PATIENCE = Duration.ofMillis(400);

  private final List<RuntimeClient> idle = new ArrayList<>();
  private final List<RuntimeClient> busy = new ArrayList<>();
  private boolean stopping;

  synchronized void add(RuntimeClient line) {
    idle.add(line);
  }

  synchronized boolean isStopping() {
    return stopping;
  }

  /** An event has come; false when it is too late to begin with it. */
  synchronized boolean begin(RuntimeClient line) {
    if (stopping) {
      return false;
    }
    idle.remove(line);
    busy.add(line);
    return true;
  }

  /** The event is done, and what was to be done after it. */
  synchronized void end(RuntimeClient line) {
    busy.remove(line);
    idle.add(line);
    if (stopping) {
      line.close();
    }
    notifyAll();
  }

  @Override
  public synchronized void run() {
    stopping = true;
    for (RuntimeClient line : idle) {
      line.close();
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long left = PATIENCE.toNanos();
    try {
      while (!busy.isEmpty() && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
        left = deadline - System.nanoTime();
      }
    } catch (InterruptedException e) {
      // Then the time is over now.
    }
    for (RuntimeClient line : busy) {
      line.close();
    }
  }
}
