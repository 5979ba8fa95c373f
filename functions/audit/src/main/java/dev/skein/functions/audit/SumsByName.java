package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * The sums of records by a name in them, such as a user's: of the names with most records, and of
 * all others together. Its memory is limited: of the names that come after the first 10,000, all
 * records are among the others. Not thread-safe.
 */
final class SumsByName {
  /** The names that have sums of their own in the end. */
  static final int LISTED = 50;

  /** The names that are told apart: callers choose names of users, as many as they like. */
  static final int MAX_NAMES = 10_000;

  private final String field;
  private final Map<String, Sums> named = new HashMap<>();
  private final Sums others = new Sums();

  /** By the names in a field of the records. */
  SumsByName(String field) {
    this.field = field;
  }

  /** Adds a record. */
  void add(ObjectNode record) {
    String name = record.path(field).asText();
    Sums sums = named.get(name);
    if (sums == null && named.size() < MAX_NAMES) {
      sums = new Sums();
      named.put(name, sums);
    }
    (sums == null ? others : sums).add(record);
  }

  /**
   * Writes the sums by name, most records first, and in {@code other_...} those of the rest, or
   * null if there is none. Can be called once.
   *
   * @param list the list's name, such as {@code users}
   */
  void writeTo(ObjectNode json, String list) {
    var names =
        named.entrySet().stream()
            .sorted(
                Comparator.comparingInt((Map.Entry<String, Sums> it) -> -it.getValue().records())
                    .thenComparing(Map.Entry::getKey))
            .toList();
    var listed = json.putArray(list);
    int count = Math.min(LISTED, names.size());
    names
        .subList(0, count)
        .forEach(it -> it.getValue().writeTo(listed.addObject().put(field, it.getKey())));
    names.subList(count, names.size()).forEach(it -> others.add(it.getValue()));
    json.set(
        "other_" + list, others.records() == 0 ? json.nullNode() : others.writeTo(Json.object()));
  }
}
