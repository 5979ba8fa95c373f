package dev.skein.llm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the calls in flight. As many again may wait, in order; more are refused at once, because
 * they would only wait to fail. Thread-safe.
 */
final class InFlightLimit {
  private final int most;
  private final Deque<Place> waiting = new ArrayDeque<>();

  /** What the thread has yet to start that is starting calls now; each thread its own. */
  @SuppressWarnings("ThreadLocalUsage") // each limit its own, and nothing stays in it
  private final ThreadLocal<@Nullable Deque<Place>> ready = new ThreadLocal<>();

  private int inFlight;

  InFlightLimit(int most) {
    this.most = most;
  }

  /**
   * Takes a place, or one in the queue for it.
   *
   * @param start runs once a place is there: within this call, or later on the thread that left one
   * @return empty when the queue is full
   */
  Optional<Place> enter(Runnable start) {
    var place = new Place(start);
    synchronized (this) {
      if (inFlight == most) {
        if (waiting.size() == most) {
          return Optional.empty();
        }
        waiting.add(place);
        return Optional.of(place);
      }
      inFlight++;
      place.admitted = true;
    }
    start.run();
    return Optional.of(place);
  }

  /**
   * Starts a call, and whoever gets a place meanwhile. It is a loop, because a call may end as soon
   * as it starts, and the next one as well: a thousand of them within each other overflow the
   * stack. It is each thread's own, so that nobody waits for a thread that is slow to start another
   * call.
   */
  private void startReady(Place first) {
    var starting = ready.get();
    if (starting != null) {
      starting.add(first);
      return;
    }
    var mine = new ArrayDeque<Place>(List.of(first));
    ready.set(mine);
    try {
      for (Place next = mine.poll(); next != null; next = mine.poll()) {
        next.start.run();
      }
    } finally {
      ready.remove();
    }
  }

  /** One call's place. */
  final class Place {
    private final Runnable start;
    private boolean admitted;
    private boolean left;

    private Place(Runnable start) {
      this.start = start;
    }

    /** Gives it up, wherever it is; the first who waits gets it. Only the first time counts. */
    void leave() {
      Place next = next();
      if (next != null) {
        startReady(next);
      }
    }

    private @Nullable Place next() {
      synchronized (InFlightLimit.this) {
        if (left) {
          return null;
        }
        left = true;
        if (!admitted) {
          waiting.remove(this);
          return null;
        }
        Place next = waiting.poll();
        if (next == null) {
          inFlight--;
        } else {
          next.admitted = true;
        }
        return next;
      }
    }
  }
}
