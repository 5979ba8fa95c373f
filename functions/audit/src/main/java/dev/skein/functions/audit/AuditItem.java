package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.audit.AuditField;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Converts a record to an item of the table and back. Each field is an attribute of the same name,
 * including fields that are null. The derived attributes are the keys of the table and its indexes
 * and the expiry, and are not part of the record.
 */
final class AuditItem {
  static final String PK = "pk";
  static final String SK = "sk";

  /** The {@link #SK} of a record. Content has others, beside it. */
  static final String RECORD = "record";

  /** The sort key of every index but {@code by_request}. */
  static final String TIME_AND_ID = "time_and_id";

  static final String SHARD = "shard";
  static final String USER_SHARD = "user_shard";
  static final String IDENTITY_SHARD = "identity_shard";
  static final String MODEL_SHARD = "model_shard";
  static final String STATUS_SHARD = "status_shard";
  static final String ERROR_SHARD = "error_shard";
  static final String INTENT_SHARD = "intent_shard";
  static final String REQUEST_KEY = "request_key";
  static final String EXPIRES_AT = "expires_at";

  /** The fields that select the records of an index, by the attribute that is its partition key. */
  private static final Map<String, AuditField> INDEXED =
      Map.of(
          USER_SHARD, AuditField.USER_ID,
          IDENTITY_SHARD, AuditField.IDENTITY,
          MODEL_SHARD, AuditField.MODEL,
          STATUS_SHARD, AuditField.STATUS,
          ERROR_SHARD, AuditField.ERROR);

  static final List<String> DERIVED =
      Stream.concat(
              Stream.of(PK, SK, TIME_AND_ID, SHARD, INTENT_SHARD, REQUEST_KEY, EXPIRES_AT),
              INDEXED.keySet().stream())
          .toList();

  /** The order of {@link AuditField}, then unknown names by alphabet; the table keeps none. */
  private static final Comparator<String> ORDER =
      Comparator.comparingInt(rank(AuditField.names())).thenComparing(Comparator.naturalOrder());

  /** Of up to three bytes each, with room for the shard. */
  private static final int MAX_KEY_CHARACTERS = 600;

  private static final int LONG_DIGITS = 18;

  private AuditItem() {}

  /** The item of a message's record. */
  static Map<String, AttributeValue> of(AuditMessage message, TableConfig config) {
    ObjectNode record = message.record();
    String auditId = record.path("audit_id").textValue();
    String shard = Integer.toString(Math.floorMod(auditId.hashCode(), config.shards()));
    long expiresAt = message.timestamp().plus(config.retention()).getEpochSecond();
    var item = attributes(record);
    item.putAll(key(auditId));
    item.put(EXPIRES_AT, AttributeValue.fromN(Long.toString(expiresAt)));
    item.put(TIME_AND_ID, AttributeValue.fromS(timeAndId(record)));
    item.put(SHARD, AttributeValue.fromS(shard));
    String requestId = record.path("request_id").textValue();
    if (!requestId.isEmpty()) {
      item.put(REQUEST_KEY, AttributeValue.fromS(bounded(requestId)));
    }
    boolean completed = AuditRecord.isCompleted(record);
    if (!completed) {
      item.put(INTENT_SHARD, AttributeValue.fromS(shard));
    }
    INDEXED.forEach(
        (attribute, field) -> {
          JsonNode value = record.path(field.json());
          if (!value.isNull() && (completed || field.isSameInBothPhases())) {
            item.put(attribute, AttributeValue.fromS(indexKey(value.asText(), shard)));
          }
        });
    return item;
  }

  /** The table's key of a record. */
  static Map<String, AttributeValue> key(String auditId) {
    return Map.of(PK, AttributeValue.fromS(auditId), SK, AttributeValue.fromS(RECORD));
  }

  /** The partition of an index that has the records of a shard with one value of a field. */
  static String indexKey(String value, String shard) {
    return bounded(value) + "#" + shard;
  }

  /** A value as a part of a key, of which DynamoDB allows 2,048 bytes: a longer one is hashed. */
  static String bounded(String value) {
    return value.length() <= MAX_KEY_CHARACTERS ? value : "sha256#" + sha256(value);
  }

  private static String sha256(String text) {
    try {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has it", e);
    }
  }

  /** The record of an item. Numbers of equal value are equal, in whatever way they were sent. */
  static ObjectNode record(Map<String, AttributeValue> item) {
    return object(item).without(DERIVED);
  }

  /** The {@link #TIME_AND_ID} of a record: its unique position in an index. */
  static String timeAndId(ObjectNode record) {
    return record.path("timestamp").textValue() + "#" + record.path("audit_id").textValue();
  }

  /** The audit_id in a {@link #TIME_AND_ID}. */
  static String auditId(String timeAndId) {
    return timeAndId.substring(timeAndId.indexOf('#') + 1);
  }

  /** Whether a text is a {@link #TIME_AND_ID}, or the time of one without an id. */
  static boolean isKey(String text) {
    String[] parts = text.split("#", 2);
    return AuditRecord.parseTimestamp(parts[0]).isPresent()
        && (parts.length == 1 || AuditRecord.isId(parts[1]));
  }

  /** The attributes of the members of an object. */
  static Map<String, AttributeValue> attributes(JsonNode object) {
    var attributes = new HashMap<String, AttributeValue>();
    for (var member : object.properties()) {
      attributes.put(member.getKey(), attribute(member.getValue()));
    }
    return attributes;
  }

  private static AttributeValue attribute(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> AttributeValue.fromS(node.textValue());
      case NUMBER -> AttributeValue.fromN(node.asText());
      case BOOLEAN -> AttributeValue.fromBool(node.booleanValue());
      case NULL -> AttributeValue.fromNul(true);
      case ARRAY -> AttributeValue.fromL(node.valueStream().map(AuditItem::attribute).toList());
      case OBJECT -> AttributeValue.fromM(attributes(node));
      case BINARY, MISSING, POJO -> throw new IllegalArgumentException("not read from JSON");
    };
  }

  private static JsonNode json(AttributeValue value) {
    return switch (value.type()) {
      case S -> TextNode.valueOf(value.s());
      case N -> number(value.n());
      case BOOL -> BooleanNode.valueOf(value.bool());
      case NUL -> NullNode.instance;
      case L ->
          JsonNodeFactory.instance
              .arrayNode()
              .addAll(value.l().stream().map(AuditItem::json).toList());
      case M -> object(value.m());
      case B, BS, NS, SS, UNKNOWN_TO_SDK_VERSION ->
          throw new IllegalArgumentException("an unexpected type: " + value.type());
    };
  }

  /** The JSON form of attributes. */
  static ObjectNode object(Map<String, AttributeValue> attributes) {
    var ordered = new TreeMap<String, AttributeValue>(ORDER);
    ordered.putAll(attributes);
    return unordered(ordered);
  }

  /** The JSON form of attributes whose order does not matter. */
  static ObjectNode unordered(Map<String, AttributeValue> attributes) {
    var object = Json.object();
    attributes.forEach((name, value) -> object.set(name, json(value)));
    return object;
  }

  private static ToIntFunction<String> rank(List<String> known) {
    return name -> known.contains(name) ? known.indexOf(name) : known.size();
  }

  private static JsonNode number(String text) {
    var value = new BigDecimal(text).stripTrailingZeros();
    boolean isLong = value.scale() <= 0 && value.precision() - value.scale() <= LONG_DIGITS;
    return isLong ? LongNode.valueOf(value.longValue()) : DecimalNode.valueOf(value);
  }
}
