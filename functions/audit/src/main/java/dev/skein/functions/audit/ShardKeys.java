package dev.skein.functions.audit;

import dev.skein.base.Deadline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one shard that every filter of a query may select, newest first: the intersection of
 * their streams. The stream that is sparsest at the beginning leads, and the others are searched
 * for its keys. Where a filter's stream is far denser than the leading one, its keys are not read
 * and the record itself shows whether the filter selects it, so that nothing is read in proportion
 * to the frequent value. Not thread-safe.
 */
final class ShardKeys {
  private final List<KeyStream> streams;
  private final ArrayDeque<String> ready = new ArrayDeque<>();
  private @Nullable KeyStream leader;
  private String position;
  private int count;
  private boolean ended;

  /**
   * The intersection of these streams.
   *
   * @param streams one for each filter, at least one
   * @param position where they begin
   */
  ShardKeys(List<KeyStream> streams, String position) {
    this.streams = new ArrayList<>(streams);
    this.position = position;
  }

  /** Whether keys must be read before the newest is known. */
  boolean isEmpty() {
    return ready.isEmpty() && !ended;
  }

  /** Whether a key that is not known yet may be as new as this one, or newer. */
  boolean mayHave(String key) {
    return isEmpty() && position.compareTo(key) >= 0;
  }

  /** How many keys are known. */
  int size() {
    return ready.size();
  }

  /** Whether all keys are known. */
  boolean hasEnded() {
    return ended;
  }

  /** The newest key; null if none is known. */
  @Nullable String peek() {
    return ready.peek();
  }

  /** Removes the newest key. */
  void remove() {
    var _ = ready.remove();
  }

  /** Below this, or there, the rest begins. */
  String position() {
    String newest = ready.peek();
    return newest != null ? newest : position;
  }

  /** Reads until {@code wanted} keys are known, or all, or the time is up; at least one. */
  void fill(int wanted, Deadline timeUp) {
    KeyStream leading = leader == null ? lead(wanted) : leader;
    // At least one key, so that a page that begins here gets on, however slow the table is.
    do {
      String key = leading.next();
      if (key == null) {
        ended = true;
        return;
      }
      position = key;
      count++;
      if (isInAll(key)) {
        ready.add(key);
      }
    } while (ready.size() < wanted && !ended && !timeUp.hasPassed());
  }

  private KeyStream lead(int wanted) {
    SideBySide.run(streams.stream().map(stream -> (Runnable) () -> stream.begin(wanted)).toList());
    KeyStream sparsest = streams.stream().min(Comparator.comparing(KeyStream::reach)).orElseThrow();
    streams.remove(sparsest);
    leader = sparsest;
    return sparsest;
  }

  private boolean isInAll(String key) {
    for (KeyStream stream : streams) {
      switch (stream.find(key, count)) {
        case NO -> {
          return false;
        }
        case ENDED -> {
          ended = true;
          return false;
        }
        case YES, UNKNOWN -> {}
      }
    }
    return true;
  }
}
