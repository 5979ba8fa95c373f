package dev.skein.llm;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which threads of a call talk to each other: any thread posts, one thread waits.
 * Tests bring mailboxes whose waiting happens in virtual time. Thread-safe.
 */
interface Mailbox<T> {

  /** Adds a message; never blocks. */
  void post(T message);

  /** Waits for the next message; null when none came within the limit. */
  @Nullable T poll(Duration limit);

  /** Waits for the next message, however long it takes. */
  T take();

  /** Makes mailboxes. */
  interface Factory {
    <T> Mailbox<T> create();
  }

  /** A mailbox in real time. A thread that is interrupted while it waits gets an exception. */
  static <T> Mailbox<T> blocking() {
    return new Blocking<>(new LinkedBlockingQueue<>());
  }

  /** The production implementation. */
  record Blocking<T>(BlockingQueue<T> messages) implements Mailbox<T> {

    @Override
    public void post(T message) {
      messages.add(message);
    }

    @Override
    public @Nullable T poll(Duration limit) {
      try {
        return messages.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }

    @Override
    public T take() {
      try {
        return messages.take();
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
      Thread.currentThread().interrupt();
      return new IllegalStateException("interrupted while waiting", e);
    }
  }
}
