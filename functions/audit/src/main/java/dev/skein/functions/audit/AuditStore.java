package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.StoreResult.Duplicate;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/**
 * Writes records to the table, each exactly once, however often and in whatever order its messages
 * arrive. One conditional write decides, so two environments that write the same id at the same
 * moment cannot both succeed. Thread-safe.
 */
final class AuditStore {
  private static final Duration MAX_WRITE = Duration.ofSeconds(8);

  /** A completed record that differs from its intent in one of these is of another request. */
  private static final List<String> SAME_IN_BOTH_PHASES =
      Arrays.stream(AuditField.values())
          .filter(AuditField::isSameInBothPhases)
          .map(AuditField::json)
          .toList();

  private static final String NEW = "attribute_not_exists(pk)";

  /** Every name is a placeholder because some, such as timestamp, are reserved words. */
  private static final String NEW_OR_OWN_INTENT =
      SAME_IN_BOTH_PHASES.stream()
          .map(field -> "#%s = :%s".formatted(field, field))
          .collect(Collectors.joining(" AND ", NEW + " OR (#phase = :phase AND ", ")"));

  private static final String ERASED_INTENT = "#phase = :phase AND erased_at = :erased_at";

  private final DynamoDbClient dynamo;
  private final TableConfig config;
  private final StoreConfig consumer;
  private final ContentStore contents;
  private volatile boolean shardsAreRecorded;

  AuditStore(DynamoDbClient dynamo, TableConfig config, StoreConfig consumer) {
    this.dynamo = dynamo;
    this.config = config;
    this.consumer = consumer;
    this.contents = new ContentStore(dynamo, config, consumer.contentRetention());
  }

  /** A store without a chain, and with the default retention of content. */
  AuditStore(DynamoDbClient dynamo, TableConfig config) {
    this(dynamo, config, new StoreConfig(false, StoreConfig.DEFAULT.contentRetention()));
  }

  /**
   * Prepares the table for the records of this environment, before the first of them.
   *
   * @param deadline when it must have ended, with its retries
   * @return why it failed, after which no record may be stored; empty if it did not
   */
  Optional<NotStored> prepare(Deadline deadline) {
    var result =
        TableFailure.resultOf(
            () -> {
              recordShards(deadline);
              return new Stored();
            });
    return result instanceof NotStored failure ? Optional.of(failure) : Optional.empty();
  }

  /**
   * Stores one record and then its content.
   *
   * @param deadline when the last write must have ended, with its retries
   */
  StoreResult store(AuditMessage message, Deadline deadline) {
    return TableFailure.resultOf(
        () -> {
          recordShards(deadline);
          return put(message, deadline);
        });
  }

  private void recordShards(Deadline deadline) {
    if (!shardsAreRecorded) {
      ShardCount.raise(dynamo, config, limit(deadline));
      shardsAreRecorded = true;
    }
  }

  private StoreResult put(AuditMessage message, Deadline deadline) {
    var item = AuditItem.of(message, config);
    ObjectNode sent = AuditItem.record(item);
    try {
      dynamo.putItem(request(message.record(), item, deadline));
      return contents.store(message, false, deadline).orElseGet(() -> new Stored(entry(sent)));
    } catch (ConditionalCheckFailedException e) {
      return resolve(message, sent, AuditItem.record(e.item()), deadline);
    }
  }

  /** What to do with a record whose id is stored already. */
  private StoreResult resolve(
      AuditMessage message, ObjectNode sent, ObjectNode stored, Deadline deadline) {
    String erasedAt = stored.path(RecordDigest.ERASED_AT).textValue();
    ObjectNode expected = erasedAt == null ? sent : RecordDigest.erased(sent, erasedAt);
    if (!isSame(expected, stored)) {
      return new NotStored(FailureReason.CONFLICT, "another record with this audit_id is stored");
    }
    if (erasedAt != null && completes(expected, stored)) {
      return complete(new AuditMessage(expected, message.timestamp()), erasedAt, deadline);
    }
    return contents
        .store(message, erasedAt != null, deadline)
        .orElseGet(() -> new Duplicate(entry(stored)));
  }

  /** Whether both are the same record, or the two phases of one. */
  private static boolean isSame(ObjectNode sent, ObjectNode stored) {
    boolean late = completes(stored, sent);
    boolean completesErased = stored.has(RecordDigest.ERASED_AT) && completes(sent, stored);
    boolean twoPhases = late || completesErased;
    return twoPhases ? inBothPhases(sent).equals(inBothPhases(stored)) : sent.equals(stored);
  }

  private static boolean completes(ObjectNode sent, ObjectNode stored) {
    return AuditRecord.isCompleted(sent) && !AuditRecord.isCompleted(stored);
  }

  private static ObjectNode inBothPhases(ObjectNode record) {
    return record.deepCopy().retain(SAME_IN_BOTH_PHASES);
  }

  /** Completes an intent that was erased before its result arrived; it stays without texts. */
  private StoreResult complete(AuditMessage erased, String erasedAt, Deadline deadline) {
    var item = AuditItem.of(erased, config);
    var values =
        Map.of(
            ":phase", AttributeValue.fromS("intent"), ":erased_at", AttributeValue.fromS(erasedAt));
    try {
      dynamo.putItem(
          put(item, deadline)
              .conditionExpression(ERASED_INTENT)
              .expressionAttributeNames(Map.of("#phase", "phase"))
              .expressionAttributeValues(values)
              .build());
      return new Stored(entry(AuditItem.record(item)));
    } catch (ConditionalCheckFailedException e) {
      return isSame(erased.record(), AuditItem.record(e.item()))
          ? new Duplicate(entry(AuditItem.record(e.item())))
          : new NotStored(FailureReason.CONFLICT, "another record with this audit_id is stored");
    }
  }

  private Optional<Entry> entry(ObjectNode stored) {
    return consumer.chain() ? Optional.of(Entry.of(stored)) : Optional.empty();
  }

  private PutItemRequest request(
      ObjectNode record, Map<String, AttributeValue> item, Deadline deadline) {
    var request = put(item, deadline).conditionExpression(NEW);
    if (AuditRecord.isCompleted(record)) {
      // A put, not an update: the completed record has everything that the intent has.
      var names = new HashMap<>(Map.of("#phase", "phase"));
      var values = new HashMap<>(Map.of(":phase", AttributeValue.fromS("intent")));
      for (String field : SAME_IN_BOTH_PHASES) {
        names.put("#" + field, field);
        values.put(":" + field, item.get(field));
      }
      request
          .conditionExpression(NEW_OR_OWN_INTENT)
          .expressionAttributeNames(names)
          .expressionAttributeValues(values);
    }
    return request.build();
  }

  private PutItemRequest.Builder put(Map<String, AttributeValue> item, Deadline deadline) {
    return PutItemRequest.builder()
        .tableName(config.table())
        .item(item)
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
        .overrideConfiguration(override -> override.apiCallTimeout(limit(deadline)));
  }

  /** The time that a call may take. */
  static Duration limit(Deadline deadline) {
    return CallLimit.of(deadline, MAX_WRITE);
  }
}
