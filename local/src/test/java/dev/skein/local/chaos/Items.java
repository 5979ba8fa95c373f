package dev.skein.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Items of the table as JSON. */
final class Items {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Items() {}

  static JsonNode json(Map<String, AttributeValue> item) {
    var object = JSON.objectNode();
    item.forEach((name, value) -> object.set(name, json(value)));
    return object;
  }

  /** Whether two values are equal, however their numbers are spelled. */
  static boolean areEqual(JsonNode one, JsonNode other) {
    return one.equals(Items::compare, other);
  }

  private static int compare(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.decimalValue().compareTo(other.decimalValue())
        : one.equals(other) ? 0 : 1;
  }

  private static JsonNode json(AttributeValue value) {
    return switch (value.type()) {
      case S -> JSON.textNode(value.s());
      case N -> JSON.numberNode(new BigDecimal(value.n()));
      case BOOL -> JSON.booleanNode(value.bool());
      case M -> json(value.m());
      case L -> {
        var list = JSON.arrayNode();
        value.l().forEach(element -> list.add(json(element)));
        yield list;
      }
      case NUL -> JSON.nullNode();
      default -> JSON.textNode(value.toString());
    };
  }
}
