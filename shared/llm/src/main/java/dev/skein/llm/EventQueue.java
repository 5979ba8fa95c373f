package dev.skein.llm;

import dev.skein.llm.LlmEvent.Delta;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The events of a call between the wire and its reader. Nothing comes after the end. Futures are
 * completed outside of the lock: their dependents are strangers. Thread-safe.
 */
final class EventQueue {
  private final Runnable drained;
  private final Deque<Delta> deltas = new ArrayDeque<>();
  private @Nullable CompletableFuture<LlmEvent> reader;
  private @Nullable CompletableFuture<LlmEvent> end;
  private boolean owed;

  /**
   * An empty queue.
   *
   * @param drained runs when the reader takes the last of what {@link #add} brought, before it
   *     hears of it
   */
  EventQueue(Runnable drained) {
    this.drained = drained;
  }

  CompletableFuture<LlmEvent> next() {
    Delta delta;
    boolean empty;
    synchronized (this) {
      delta = deltas.poll();
      if (delta == null) {
        if (end != null) {
          return end.copy();
        }
        var waiting = new CompletableFuture<LlmEvent>();
        reader = waiting;
        return waiting;
      }
      empty = deltas.isEmpty() && owed;
      owed &= !empty;
    }
    if (empty) {
      drained.run();
    }
    return CompletableFuture.completedFuture(delta);
  }

  /** Adds what was read. */
  void add(List<Delta> read) {
    CompletableFuture<LlmEvent> waiting = null;
    Delta first = null;
    boolean taken;
    synchronized (this) {
      if (end == null) {
        deltas.addAll(read);
      }
      if (reader != null && !deltas.isEmpty()) {
        waiting = reader;
        reader = null;
        first = deltas.poll();
      }
      taken = deltas.isEmpty();
      owed = !taken;
    }
    if (taken) {
      drained.run();
    }
    if (waiting != null && first != null) {
      waiting.complete(first);
    }
  }

  /**
   * The end, after what is still in the queue.
   *
   * @param last completed, with the end or with a fault in the program
   */
  void end(CompletableFuture<LlmEvent> last) {
    CompletableFuture<LlmEvent> waiting;
    synchronized (this) {
      end = last;
      waiting = reader;
      reader = null;
    }
    if (waiting != null) {
      var _ =
          last.whenComplete(
              (event, bug) -> {
                if (bug == null) {
                  waiting.complete(event);
                } else {
                  waiting.completeExceptionally(bug);
                }
              });
    }
  }
}
