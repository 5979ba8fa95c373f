package dev.skein.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.math.BigDecimal;
import java.util.Map;

/** Values as DynamoDB writes them in JSON, each with its type: {@code {"S":"text"}}. */
final class DynamoDbJson {
  private DynamoDbJson() {}

  /**
   * The plain JSON of an item.
   *
   * @throws IllegalArgumentException if it is not an item
   */
  static ObjectNode item(JsonNode typed) {
    var object = Json.object();
    for (Map.Entry<String, JsonNode> attribute : typed.properties()) {
      object.set(attribute.getKey(), value(attribute.getValue()));
    }
    return object;
  }

  private static JsonNode value(JsonNode typed) {
    if (typed.size() != 1) {
      throw new IllegalArgumentException("not a typed value");
    }
    Map.Entry<String, JsonNode> only = typed.properties().iterator().next();
    JsonNode value = only.getValue();
    return switch (only.getKey()) {
      // Sets occur in no item of the trail, but an edited one may have them.
      case "S", "B", "BOOL", "SS", "NS", "BS" -> value;
      case "N" -> DecimalNode.valueOf(new BigDecimal(value.asText()));
      case "NULL" -> NullNode.instance;
      case "L" ->
          JsonNodeFactory.instance
              .arrayNode()
              .addAll(value.valueStream().map(DynamoDbJson::value).toList());
      case "M" -> item(value);
      default -> throw new IllegalArgumentException("not a type of DynamoDB");
    };
  }
}
