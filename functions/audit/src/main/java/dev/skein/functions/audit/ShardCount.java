package dev.skein.functions.audit;

import java.time.Duration;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * The largest number of shards over which records were ever spread, in an item of the table.
 * Because it never decreases, a reader that reads so many shards finds every record, however often
 * {@code AUDIT_SHARDS} changed.
 */
final class ShardCount {
  private static final Map<String, AttributeValue> KEY =
      Map.of(
          AuditItem.PK, AttributeValue.fromS("#shards"), AuditItem.SK, AttributeValue.fromS("max"));

  private static final String SHARDS = "shards";

  private ShardCount() {}

  /**
   * Raises the number to that of the configuration, before a record is written to a new shard.
   *
   * @param limit the time that it may take, including retries
   * @throws software.amazon.awssdk.core.exception.SdkException if the table cannot be written
   */
  static void raise(DynamoDbClient dynamo, TableConfig config, Duration limit) {
    try {
      dynamo.updateItem(
          UpdateItemRequest.builder()
              .tableName(config.table())
              .key(KEY)
              .updateExpression("SET shards = :shards")
              .conditionExpression("attribute_not_exists(shards) OR shards < :shards")
              .expressionAttributeValues(
                  Map.of(":shards", AttributeValue.fromN(Integer.toString(config.shards()))))
              .overrideConfiguration(override -> override.apiCallTimeout(limit))
              .build());
    } catch (ConditionalCheckFailedException e) {
      // It is already as large, or larger.
    }
  }

  /**
   * Reads the number, strongly consistently; 1 if the table has no records yet.
   *
   * @param limit the time that it may take, including retries
   * @throws software.amazon.awssdk.core.exception.SdkException if the table cannot be read
   */
  static int read(DynamoDbClient dynamo, TableConfig config, Duration limit) {
    var item =
        dynamo
            .getItem(
                GetItemRequest.builder()
                    .tableName(config.table())
                    .key(KEY)
                    .consistentRead(true)
                    .overrideConfiguration(override -> override.apiCallTimeout(limit))
                    .build())
            .item();
    var shards = item.get(SHARDS);
    return shards == null ? 1 : Integer.parseInt(shards.n());
  }
}
