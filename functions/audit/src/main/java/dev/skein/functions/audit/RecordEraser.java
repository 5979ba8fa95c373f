package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Deadline;
import dev.skein.base.Log;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * Removes the texts from one user's records, newest first, and leaves the rest of each, with the
 * digest that keeps the hash chain verifiable. One instance serves one request. Not thread-safe.
 */
final class RecordEraser {
  /** The most records of one request. */
  static final int MAX_RECORDS = 500;

  /** Of the records of erasures themselves, which have no texts. */
  static final String ENDPOINT = "/audit";

  private static final Duration MAX_CALL = Duration.ofSeconds(3);

  /** So that a record that was begun is nearly always finished. */
  private static final Duration ONE_RECORD = Duration.ofSeconds(2);

  /** What {@link RecordDigest#erased} removes. */
  private static final String REMOVED =
      String.join(", ", RecordDigest.CONTENT) + ", " + RecordDigest.CONTENT_SALT;

  private final DynamoDbClient dynamo;
  private final TableConfig config;
  private final InstantSource clock;
  private final Deadline deadline;
  private int erased;
  private int alreadyErased;
  private Optional<String> next = Optional.empty();

  /** An eraser that stops at the deadline. */
  RecordEraser(DynamoDbClient dynamo, TableConfig config, InstantSource clock, Deadline deadline) {
    this.dynamo = dynamo;
    this.config = config;
    this.clock = clock;
    this.deadline = deadline;
  }

  /** How many records were erased. */
  int erased() {
    return erased;
  }

  /** How many records had been erased before. */
  int alreadyErased() {
    return alreadyErased;
  }

  /** Where to go on; empty if there are no older records. */
  Optional<String> next() {
    return next;
  }

  /**
   * Erases the records of a user, as far as the time and {@link #MAX_RECORDS} allow.
   *
   * @param before the {@link #next} of an earlier request; empty to begin with the newest record
   * @throws software.amazon.awssdk.core.exception.SdkException if the table fails, or if there is
   *     no time for a single record. The counts say what was erased until then
   */
  void erase(String userId, Optional<String> before) {
    int done = 0;
    for (var key : keys(userId, before).entrySet()) {
      if (done == MAX_RECORDS || (done > 0 && !deadline.leavesRoomFor(ONE_RECORD))) {
        return;
      }
      erase(userId, key.getValue());
      next = Optional.of(key.getKey());
      done++;
    }
    next = Optional.empty();
  }

  /** The IDs of up to one record more than a request erases, by their keys, newest first. */
  private Map<String, String> keys(String userId, Optional<String> before) {
    var keys = new TreeMap<String, String>(Comparator.reverseOrder());
    int shards = ShardCount.read(dynamo, config, limit());
    for (int shard = 0; shard < shards; shard++) {
      String partition = AuditItem.indexKey(userId, Integer.toString(shard));
      addKeys(partition, before, keys);
    }
    return keys;
  }

  private void addKeys(String partition, Optional<String> before, Map<String, String> to) {
    var values = new HashMap<>(Map.of(":user", AttributeValue.fromS(partition)));
    before.ifPresent(key -> values.put(":before", AttributeValue.fromS(key)));
    var page =
        dynamo.query(
            query ->
                query
                    .tableName(config.table())
                    .indexName("by_user")
                    .keyConditionExpression(
                        before.isPresent()
                            ? "user_shard = :user AND time_and_id < :before"
                            : "user_shard = :user")
                    .expressionAttributeValues(values)
                    .scanIndexForward(false)
                    .limit(MAX_RECORDS + 1)
                    .overrideConfiguration(override -> override.apiCallTimeout(limit())));
    for (var item : page.items()) {
      to.put(text(item, AuditItem.TIME_AND_ID), text(item, AuditItem.PK));
    }
  }

  private void erase(String userId, String auditId) {
    // The condition fails at most once: when an intent is completed between read and write.
    for (var record = read(auditId); isOf(userId, record); record = read(auditId)) {
      boolean wasErased = record.has(RecordDigest.ERASED_AT);
      if (wasErased || update(record)) {
        // Even if it was erased before: that request may have ended before it came here.
        deleteContent(auditId);
        erased += wasErased ? 0 : 1;
        alreadyErased += wasErased ? 1 : 0;
        return;
      }
    }
  }

  private static boolean isOf(String userId, ObjectNode record) {
    return record.path("user_id").asText().equals(userId)
        && !record.path("endpoint").asText().equals(ENDPOINT);
  }

  private ObjectNode read(String auditId) {
    return AuditItem.record(
        dynamo
            .getItem(
                get ->
                    get.tableName(config.table())
                        .key(AuditItem.key(auditId))
                        .consistentRead(true)
                        .overrideConfiguration(override -> override.apiCallTimeout(limit())))
            .item());
  }

  /** Whether it was erased now; otherwise it has changed since it was read. */
  private boolean update(ObjectNode record) {
    var erasedRecord = RecordDigest.erased(record, Log.timestamp(clock.instant()));
    try {
      dynamo.updateItem(
          update ->
              update
                  .tableName(config.table())
                  .key(AuditItem.key(record.path("audit_id").textValue()))
                  .updateExpression("SET erased_at = :at, content_sha256 = :sha REMOVE " + REMOVED)
                  .conditionExpression(
                      "user_id = :user AND #phase = :phase AND attribute_not_exists(erased_at)")
                  .expressionAttributeNames(Map.of("#phase", "phase"))
                  .expressionAttributeValues(
                      Map.of(
                          ":at", text(erasedRecord, RecordDigest.ERASED_AT),
                          ":sha", text(erasedRecord, RecordDigest.CONTENT_SHA256),
                          ":user", text(record, "user_id"),
                          ":phase", text(record, "phase")))
                  .overrideConfiguration(override -> override.apiCallTimeout(limit())));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  private void deleteContent(String auditId) {
    // In pages: a query reads 1 MB, and the contents of a record may be larger.
    var keys =
        dynamo.queryPaginator(
            query ->
                query
                    .tableName(config.table())
                    .keyConditionExpression("pk = :pk AND begins_with(sk, :content)")
                    .expressionAttributeValues(
                        Map.of(
                            ":pk", AttributeValue.fromS(auditId),
                            ":content", AttributeValue.fromS("content#")))
                    .projectionExpression("pk, sk")
                    .consistentRead(true)
                    .overrideConfiguration(override -> override.apiCallTimeout(limit())));
    for (var key : keys.items()) {
      dynamo.deleteItem(
          delete ->
              delete
                  .tableName(config.table())
                  .key(key)
                  .overrideConfiguration(override -> override.apiCallTimeout(limit())));
    }
  }

  private Duration limit() {
    return CallLimit.of(deadline, MAX_CALL);
  }

  private static String text(Map<String, AttributeValue> item, String name) {
    var value = item.get(name);
    return value == null ? "" : value.s();
  }

  private static AttributeValue text(ObjectNode record, String name) {
    return AttributeValue.fromS(record.path(name).asText());
  }
}
