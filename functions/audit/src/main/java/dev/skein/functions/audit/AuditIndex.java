package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.functions.audit.AuditQuery.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/**
 * Reads pages of records, newest first, from the table's indexes: {@code by_user} for one user,
 * else {@code by_time}. It never scans the table. The indexes are eventually consistent, so a
 * record that was just written may be missing. Thread-safe.
 */
record AuditIndex(DynamoDbClient dynamo, TableConfig config) {
  /** Characters of JSON. Escaped, they at most double, and stay below Lambda's 6 MB. */
  static final int MAX_PAGE_CHARACTERS = 2_500_000;

  private static final Duration MAX_QUERY = Duration.ofSeconds(3);

  /**
   * One page.
   *
   * @param next the position of the next page; empty on the last page. A page with fewer records
   *     than the limit may have one: its records are large
   */
  record Page(List<ObjectNode> records, Optional<String> next) {}

  /**
   * Reads the page of a query.
   *
   * @throws software.amazon.awssdk.core.exception.SdkException if the table cannot be read
   */
  Page page(AuditQuery query, Instant now, Deadline deadline) {
    var range = query.range(now, config.retention());
    if (range.isEmpty()) {
      return new Page(List.of(), Optional.empty());
    }
    // One record more than the page has shows whether there is a next page, and where.
    var keys = new TreeMap<String, Map<String, AttributeValue>>(Comparator.reverseOrder());
    int shards = ShardCount.read(dynamo, config, limit(deadline));
    for (int shard = 0; shard < shards; shard++) {
      for (var key : dynamo.query(query(query, shard, range, deadline)).items()) {
        var timeAndId = key.get(AuditItem.TIME_AND_ID);
        keys.put(timeAndId == null ? "" : timeAndId.s(), key);
      }
    }
    return page(
        keys.entrySet().stream().limit(query.limit() + 1).toList(), query.limit(), deadline);
  }

  private Page page(
      List<Map.Entry<String, Map<String, AttributeValue>>> keys, int limit, Deadline deadline) {
    var records = new ArrayList<ObjectNode>();
    int room = MAX_PAGE_CHARACTERS;
    for (var key : keys) {
      if (records.size() == limit) {
        return new Page(records, Optional.of(key.getKey()));
      }
      ObjectNode record = record(key.getValue(), deadline);
      room -= Json.STRICT.write(record).length();
      if (room < 0 && !records.isEmpty()) {
        return new Page(records, Optional.of(key.getKey()));
      }
      records.add(record);
    }
    return new Page(records, Optional.empty());
  }

  private ObjectNode record(Map<String, AttributeValue> key, Deadline deadline) {
    var item =
        dynamo.getItem(
            GetItemRequest.builder()
                .tableName(config.table())
                .key(
                    Map.of(
                        AuditItem.PK, key.get(AuditItem.PK), AuditItem.SK, key.get(AuditItem.SK)))
                .overrideConfiguration(override -> override.apiCallTimeout(limit(deadline)))
                .build());
    return AuditItem.record(item.item());
  }

  private QueryRequest query(AuditQuery query, int shard, Range range, Deadline deadline) {
    String shardText = Integer.toString(shard);
    return QueryRequest.builder()
        .tableName(config.table())
        .indexName(query.userId().isPresent() ? "by_user" : "by_time")
        .keyConditionExpression("#partition = :value AND #key BETWEEN :lower AND :upper")
        .expressionAttributeNames(
            Map.of(
                "#partition",
                query.userId().isPresent() ? "user_shard" : AuditItem.SHARD,
                "#key",
                AuditItem.TIME_AND_ID))
        .expressionAttributeValues(
            Map.of(
                ":value",
                AttributeValue.fromS(
                    query.userId().map(id -> AuditItem.indexKey(id, shardText)).orElse(shardText)),
                ":lower",
                AttributeValue.fromS(range.lower()),
                ":upper",
                AttributeValue.fromS(range.upper())))
        .scanIndexForward(false)
        .limit(query.limit() + 1)
        .overrideConfiguration(override -> override.apiCallTimeout(limit(deadline)))
        .build();
  }

  private static Duration limit(Deadline deadline) {
    Duration left = deadline.remaining();
    if (!left.isPositive()) {
      throw SdkClientException.create("no time left for a query");
    }
    return left.compareTo(MAX_QUERY) < 0 ? left : MAX_QUERY;
  }
}
