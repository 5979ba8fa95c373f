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
import dev.skein.base.Log;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Converts a record to an item of the table and back. Each field is an attribute of the same name,
 * including fields that are null. The derived attributes serve the indexes and the expiry and are
 * not part of the record.
 */
final class AuditItem {
  static final String DAY = "day";
  static final String TIME_AND_ID = "time_and_id";
  static final String EXPIRES_AT = "expires_at";
  static final List<String> DERIVED = List.of(DAY, TIME_AND_ID, EXPIRES_AT);

  /** The order of {@link AuditField}, then unknown names by alphabet; the table keeps none. */
  private static final Comparator<String> ORDER =
      Comparator.comparingInt(rank(AuditField.names())).thenComparing(Comparator.naturalOrder());

  private static final int DATE_LENGTH = "2026-01-01".length();
  private static final int LONG_DIGITS = 18;

  private AuditItem() {}

  /** The item of a message's record, which expires {@code retention} after its timestamp. */
  static Map<String, AttributeValue> of(AuditMessage message, Duration retention) {
    String key = key(message.record());
    long expiresAt = message.timestamp().plus(retention).getEpochSecond();
    var item = attributes(message.record());
    item.put(DAY, AttributeValue.fromS(key.substring(0, DATE_LENGTH)));
    item.put(TIME_AND_ID, AttributeValue.fromS(key));
    item.put(EXPIRES_AT, AttributeValue.fromN(Long.toString(expiresAt)));
    return item;
  }

  /** The record of an item. Numbers of equal value are equal, in whatever way they were sent. */
  static ObjectNode record(Map<String, AttributeValue> item) {
    return object(item).without(DERIVED);
  }

  /** The {@link #TIME_AND_ID} of a record: its unique position in an index. */
  static String key(ObjectNode record) {
    return record.path("timestamp").textValue() + "#" + record.path("audit_id").textValue();
  }

  /** Whether a text is a {@link #TIME_AND_ID}, or the time of one without an id. */
  static boolean isKey(String text) {
    String[] parts = text.split("#", 2);
    return AuditRecord.parseTimestamp(parts[0]).isPresent()
        && (parts.length == 1 || AuditRecord.isId(parts[1]));
  }

  /** The day of a key. */
  static LocalDate day(String key) {
    return LocalDate.parse(key.substring(0, DATE_LENGTH));
  }

  /** The time at which a day begins. */
  static String startOf(LocalDate day) {
    return Log.timestamp(day.atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  private static Map<String, AttributeValue> attributes(JsonNode object) {
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

  private static ObjectNode object(Map<String, AttributeValue> attributes) {
    var ordered = new TreeMap<String, AttributeValue>(ORDER);
    ordered.putAll(attributes);
    var object = Json.object();
    ordered.forEach((name, value) -> object.set(name, json(value)));
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
