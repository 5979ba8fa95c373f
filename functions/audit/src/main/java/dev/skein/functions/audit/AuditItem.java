package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A record as an item of the table, and back. Each member of the record is an attribute of the same
 * name, a null too, so that what was told as unknown is read as unknown; the derived attributes
 * serve the indexes and the expiry, and are no part of the record.
 */
final class AuditItem {
  static final String DAY = "day";
  static final String TIME_AND_ID = "time_and_id";
  static final String EXPIRES_AT = "expires_at";
  static final List<String> DERIVED = List.of(DAY, TIME_AND_ID, EXPIRES_AT);

  /** The order in which {@code AuditRecord.toJson} writes; the table keeps none. */
  private static final List<String> ORDER =
      List.of(
          "schema_version",
          "audit_id",
          "timestamp",
          "phase",
          "request_id",
          "endpoint",
          "user_id",
          "identity",
          "model",
          "message_preview",
          "response_preview",
          "prompt_tokens",
          "completion_tokens",
          "total_tokens",
          "calls",
          "total",
          "ok",
          "failed",
          "attempts",
          "tried",
          "result",
          "count",
          "latency_ms",
          "status",
          "error",
          "truncated",
          "time_to_first_token_ms",
          "tokens_per_second");

  private static final int DATE_LENGTH = "2026-01-01".length();
  private static final int TIME_LENGTH = "2026-01-01T00:00:00.000Z".length();
  private static final int MAX_ID_CHARACTERS = 128;
  private static final int LONG_DIGITS = 18;

  private AuditItem() {}

  /** The item that keeps a message's record until its time and {@code retention} have passed. */
  static Map<String, AttributeValue> of(AuditMessage message, Duration retention) {
    String key = key(message.record());
    long expiresAt = message.timestamp().plus(retention).getEpochSecond();
    var item = attributes(message.record());
    item.put(DAY, AttributeValue.fromS(key.substring(0, DATE_LENGTH)));
    item.put(TIME_AND_ID, AttributeValue.fromS(key));
    item.put(EXPIRES_AT, AttributeValue.fromN(Long.toString(expiresAt)));
    return item;
  }

  /** The record that an item keeps; equal records are equal, however their numbers were written. */
  static ObjectNode record(Map<String, AttributeValue> item) {
    return object(item).without(DERIVED);
  }

  static boolean isId(String text) {
    return !text.isEmpty() && text.codePointCount(0, text.length()) <= MAX_ID_CHARACTERS;
  }

  /** The time, where it is written exactly as {@link Log#timestamp} writes it. */
  static Optional<Instant> instant(String text) {
    if (text.length() != TIME_LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text)).filter(time -> Log.timestamp(time).equals(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The {@link #TIME_AND_ID} of a record: its place in an index, and its alone. */
  static String key(ObjectNode record) {
    return record.path("timestamp").textValue() + "#" + record.path("audit_id").textValue();
  }

  /** Whether a text could be a {@link #TIME_AND_ID}, or is the bare time of one. */
  static boolean isKey(String text) {
    int end = Math.min(TIME_LENGTH, text.length());
    String rest = text.substring(end);
    return instant(text.substring(0, end)).isPresent()
        && (rest.isEmpty() || (rest.startsWith("#") && isId(rest.substring(1))));
  }

  /** The day of a key. */
  static LocalDate day(String key) {
    return LocalDate.parse(key.substring(0, DATE_LENGTH));
  }

  /** The bare time at which a day begins. */
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
      case L -> array(value.l());
      case M -> object(value.m());
      case B, BS, NS, SS, UNKNOWN_TO_SDK_VERSION ->
          throw new IllegalArgumentException("written by somebody else: " + value.type());
    };
  }

  private static ObjectNode object(Map<String, AttributeValue> attributes) {
    var object = Json.object();
    attributes.entrySet().stream()
        .sorted(
            Comparator.comparingInt((Entry<String, ?> member) -> rank(member.getKey()))
                .thenComparing(Entry::getKey))
        .forEach(member -> object.set(member.getKey(), json(member.getValue())));
    return object;
  }

  private static int rank(String name) {
    int place = ORDER.indexOf(name);
    return place < 0 ? ORDER.size() : place;
  }

  private static ArrayNode array(List<AttributeValue> values) {
    var array = JsonNodeFactory.instance.arrayNode();
    values.forEach(value -> array.add(json(value)));
    return array;
  }

  private static JsonNode number(String text) {
    var value = new BigDecimal(text).stripTrailingZeros();
    boolean isLong = value.scale() <= 0 && value.precision() - value.scale() <= LONG_DIGITS;
    return isLong ? LongNode.valueOf(value.longValue()) : DecimalNode.valueOf(value);
  }
}
