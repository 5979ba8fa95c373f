package dev.skein.functions.audit;

import dev.skein.functions.audit.AuditQuery.Range;
import java.util.Comparator;

/** The order in which the keys of an index are read: by time. What comes first is the lesser. */
enum KeyOrder implements Comparator<String> {
  NEWEST_FIRST(""),
  OLDEST_FIRST("\uffff");

  /** After every key. */
  final String end;

  KeyOrder(String end) {
    this.end = end;
  }

  @Override
  public int compare(String one, String other) {
    return this == OLDEST_FIRST ? one.compareTo(other) : other.compareTo(one);
  }

  /** Where a range begins. */
  String first(Range range) {
    return this == OLDEST_FIRST ? range.lower() : range.upper();
  }

  /** The part of a range that begins at {@code bound}, inclusive. */
  Range from(String bound, Range range) {
    return this == OLDEST_FIRST ? new Range(bound, range.upper()) : new Range(range.lower(), bound);
  }
}
