package dev.skein.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Which JSON is accepted as the value of an audit record's field. */
enum FieldType {
  VERSION(Integer.toString(AuditRecord.SCHEMA_VERSION)),
  ID("a string of 1 to 128 characters"),
  TIMESTAMP("a UTC time with exactly three decimals"),
  PHASE("intent or completed"),
  STRING("a string"),
  STRING_OR_NULL("a string or null"),
  STRINGS("a list of strings"),
  SHA256_OR_NULL("64 lowercase hex digits or null"),
  SALT("32 lowercase hex digits"),
  /** 128 characters of up to four bytes; a DynamoDB partition key may have 2,048. */
  USER_ID("a string of 1 to 512 bytes"),
  BOOLEAN("true or false"),
  COUNT("a non-negative integer"),
  COUNT_OR_NULL("a non-negative integer or null"),
  RATE_OR_NULL("a number of at least 0 or null"),
  USD_OR_NULL(
      "a string of decimal dollars, at most 10 digits before the point and 9 after it, or null"),
  USD_BOUNDS_OR_NULL("an object with the dollars low and high or null"),
  CALLS("an object with the counts total, ok and failed"),
  TRIED("a list of objects with model, result and count");

  private static final String HEX = "0123456789abcdef";

  /** What is accepted, as it follows "must be". */
  final String expected;

  FieldType(String expected) {
    this.expected = expected;
  }

  /** The names of an object's members, in the order of writing; empty for other types. */
  List<String> members() {
    return switch (this) {
      case CALLS -> List.of("total", "ok", "failed");
      case TRIED -> List.of("model", "result", "count");
      case USD_BOUNDS_OR_NULL -> List.of("low", "high");
      default -> List.of();
    };
  }

  private static boolean isHex(JsonNode node, int digits) {
    return node.isTextual()
        && node.textValue().length() == digits
        && node.textValue().chars().allMatch(c -> HEX.indexOf(c) >= 0);
  }

  boolean accepts(JsonNode node) {
    return switch (this) {
      case VERSION -> node.isInt() && node.intValue() == AuditRecord.SCHEMA_VERSION;
      case ID -> node.isTextual() && AuditRecord.isId(node.textValue());
      case TIMESTAMP ->
          node.isTextual() && AuditRecord.parseTimestamp(node.textValue()).isPresent();
      case PHASE -> node.isTextual() && List.of("intent", "completed").contains(node.textValue());
      case STRING -> node.isTextual();
      case STRING_OR_NULL -> node.isTextual() || node.isNull();
      case STRINGS -> node.isArray() && node.valueStream().allMatch(JsonNode::isTextual);
      case SHA256_OR_NULL -> node.isNull() || isHex(node, 64);
      case SALT -> isHex(node, 32);
      case USER_ID -> {
        int bytes = node.isTextual() ? node.textValue().getBytes(StandardCharsets.UTF_8).length : 0;
        yield bytes >= 1 && bytes <= 512;
      }
      case BOOLEAN -> node.isBoolean();
      case COUNT -> node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
      case COUNT_OR_NULL -> node.isNull() || COUNT.accepts(node);
      case RATE_OR_NULL -> node.isNull() || (node.isNumber() && node.doubleValue() >= 0);
      case USD_OR_NULL -> node.isNull() || isUsd(node);
      case USD_BOUNDS_OR_NULL ->
          node.isNull() || (isUsd(node.path("low")) && isUsd(node.path("high")));
      case CALLS -> members().stream().allMatch(count -> COUNT.accepts(node.path(count)));
      case TRIED -> node.isArray() && node.valueStream().allMatch(FieldType::isTried);
    };
  }

  private static boolean isUsd(JsonNode node) {
    String text = node.asText("");
    int point = text.indexOf('.');
    return node.isTextual()
        && (point < 0
            ? isDigits(text, 10)
            : isDigits(text.substring(0, point), 10) && isDigits(text.substring(point + 1), 9));
  }

  private static boolean isDigits(String text, int atMost) {
    return !text.isEmpty()
        && text.length() <= atMost
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean isTried(JsonNode node) {
    return node.path("model").isTextual()
        && node.path("result").isTextual()
        && COUNT.accepts(node.path("count"));
  }
}
