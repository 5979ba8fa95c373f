package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.AuditQuery.Position;
import dev.skein.functions.audit.AuditQuery.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a query, newest first: the keys of its shards, read side by side and merged, and
 * their records. Not thread-safe.
 */
final class AuditRecords {
  /** Records that are held in memory at once. */
  private static final int MAX_CANDIDATES = 200;

  private final AuditTable table;
  private final AuditQuery query;
  private final Deadline timeUp;
  private final List<ShardKeys> shards;

  /** Records that the next call returns. */
  private final List<ObjectNode> ready = new ArrayList<>();

  /**
   * The last key that was taken from a shard, or was on an earlier page. A record is in two shards
   * while it moves, and in all of them by its request_id.
   */
  private String lastKey;

  private int examined;
  private int accepted;

  /** Where the records that are being read begin, which are lost if a read fails; else null. */
  private @Nullable Position undelivered;

  /**
   * The records of a query in a range.
   *
   * @param timeUp when the search stops even if it has found nothing, before the table's deadline
   */
  AuditRecords(AuditTable table, AuditQuery query, Range range, Deadline timeUp) {
    this.table = table;
    this.query = query;
    this.timeUp = timeUp;
    this.lastKey = query.position().filter(Position::after).map(Position::key).orElse("");
    this.shards =
        range.isEmpty()
            ? List.of()
            : IntStream.range(0, shardCount()).mapToObj(shard -> shardKeys(shard, range)).toList();
  }

  /** The index of requests has no shards: one request has one record, or a few. */
  private int shardCount() {
    return query.filters().keySet().equals(Set.of(AuditFilter.REQUEST_ID)) ? 1 : table.shards();
  }

  private ShardKeys shardKeys(int shard, Range range) {
    return ShardKeys.of(table, query.filters(), shard, range, lastKey, KeyOrder.NEWEST_FIRST);
  }

  /**
   * The next records.
   *
   * @param count how many; fewer are returned only at the end, or when the time is up
   */
  List<ObjectNode> next(int count) {
    undelivered = position();
    while (ready.size() < count && !keysHaveEnded() && !timeUp.hasPassed()) {
      List<String> keys = keys(candidates(count - ready.size()));
      examined += keys.size();
      for (ObjectNode record : table.records(keys)) {
        if (AuditFilter.accept(query.filters(), record)) {
          ready.add(record);
          accepted++;
        }
      }
    }
    undelivered = null;
    var first = ready.subList(0, Math.min(count, ready.size()));
    var records = List.copyOf(first);
    first.clear();
    return records;
  }

  /** As many as are likely to have so many records that the filters accept. */
  private int candidates(int missing) {
    return examined == 0
        ? missing
        : (int) Math.min(MAX_CANDIDATES, (long) missing * examined / Math.max(accepted, 1) + 2);
  }

  /** Whether there are no more records. */
  boolean hasEnded() {
    return ready.isEmpty() && keysHaveEnded();
  }

  private boolean keysHaveEnded() {
    return shards.stream().allMatch(shard -> shard.hasEnded() && shard.size() == 0);
  }

  /** Where the rest begins: at the next record, or at a newer key. */
  Position position() {
    if (undelivered != null) {
      return undelivered;
    }
    String key = ready.isEmpty() ? begin() : AuditItem.timeAndId(ready.getFirst());
    return new Position(key, ready.isEmpty() && key.equals(lastKey));
  }

  private String begin() {
    return shards.stream()
        .filter(shard -> !shard.hasEnded() || shard.size() > 0)
        .map(ShardKeys::position)
        .max(Comparator.naturalOrder())
        .orElse("");
  }

  private List<String> keys(int count) {
    var keys = new ArrayList<String>();
    boolean filled = false;
    while (keys.size() < count) {
      if (shards.stream().anyMatch(ShardKeys::isEmpty) && !(filled && timeUp.hasPassed())) {
        filled = true;
        fill(count - keys.size());
      }
      ShardKeys newest = newest();
      if (newest == null) {
        break;
      }
      String key = String.valueOf(newest.peek());
      if (shards.stream().anyMatch(shard -> shard.mayHave(key))) {
        break;
      }
      if (!key.equals(lastKey)) {
        keys.add(key);
      }
      lastKey = key;
      newest.remove();
    }
    return keys;
  }

  private @Nullable ShardKeys newest() {
    return shards.stream()
        .filter(shard -> shard.size() > 0)
        .max(Comparator.comparing(shard -> String.valueOf(shard.peek())))
        .orElse(null);
  }

  /** Not each shard needs all: it is likely to have its share. */
  private void fill(int count) {
    int share = Math.ceilDiv(count, shards.size());
    int wanted = shards.size() == 1 ? count : share + share / 2 + 4;
    SideBySide.run(
        shards.stream()
            .filter(shard -> !shard.hasEnded() && shard.size() <= share / 2)
            .map(shard -> (Runnable) () -> shard.fill(wanted, timeUp))
            .toList());
  }
}
