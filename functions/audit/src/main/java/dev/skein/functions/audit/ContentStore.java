package dev.skein.functions.audit;

import dev.skein.audit.RecordDigest;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/**
 * Writes the content of records to items beside them, in chunks within the table's limit of an
 * item. Each chunk is written once; the same chunk again changes nothing. Thread-safe.
 *
 * @param retention the time from a record's timestamp until its content expires
 */
record ContentStore(DynamoDbClient dynamo, TableConfig config, Duration retention) {
  /** Of the 400 KB of an item, with room for its keys. */
  static final int MAX_CHUNK = 350_000;

  private static final String DATA = "data";

  /**
   * Stores the content of a message whose record is stored. The content of an erased record is
   * replaced by nothing: an erasure may have run after the record was stored and before its
   * content.
   *
   * @param erased whether the stored record is known to be erased
   * @return why it was not stored; empty if it was, or if there is none
   */
  Optional<StoreResult> store(AuditMessage message, boolean erased, Deadline deadline) {
    if (message.contents().isEmpty()) {
      return Optional.empty();
    }
    var chunks = chunks(message);
    boolean conflict = false;
    if (!erased) {
      for (var chunk : chunks.entrySet()) {
        conflict |= !put(message, chunk.getKey(), chunk.getValue(), deadline);
      }
    }
    if (erased || isErased(message.auditId(), deadline)) {
      chunks.keySet().forEach(key -> empty(message, key, deadline));
      return Optional.empty();
    }
    return conflict
        ? Optional.of(
            new NotStored(FailureReason.CONFLICT, "other content of this record is stored"))
        : Optional.empty();
  }

  private static Map<String, SdkBytes> chunks(AuditMessage message) {
    var chunks = new TreeMap<String, SdkBytes>();
    for (AuditContent content : message.contents()) {
      byte[] gzip = content.gzip();
      for (int from = 0, n = 0; from < gzip.length; from += MAX_CHUNK, n++) {
        byte[] chunk = Arrays.copyOfRange(gzip, from, Math.min(gzip.length, from + MAX_CHUNK));
        chunks.put(
            "content#%s#%02d".formatted(content.name(), n), SdkBytes.fromByteArrayUnsafe(chunk));
      }
    }
    return chunks;
  }

  /** Whether the chunk is stored now; false if another one is. */
  private boolean put(AuditMessage message, String key, SdkBytes data, Deadline deadline) {
    long expiresAt = message.timestamp().plus(expiry()).getEpochSecond();
    try {
      dynamo.putItem(
          request(message, key, data, expiresAt, deadline)
              .conditionExpression("attribute_not_exists(pk) OR #data = :data")
              .expressionAttributeNames(Map.of("#data", DATA))
              .expressionAttributeValues(Map.of(":data", AttributeValue.fromB(data)))
              .build());
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  private Duration expiry() {
    return retention.compareTo(config.retention()) < 0 ? retention : config.retention();
  }

  /** Not a deletion, for which the function has no permission; it expires at once. */
  private void empty(AuditMessage message, String key, Deadline deadline) {
    long expired = message.timestamp().getEpochSecond();
    dynamo.putItem(
        request(message, key, SdkBytes.fromByteArray(new byte[0]), expired, deadline).build());
  }

  private PutItemRequest.Builder request(
      AuditMessage message, String key, SdkBytes data, long expiresAt, Deadline deadline) {
    return PutItemRequest.builder()
        .tableName(config.table())
        .item(
            Map.of(
                AuditItem.PK,
                AttributeValue.fromS(message.auditId()),
                AuditItem.SK,
                AttributeValue.fromS(key),
                DATA,
                AttributeValue.fromB(data),
                AuditItem.EXPIRES_AT,
                AttributeValue.fromN(Long.toString(expiresAt))))
        .overrideConfiguration(override -> override.apiCallTimeout(AuditStore.limit(deadline)));
  }

  private boolean isErased(String auditId, Deadline deadline) {
    var request =
        GetItemRequest.builder()
            .tableName(config.table())
            .key(AuditItem.key(auditId))
            .projectionExpression(RecordDigest.ERASED_AT)
            .consistentRead(true)
            .overrideConfiguration(override -> override.apiCallTimeout(AuditStore.limit(deadline)))
            .build();
    return dynamo.getItem(request).item().containsKey(RecordDigest.ERASED_AT);
  }
}
