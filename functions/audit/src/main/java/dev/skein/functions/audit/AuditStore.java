package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.functions.audit.Fate.Failed;
import dev.skein.functions.audit.Fate.Reason;
import java.io.UncheckedIOException;
import java.time.Duration;
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
 * Writes records into the table, each exactly once however often and in whatever order its messages
 * come. The table itself decides, in one conditional write, so that two environments with the same
 * id at the same moment cannot both win. Thread-safe.
 */
final class AuditStore {
  /**
   * What both phases of a record hold, and hold alike: a result that disagrees with its intent in
   * any of it belongs to another request.
   */
  private static final List<String> ORIGIN =
      List.of("timestamp", "request_id", "endpoint", "user_id", "identity", "message_preview");

  private static final Duration MAX_WRITE = Duration.ofSeconds(8);

  private final DynamoDbClient dynamo;
  private final TableConfig config;

  AuditStore(DynamoDbClient dynamo, TableConfig config) {
    this.dynamo = dynamo;
    this.config = config;
  }

  /**
   * Keeps one record.
   *
   * @param limit how long it may take, retries included; positive
   */
  Fate keep(AuditMessage message, Duration limit) {
    var item = AuditItem.of(message, config.retention());
    try {
      dynamo.putItem(
          AuditMessage.isCompleted(message.record())
              ? afterIntent(write(item, limit), item)
              : first(write(item, limit)));
      return new Fate.Stored();
    } catch (ConditionalCheckFailedException e) {
      return compare(AuditItem.record(item), AuditItem.record(e.item()));
    } catch (DynamoDbException e) {
      return refused(e);
    } catch (SdkClientException | UncheckedIOException e) {
      // The SDK ends a call that is out of time by an interrupt, which its HTTP client may tell in
      // its own way.
      return new Failed(Reason.UNAVAILABLE, e.getClass().getSimpleName());
    }
  }

  private PutItemRequest.Builder write(Map<String, AttributeValue> item, Duration limit) {
    return PutItemRequest.builder()
        .tableName(config.table())
        .item(item)
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
        .overrideConfiguration(
            override ->
                override.apiCallTimeout(limit.compareTo(MAX_WRITE) < 0 ? limit : MAX_WRITE));
  }

  private static PutItemRequest first(PutItemRequest.Builder request) {
    return request.conditionExpression("attribute_not_exists(audit_id)").build();
  }

  /**
   * Over its own intent, the result is put, not merged: it holds all that the intent does (see
   * {@code AuditRecord}), and one way of writing leaves one form of item.
   */
  private static PutItemRequest afterIntent(
      PutItemRequest.Builder request, Map<String, AttributeValue> item) {
    // Every name is a placeholder: some, such as timestamp, are reserved words.
    var names = new HashMap<>(Map.of("#phase", "phase"));
    var values = new HashMap<>(Map.of(":phase", AttributeValue.fromS("intent")));
    for (String field : ORIGIN) {
      names.put("#" + field, field);
      values.put(":" + field, item.get(field));
    }
    String ownIntent =
        names.values().stream()
            .map(field -> "#%s = :%s".formatted(field, field))
            .collect(Collectors.joining(" AND "));
    return request
        .conditionExpression("attribute_not_exists(audit_id) OR (" + ownIntent + ")")
        .expressionAttributeNames(names)
        .expressionAttributeValues(values)
        .build();
  }

  private static Fate compare(ObjectNode sent, ObjectNode stored) {
    boolean late = !AuditMessage.isCompleted(sent) && AuditMessage.isCompleted(stored);
    boolean same =
        late
            ? ORIGIN.stream().allMatch(field -> sent.path(field).equals(stored.path(field)))
            : sent.equals(stored);
    return same
        ? new Fate.Duplicate()
        : new Failed(Reason.CONFLICT, "another record with this audit_id is stored");
  }

  private static Failed refused(DynamoDbException e) {
    String code = e.awsErrorDetails() == null ? "none" : e.awsErrorDetails().errorCode();
    if (e.isThrottlingException()) {
      return new Failed(Reason.THROTTLED, code);
    }
    // Of an item, not of the request, which is always ours: over 400 KB, numbers out of range.
    return "ValidationException".equals(code)
        ? new Failed(Reason.POISON, "the table cannot hold it: too large, or a value out of range")
        : new Failed(Reason.UNAVAILABLE, code);
  }
}
