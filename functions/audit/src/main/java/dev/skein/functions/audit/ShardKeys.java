package dev.skein.functions.audit;

import dev.skein.base.Deadline;
import dev.skein.functions.audit.AuditQuery.Range;
import dev.skein.functions.audit.AuditTable.Partition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one shard that every filter of a query may select, in an order: the intersection of
 * their streams. The stream that is sparsest at the beginning leads, and the others are searched
 * for its keys. Where a filter's stream is far denser than the leading one, its keys are not read
 * and the record itself shows whether the filter selects it, so that nothing is read in proportion
 * to the frequent value. Not thread-safe.
 */
final class ShardKeys {
  private final List<KeyStream> streams;
  private final KeyOrder order;
  private final ArrayDeque<String> ready = new ArrayDeque<>();
  private @Nullable KeyStream leader;
  private String position;
  private int count;
  private boolean ended;

  private ShardKeys(List<KeyStream> streams, KeyOrder order, String position) {
    this.streams = new ArrayList<>(streams);
    this.order = order;
    this.position = position;
  }

  /**
   * The keys of a shard in a range.
   *
   * @param filters empty for all records
   * @param after where the range begins, if it begins after it; otherwise empty
   */
  static ShardKeys of(
      AuditTable table,
      Map<AuditFilter, String> filters,
      int shard,
      Range range,
      String after,
      KeyOrder order) {
    var streams = new ArrayList<KeyStream>();
    filters.forEach(
        (filter, value) -> {
          var partition =
              new Partition(filter.index, filter.attribute, filter.partition(value, shard));
          streams.add(new KeyStream(table, partition, range, after, order));
        });
    if (streams.isEmpty()) {
      var all = new Partition("by_time", AuditItem.SHARD, Integer.toString(shard));
      streams.add(new KeyStream(table, all, range, after, order));
    }
    return new ShardKeys(streams, order, order.first(range));
  }

  /** Whether keys must be read before the first is known. */
  boolean isEmpty() {
    return ready.isEmpty() && !ended;
  }

  /** Whether a key that is not known yet may be this one, or come before it. */
  boolean mayHave(String key) {
    return isEmpty() && order.compare(position, key) <= 0;
  }

  /** How many keys are known. */
  int size() {
    return ready.size();
  }

  /** Whether all keys are known. */
  boolean hasEnded() {
    return ended;
  }

  /** The first key; null if none is known. */
  @Nullable String peek() {
    return ready.peek();
  }

  /** Removes the first key. */
  void remove() {
    var _ = ready.remove();
  }

  /** There, or after it, the rest begins. */
  String position() {
    String first = ready.peek();
    return first != null ? first : position;
  }

  /** All keys before this one are known, or were removed. */
  String reached() {
    return position;
  }

  /**
   * Reads until {@code wanted} keys are known, or all, or the time is up; at least one, and what
   * costs no time.
   */
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
    } while (ready.size() < wanted && !ended && (isAtHand(leading) || !timeUp.hasPassed()));
  }

  /** Whether the next key is known without a call of the table. */
  private boolean isAtHand(KeyStream leading) {
    return streams.isEmpty() && leading.isLoaded();
  }

  private KeyStream lead(int wanted) {
    SideBySide.run(streams.stream().map(stream -> (Runnable) () -> stream.begin(wanted)).toList());
    KeyStream sparsest = streams.getFirst();
    for (KeyStream stream : streams) {
      sparsest = order.compare(stream.reach(), sparsest.reach()) > 0 ? stream : sparsest;
    }
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
