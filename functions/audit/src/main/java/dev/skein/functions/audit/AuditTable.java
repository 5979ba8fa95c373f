package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.AuditQuery.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/**
 * The reads of the table: keys from its indexes, and items by their keys. It never scans the table.
 * Every method throws an SdkException if the table cannot be read before the deadline. Thread-safe.
 *
 * @param deadline when the last read must have ended
 */
record AuditTable(DynamoDbClient dynamo, TableConfig config, Deadline deadline) {
  /** Each of up to 400 KB, and as JSON of up to six times as much. */
  private static final int BATCH = 25;

  /** As many as DynamoDB returns at once, of attributes that are short. */
  private static final int SMALL = 100;

  private static final int READERS = 4;

  private static final Duration MAX_READ = Duration.ofSeconds(3);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration MAX_PAUSE = Duration.ofMillis(640);

  /** One partition of an index. */
  record Partition(String index, String attribute, String value) {}

  /**
   * Keys of a partition, in the order in which they were asked for.
   *
   * @param isLast whether the range has no more
   */
  record Keys(List<String> keys, boolean isLast) {}

  /** The largest number of shards that any record was written with. */
  int shards() {
    return ShardCount.read(dynamo, config, limit());
  }

  /** The first keys of a range of an index, eventually consistent. */
  Keys keys(Partition partition, Range range, int count, KeyOrder order) {
    var response =
        dynamo.query(
            QueryRequest.builder()
                .tableName(config.table())
                .indexName(partition.index())
                .keyConditionExpression("#partition = :value AND #key BETWEEN :lower AND :upper")
                .projectionExpression("#key")
                .expressionAttributeNames(
                    Map.of("#partition", partition.attribute(), "#key", AuditItem.TIME_AND_ID))
                .expressionAttributeValues(
                    Map.of(
                        ":value", AttributeValue.fromS(partition.value()),
                        ":lower", AttributeValue.fromS(range.lower()),
                        ":upper", AttributeValue.fromS(range.upper())))
                .scanIndexForward(order == KeyOrder.OLDEST_FIRST)
                .limit(count)
                .overrideConfiguration(this::limit)
                .build());
    var keys =
        response.items().stream()
            .map(item -> Objects.requireNonNull(item.get(AuditItem.TIME_AND_ID)).s())
            .toList();
    return new Keys(keys, !response.hasLastEvaluatedKey());
  }

  /**
   * The records with these keys, in their order, without those that do not exist any more. Strongly
   * consistent: an index may be ahead of a replica of the table, and a record that a page lacks
   * would be on none.
   */
  List<ObjectNode> records(List<String> keys) {
    var found = new ConcurrentHashMap<String, ObjectNode>();
    int batches = Math.ceilDiv(keys.size(), BATCH);
    SideBySide.run(
        IntStream.range(0, batches)
            .mapToObj(n -> keys.subList(n * keys.size() / batches, (n + 1) * keys.size() / batches))
            .map(AuditTable::keysOf)
            .map(
                batch ->
                    (Runnable) () -> get(batch.consistentRead(true).build(), it -> put(it, found)))
            .toList());
    return keys.stream().map(AuditItem::auditId).map(found::get).filter(Objects::nonNull).toList();
  }

  private static void put(Map<String, AttributeValue> item, Map<String, ObjectNode> found) {
    found.put(Objects.requireNonNull(item.get(AuditItem.PK)).s(), AuditItem.record(item));
  }

  /**
   * Some attributes of the records with these keys, in no order, without those that do not exist
   * any more. Eventually consistent, at half the price, so that a record of the last second may be
   * missing.
   *
   * @param keys any number: {@value #READERS} batches are read at once
   */
  List<ObjectNode> attributes(List<String> keys, List<String> attributes) {
    var names = new HashMap<String, String>();
    attributes.forEach(name -> names.put("#" + name, name));
    String projection = String.join(",", names.keySet());
    var found = new ConcurrentLinkedQueue<ObjectNode>();
    var next = new AtomicInteger();
    Runnable reader =
        () -> {
          for (int n = next.getAndAdd(SMALL); n < keys.size(); n = next.getAndAdd(SMALL)) {
            var batch = keysOf(keys.subList(n, Math.min(n + SMALL, keys.size())));
            batch.projectionExpression(projection).expressionAttributeNames(names);
            get(batch.build(), item -> found.add(AuditItem.unordered(item)));
          }
        };
    SideBySide.run(
        Collections.nCopies(Math.min(READERS, Math.ceilDiv(keys.size(), SMALL)), reader));
    return List.copyOf(found);
  }

  private static KeysAndAttributes.Builder keysOf(List<String> keys) {
    return KeysAndAttributes.builder()
        .keys(keys.stream().map(AuditItem::auditId).map(AuditItem::key).toList());
  }

  private void get(KeysAndAttributes items, Consumer<Map<String, AttributeValue>> found) {
    var wanted = Map.of(config.table(), items);
    Duration pause = FIRST_PAUSE;
    while (true) {
      var response =
          dynamo.batchGetItem(
              BatchGetItemRequest.builder()
                  .requestItems(wanted)
                  .overrideConfiguration(this::limit)
                  .build());
      response.responses().getOrDefault(config.table(), List.of()).forEach(found);
      wanted = new HashMap<>(response.unprocessedKeys());
      if (wanted.isEmpty()) {
        return;
      }
      if (response.responses().getOrDefault(config.table(), List.of()).isEmpty()) {
        // Throttled. After a response of 16 MB the rest can be read at once.
        LockSupport.parkNanos(pause.toNanos());
        pause = pause.multipliedBy(2).compareTo(MAX_PAUSE) < 0 ? pause.multipliedBy(2) : MAX_PAUSE;
      }
    }
  }

  /** Items of one partition of the table whose sort key has this prefix, in order, consistent. */
  List<Map<String, AttributeValue>> items(String partition, String prefix) {
    var items = new ArrayList<Map<String, AttributeValue>>();
    var request =
        QueryRequest.builder()
            .tableName(config.table())
            .keyConditionExpression("pk = :pk AND begins_with(sk, :prefix)")
            .expressionAttributeValues(
                Map.of(
                    ":pk", AttributeValue.fromS(partition),
                    ":prefix", AttributeValue.fromS(prefix)))
            .consistentRead(true)
            .overrideConfiguration(this::limit)
            .build();
    dynamo.queryPaginator(request).items().forEach(items::add);
    return items;
  }

  /** The items of one partition of the table that follow {@code after}, in order, consistent. */
  List<Map<String, AttributeValue>> itemsAfter(String partition, String after, int count) {
    return dynamo
        .query(
            QueryRequest.builder()
                .tableName(config.table())
                .keyConditionExpression("pk = :pk AND sk > :after")
                .expressionAttributeValues(
                    Map.of(
                        ":pk", AttributeValue.fromS(partition),
                        ":after", AttributeValue.fromS(after)))
                .consistentRead(true)
                .limit(count)
                .overrideConfiguration(this::limit)
                .build())
        .items();
  }

  private void limit(AwsRequestOverrideConfiguration.Builder override) {
    override.apiCallTimeout(limit());
  }

  private Duration limit() {
    return CallLimit.of(deadline, MAX_READ);
  }
}
