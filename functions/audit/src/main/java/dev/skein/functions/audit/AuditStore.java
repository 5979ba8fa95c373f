package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditRecord;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
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

  private final DynamoDbClient dynamo;
  private final TableConfig config;
  private volatile boolean shardsAreRecorded;

  AuditStore(DynamoDbClient dynamo, TableConfig config) {
    this.dynamo = dynamo;
    this.config = config;
  }

  /**
   * Stores one record.
   *
   * @param limit the time that it may take, including retries; positive
   */
  StoreResult store(AuditMessage message, Duration limit) {
    var item = AuditItem.of(message, config);
    try {
      if (!shardsAreRecorded) {
        ShardCount.raise(dynamo, config, limited(limit));
        shardsAreRecorded = true;
      }
      dynamo.putItem(request(message.record(), item, limit));
      return new StoreResult.Stored();
    } catch (ConditionalCheckFailedException e) {
      return compare(AuditItem.record(item), AuditItem.record(e.item()));
    } catch (DynamoDbException e) {
      return failed(e);
    } catch (SdkClientException | UncheckedIOException e) {
      // The second comes from a response that was interrupted because the call ran out of time.
      return new NotStored(FailureReason.UNAVAILABLE, e.getClass().getSimpleName());
    }
  }

  private PutItemRequest request(
      ObjectNode record, Map<String, AttributeValue> item, Duration limit) {
    var request =
        PutItemRequest.builder()
            .tableName(config.table())
            .item(item)
            .conditionExpression(NEW)
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .overrideConfiguration(override -> override.apiCallTimeout(limited(limit)));
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

  private static Duration limited(Duration limit) {
    return limit.compareTo(MAX_WRITE) < 0 ? limit : MAX_WRITE;
  }

  private static StoreResult compare(ObjectNode sent, ObjectNode stored) {
    boolean late = !AuditRecord.isCompleted(sent) && AuditRecord.isCompleted(stored);
    boolean same =
        late
            ? sent.retain(SAME_IN_BOTH_PHASES).equals(stored.retain(SAME_IN_BOTH_PHASES))
            : sent.equals(stored);
    return same
        ? new StoreResult.Duplicate()
        : new NotStored(FailureReason.CONFLICT, "another record with this audit_id is stored");
  }

  private static NotStored failed(DynamoDbException e) {
    String code = e.awsErrorDetails() == null ? "none" : e.awsErrorDetails().errorCode();
    if (e.isThrottlingException()) {
      return new NotStored(FailureReason.THROTTLED, code);
    }
    // The request itself is always valid, so this is about the item: over 400 KB, or a number out
    // of range.
    return "ValidationException".equals(code)
        ? new NotStored(FailureReason.POISON, "the item is too large or has a value out of range")
        : new NotStored(FailureReason.UNAVAILABLE, code);
  }
}
