package dev.skein.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What happens on SIGTERM, in this order: no new event is requested, running invocations get a
 * short time to end, the handler is closed, and invocations that this has ended may finish their
 * response and the work that follows it. Thread-safe.
 */
final class Shutdown implements Runnable {
  /** The platform kills the process 500 ms after SIGTERM: both waits leave it 50 ms to exit. */
  private static final Duration GRACE_PERIOD = Duration.ofMillis(300);

  /** Enough to send the completed audit record of an invocation that the close has ended. */
  private static final Duration AFTER_CLOSE = Duration.ofMillis(150);

  private final StreamingHandler handler;
  private final RuntimeLog log;
  private final Duration gracePeriod;
  private final Duration afterClose;
  private final List<RuntimeApiClient> idle = new ArrayList<>();
  private final List<RuntimeApiClient> busy = new ArrayList<>();
  private boolean stopping;

  Shutdown(StreamingHandler handler, RuntimeLog log) {
    this(handler, log, GRACE_PERIOD, AFTER_CLOSE);
  }

  Shutdown(StreamingHandler handler, RuntimeLog log, Duration gracePeriod, Duration afterClose) {
    this.handler = handler;
    this.log = log;
    this.gracePeriod = gracePeriod;
    this.afterClose = afterClose;
  }

  synchronized void add(RuntimeApiClient client) {
    idle.add(client);
  }

  synchronized boolean isStopping() {
    return stopping;
  }

  /** Registers an invocation as running; false if it is too late to handle its event. */
  synchronized boolean begin(RuntimeApiClient client) {
    if (stopping) {
      return false;
    }
    idle.remove(client);
    busy.add(client);
    return true;
  }

  /** Marks an invocation as ended, including the work after its response. */
  synchronized void end(RuntimeApiClient client) {
    busy.remove(client);
    idle.add(client);
    if (stopping) {
      client.close();
    }
    notifyAll();
  }

  @Override
  public void run() {
    stop();
    awaitInvocations(gracePeriod);
    try {
      handler.close();
    } catch (Throwable e) { // the handler's own code, which may throw anything
      log.fault("handler_close_failed", null, e);
    }
    awaitInvocations(afterClose);
    closeBusy();
  }

  private synchronized void stop() {
    stopping = true;
    for (RuntimeApiClient client : idle) {
      client.close();
    }
  }

  private synchronized void awaitInvocations(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    long left = limit.toNanos();
    try {
      while (!busy.isEmpty() && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
        left = deadline - System.nanoTime();
      }
    } catch (InterruptedException e) {
      // Whoever interrupts the shutdown wants it to end now.
    }
  }

  private synchronized void closeBusy() {
    for (RuntimeApiClient client : busy) {
      client.close();
    }
  }
}
