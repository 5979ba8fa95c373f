package dev.skein.functions.audit;

import dev.skein.functions.audit.AuditQuery.Range;
import dev.skein.functions.audit.AuditTable.Partition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one partition of an index in the order of time, read in pages that grow. Not
 * thread-safe.
 */
final class KeyStream {
  private static final int MAX_PAGE = 1000;

  /** Whether a key is in a stream. */
  enum Membership {
    YES,
    NO,
    /** Not without reading far more keys of this stream than of the other. */
    UNKNOWN,
    /** No, and neither is any later key of the order. */
    ENDED
  }

  /** More keys than these are not read for each key of the other stream. */
  private static final int MAX_DENSITY = 4;

  /** So few keys do not show how dense a stream is. */
  private static final int MIN_READ = 8;

  private final AuditTable table;
  private final Partition partition;
  private final Range range;
  private final KeyOrder order;

  /** The last key that was read, or was on an earlier page; empty before the first. */
  private String last;

  private List<String> page = List.of();
  private int next;
  private int pageSize;
  private boolean ended;
  private int read;
  private boolean tooDense;

  /**
   * The keys of this range.
   *
   * @param after where the range begins, if it begins after it; otherwise empty
   */
  KeyStream(AuditTable table, Partition partition, Range range, String after, KeyOrder order) {
    this.last = after;
    this.table = table;
    this.partition = partition;
    this.range = range;
    this.order = order;
  }

  /** Reads the first page. */
  void begin(int firstPage) {
    pageSize = Math.min(firstPage, MAX_PAGE);
    load(order.first(range));
  }

  /** The last key that was read, after which nothing is known; the end if all are known. */
  String reach() {
    return ended ? order.end : last;
  }

  /** Whether the next key was already read. */
  boolean isLoaded() {
    return next < page.size();
  }

  /** The next key; null at the end. */
  @Nullable String next() {
    while (next == page.size() && !ended) {
      load(last.isEmpty() ? order.first(range) : last);
    }
    return next == page.size() ? null : page.get(next++);
  }

  /**
   * Whether {@code key} is in this stream. The keys that are asked for are in the same order.
   *
   * @param count how many keys were asked for so far
   */
  Membership find(String key, int count) {
    while (true) {
      while (next < page.size() && order.compare(page.get(next), key) < 0) {
        next++;
      }
      if (next < page.size()) {
        return page.get(next).equals(key) ? Membership.YES : Membership.NO;
      }
      if (ended) {
        return Membership.ENDED;
      }
      tooDense |= read > MAX_DENSITY * count + MIN_READ;
      if (tooDense) {
        return Membership.UNKNOWN;
      }
      load(key);
    }
  }

  private void load(String bound) {
    var loaded = table.keys(partition, order.from(bound, range), pageSize, order);
    List<String> keys = loaded.keys();
    // A stream that is read on begins at its last key, which is in the page again.
    page = !keys.isEmpty() && keys.getFirst().equals(last) ? keys.subList(1, keys.size()) : keys;
    next = 0;
    ended = loaded.isLast();
    read += page.size();
    last = page.isEmpty() ? last : page.getLast();
    pageSize = Math.min(2 * pageSize, MAX_PAGE);
  }
}
