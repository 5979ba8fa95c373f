package dev.skein.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.ProxiedRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that is known about requests after a run.
 *
 * @param table the records in the table
 * @param logged the records in lines of the alternate sink
 * @param deadLetters the messages in the dead-letter queue
 * @param links the links of hash chains in the table
 */
record Trail(
    List<JsonNode> table, List<JsonNode> logged, List<String> deadLetters, List<JsonNode> links) {

  static Trail of(ChaosStack stack) {
    return new Trail(stack.records(), stack.log().records(), stack.deadLetters(), stack.links());
  }

  static String id(JsonNode record) {
    return record.path("audit_id").asText();
  }

  static String requestId(JsonNode record) {
    return record.path("request_id").asText();
  }

  static boolean isCompleted(JsonNode record) {
    return record.path("phase").asText().equals("completed");
  }

  /** Those of both places. */
  List<JsonNode> all() {
    var all = new ArrayList<>(table);
    all.addAll(logged);
    return all;
  }

  Set<String> ids() {
    var ids = new HashSet<String>();
    all().forEach(record -> ids.add(id(record)));
    return ids;
  }

  /** Those of records in the dead-letter queue. */
  Set<String> deadLetterIds() {
    var ids = new HashSet<String>();
    deadLetters.forEach(message -> ids.add(id(ProxiedRequest.json(message))));
    ids.remove("");
    return ids;
  }

  /** The record of each request that counts: the completed one, if there is one. */
  Map<String, JsonNode> byId() {
    var records = new HashMap<String, JsonNode>();
    for (JsonNode record : all()) {
      records.merge(id(record), record, (one, other) -> isCompleted(one) ? one : other);
    }
    return records;
  }

  /** The request to which a record belongs. */
  static Optional<Integer> request(JsonNode record) {
    var number = ChaosPlan.number(record.path("user_id").asText());
    return number.isEmpty() ? Optional.empty() : Optional.of(number.getAsInt());
  }
}
