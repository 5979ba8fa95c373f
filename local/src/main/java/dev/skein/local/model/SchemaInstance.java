package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A small value that fits a JSON Schema, always the same for the same schema. It has every property
 * and as few items as are allowed. Keywords that are not named here, in {@link SampleText} or in
 * {@link SampleNumber} are ignored.
 */
final class SchemaInstance {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_LENGTH = 100;

  private final JsonNode root;

  /** A few lines of schema can describe billions of values. */
  private int left = 10_000;

  private SchemaInstance(JsonNode root) {
    this.root = root;
  }

  /** The value; an empty object if the schema allows no finite value. */
  static JsonNode of(JsonNode schema) {
    JsonNode value = new SchemaInstance(schema).value(schema, Set.of(), 0);
    return value.isMissingNode() ? NODES.objectNode() : value;
  }

  /**
   * @param open the references that are being followed, to detect recursion
   * @return a missing node if there is no finite value
   */
  private JsonNode value(JsonNode schema, Set<String> open, int depth) {
    if (depth > MAX_DEPTH || left-- <= 0) {
      return MissingNode.getInstance();
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    if (!schema.path("enum").isEmpty()) {
      return schema.path("enum").path(0);
    }
    if (schema.path("$ref").isTextual()) {
      return referred(schema.path("$ref").textValue(), open, depth);
    }
    for (String either : List.of("anyOf", "oneOf")) {
      for (JsonNode option : schema.path(either)) {
        JsonNode value = value(option, open, depth + 1);
        if (!value.isMissingNode()) {
          return value;
        }
      }
    }
    return switch (type(schema)) {
      case "object" -> object(schema, open, depth);
      case "array" -> array(schema, open, depth);
      case "integer" -> NODES.numberNode(SampleNumber.integer(schema));
      case "number" -> NODES.numberNode(SampleNumber.number(schema));
      case "boolean" -> NODES.booleanNode(true);
      case "null" -> NODES.nullNode();
      case "all" -> all(schema, open, depth);
      default -> NODES.textNode(SampleText.of(schema));
    };
  }

  private JsonNode referred(String reference, Set<String> open, int depth) {
    if (!reference.startsWith("#") || open.contains(reference)) {
      return MissingNode.getInstance();
    }
    var opened = new HashSet<>(open);
    opened.add(reference);
    String pointer = reference.substring(1);
    return pointer.isEmpty() || pointer.startsWith("/")
        ? value(root.at(pointer), opened, depth + 1)
        : MissingNode.getInstance();
  }

  /** The schema's type, the first of several, or what its other keywords imply. */
  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isTextual() || type.isArray()) {
      return type.isArray() ? type.path(0).asText() : type.textValue();
    }
    if (schema.has("properties")) {
      return "object";
    }
    if (schema.has("items") || schema.has("prefixItems")) {
      return "array";
    }
    return schema.path("allOf").isEmpty() ? "string" : "all";
  }

  /** The merged objects of {@code allOf}, or the value of its first schema. */
  private JsonNode all(JsonNode schema, Set<String> open, int depth) {
    JsonNode first = value(schema.path("allOf").path(0), open, depth + 1);
    return first.isObject() ? object(schema, open, depth) : first;
  }

  private ObjectNode object(JsonNode schema, Set<String> open, int depth) {
    ObjectNode object = NODES.objectNode();
    for (JsonNode part : schema.path("allOf")) {
      if (value(part, open, depth + 1) instanceof ObjectNode more) {
        object.setAll(more);
      }
    }
    for (var property : schema.path("properties").properties()) {
      JsonNode value = value(property.getValue(), open, depth + 1);
      if (!value.isMissingNode()) {
        object.set(property.getKey(), value);
      }
    }
    for (JsonNode name : schema.path("required")) {
      if (!object.has(name.asText())) {
        JsonNode value = value(schema.path("additionalProperties"), open, depth + 1);
        object.set(name.asText(), value.isMissingNode() ? NODES.nullNode() : value);
      }
    }
    return object;
  }

  private ArrayNode array(JsonNode schema, Set<String> open, int depth) {
    ArrayNode array = NODES.arrayNode();
    JsonNode tuple = schema.path("prefixItems");
    int items = Math.max(tuple.size(), schema.path("minItems").asInt());
    for (int i = 0; i < Math.min(items, MAX_LENGTH); i++) {
      JsonNode item =
          value(i < tuple.size() ? tuple.path(i) : schema.path("items"), open, depth + 1);
      if (!item.isMissingNode()) {
        array.add(item);
      }
    }
    return array;
  }
}
