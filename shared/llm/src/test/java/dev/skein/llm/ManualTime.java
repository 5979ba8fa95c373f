package dev.skein.llm;

import dev.skein.llm.CallEnvironment.World;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Both clocks of a test, whose time moves only when the test advances it, and mailboxes that wait
 * in that time. Threads and sockets are real. Thread-safe.
 */
final class ManualTime implements InstantSource {
  private final Instant start = Instant.parse("2026-11-23T10:00:00Z");
  private final List<Long> ends = new ArrayList<>();
  private long nanos;

  /** A world in this time whose randomness draws zero from every range: retries follow at once. */
  World world() {
    return new World(
        task -> Thread.ofVirtual().start(task), this::mailbox, () -> 0L, this, this::nanoTime);
  }

  synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public synchronized Instant instant() {
    return start.plusNanos(nanos);
  }

  synchronized void advance(Duration by) {
    nanos += by.toNanos();
    notifyAll();
  }

  /** Waits, in real time, until a thread waits for a message for exactly this long from now. */
  void awaitWaitOf(Duration wait) throws InterruptedException {
    awaitWaitsOf(wait, 1);
  }

  /** As {@link #awaitWaitOf}, until this many threads do so. */
  synchronized void awaitWaitsOf(Duration wait, int threads) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (Collections.frequency(ends, nanos + wait.toNanos()) < threads) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("nothing waits for " + wait);
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Waits, in real time, until no thread waits for a message; returns whether that came to be. */
  synchronized boolean awaitNoWaits() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!ends.isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.timedWait(this, 100);
    }
    return ends.isEmpty();
  }

  private <T> Mailbox<T> mailbox() {
    return new ManualMailbox<>();
  }

  private final class ManualMailbox<T> implements Mailbox<T> {
    private final Queue<T> messages = new ArrayDeque<>();

    @Override
    public void post(T message) {
      synchronized (ManualTime.this) {
        messages.add(message);
        ManualTime.this.notifyAll();
      }
    }

    @Override
    public @Nullable T poll(Duration limit) {
      synchronized (ManualTime.this) {
        Long end = nanos + limit.toNanos();
        ends.add(end);
        ManualTime.this.notifyAll();
        try {
          while (messages.isEmpty() && nanos < end) {
            ManualTime.this.wait();
          }
          return messages.poll();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        } finally {
          ends.remove(end);
          ManualTime.this.notifyAll();
        }
      }
    }

    @Override
    public T take() {
      T message = poll(Duration.ofDays(1));
      if (message == null) {
        throw new AssertionError("waited for a day");
      }
      return message;
    }
  }
}
