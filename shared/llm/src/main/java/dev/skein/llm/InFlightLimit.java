package dev.skein.llm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the calls in flight. As many again may wait, in order; more are refused at once, because
 * they would only wait to fail. Thread-safe.
 */
final class InFlightLimit {
  private final int most;
  private final Deque<Place> waiting = new ArrayDeque<>();
  private final Deque<Place> ready = new ArrayDeque<>();
  private boolean starting;
  private int inFlight;

  InFlightLimit(int most) {
    this.most = most;
  }

  /**
   * Takes a place, or one in the queue for it.
   *
   * @param start runs once a place is there: within this call, or later on a thread that left one
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
   * stack.
   */
  private void startReady(Place first) {
    synchronized (this) {
      ready.add(first);
      if (starting) {
        return;
      }
      starting = true;
    }
    for (Place next = nextReady(); next != null; next = nextReady()) {
      next.start.run();
    }
  }

  private synchronized @Nullable Place nextReady() {
    Place next = ready.poll();
    starting = next != null;
    return next;
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
