package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.AuditQuery.Range;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Reads a few attributes of all records of a range, in rounds from the oldest to the newest: the
 * keys of all shards side by side, and then the records up to the time that every shard has
 * reached. So what was read at any moment is all records before {@link #reached} and no others. Not
 * thread-safe.
 */
final class RecordScan {
  /** Records that are held in memory at once. */
  private static final int ROUND = 2000;

  private static final int TIME_LENGTH = "2026-01-01T00:00:00.000Z".length();

  private final AuditTable table;
  private final Map<AuditFilter, String> filters;
  private final Range range;
  private final List<String> attributes;
  private final List<ShardKeys> shards;
  private String reached;

  /** The records that the filters select, in a range that is not empty. */
  RecordScan(AuditTable table, Map<AuditFilter, String> filters, Range range) {
    this.table = table;
    this.filters = filters;
    this.range = range;
    this.reached = range.lower();
    var names = new HashSet<>(Sums.FIELDS);
    filters.keySet().forEach(filter -> names.add(filter.parameter()));
    this.attributes = List.copyOf(names);
    this.shards =
        IntStream.range(0, table.shards())
            .mapToObj(n -> ShardKeys.of(table, filters, n, range, "", KeyOrder.OLDEST_FIRST))
            .toList();
  }

  /**
   * The next records, in no order.
   *
   * @param timeUp when to stop the search for keys, before the table's deadline
   */
  List<ObjectNode> next(Deadline timeUp) {
    int share = Math.ceilDiv(ROUND, shards.size());
    SideBySide.run(
        shards.stream()
            .filter(shard -> isNeeded(shard, share))
            .map(shard -> (Runnable) () -> shard.fill(shard.size() + share, timeUp))
            .toList());
    String bound = bound();
    // A record is in two shards while it moves.
    var keys = new TreeSet<String>();
    for (ShardKeys shard : shards) {
      for (String key = shard.peek(); key != null && key.compareTo(bound) < 0; key = shard.peek()) {
        keys.add(key);
        shard.remove();
      }
    }
    var records = new ArrayList<>(table.attributes(List.copyOf(keys), attributes));
    records.removeIf(record -> !AuditFilter.accept(filters, record));
    reached = bound;
    return records;
  }

  /** Those that hold up the others, and those that soon would. */
  private boolean isNeeded(ShardKeys shard, int share) {
    return !shard.hasEnded() && (shard.size() <= share / 2 || time(shard).equals(reached));
  }

  /** Of all older records, the keys are known. */
  private String bound() {
    return shards.stream()
        .filter(shard -> !shard.hasEnded())
        .map(RecordScan::time)
        .min(String::compareTo)
        .orElse(range.upper());
  }

  private static String time(ShardKeys shard) {
    return shard.reached().substring(0, TIME_LENGTH);
  }

  /** The time of the oldest records that were not read yet. */
  String reached() {
    return reached;
  }

  /** Whether all records of at least one millisecond were read. */
  boolean hasAdvanced() {
    return !reached.equals(range.lower());
  }

  /** Whether all records were read. */
  boolean hasEnded() {
    return reached.equals(range.upper());
  }
}
