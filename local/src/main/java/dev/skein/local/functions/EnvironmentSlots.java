package dev.skein.local.functions;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Limits how many execution environments of a function are busy at once. Events beyond the limit
 * wait in order of arrival. One slot beyond the limit is reserved for events whose caller may use
 * it. Thread-safe.
 */
final class EnvironmentSlots {

  /** A permission to keep one environment busy. */
  enum Slot {
    REGULAR,
    RESERVED
  }

  private record Waiter(boolean reserved, CompletableFuture<Slot> turn) {}

  private final int maxWaiting;
  private final Queue<Waiter> waiting = new ArrayDeque<>();
  private int regular;
  private int reserved = 1;

  /**
   * @param limit the number of slots beside the reserved one
   * @param maxWaiting the maximum number of events that wait for a slot
   */
  EnvironmentSlots(int limit, int maxWaiting) {
    this.regular = limit;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Waits for a slot, which must be released.
   *
   * @return empty if the wait is over, too many events wait already, or the caller disconnected
   */
  Optional<Slot> acquire(Caller caller) throws InterruptedException {
    Waiter waiter = enqueue(caller.reserved());
    boolean granted = false;
    try {
      granted = await(waiter.turn(), caller);
    } finally {
      if (!granted) {
        withdraw(waiter);
      }
    }
    return granted ? Optional.of(waiter.turn().join()) : Optional.empty();
  }

  synchronized void release(Slot slot) {
    if (slot == Slot.REGULAR) {
      regular++;
    } else {
      reserved++;
    }
    waiting.removeIf(this::grant);
  }

  private static boolean await(CompletableFuture<Slot> turn, Caller caller)
      throws InterruptedException {
    Duration wait = caller.environmentWait();
    try {
      CompletableFuture.anyOf(turn, caller.disconnected())
          .get(wait.toNanos(), TimeUnit.NANOSECONDS);
      return !caller.disconnected().isDone();
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  private synchronized Waiter enqueue(boolean mayUseReserved) {
    Waiter waiter = new Waiter(mayUseReserved, new CompletableFuture<>());
    if (!grant(waiter)) {
      if (waiting.size() < maxWaiting) {
        waiting.add(waiter);
      } else {
        waiter.turn().cancel(false);
      }
    }
    return waiter;
  }

  private boolean grant(Waiter waiter) {
    if (regular > 0) {
      regular--;
      return waiter.turn().complete(Slot.REGULAR);
    }
    if (waiter.reserved() && reserved > 0) {
      reserved--;
      return waiter.turn().complete(Slot.RESERVED);
    }
    return false;
  }

  /** A slot that was granted in the meantime goes to the next event. */
  private synchronized void withdraw(Waiter waiter) {
    waiting.remove(waiter);
    if (!waiter.turn().cancel(false)) {
      release(waiter.turn().join());
    }
  }
}
