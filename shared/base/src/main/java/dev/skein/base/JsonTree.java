package dev.skein.base;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;

/**
 * Reads and writes databind's trees without its {@code ObjectMapper}, whose 300 classes would take
 * a tenth of a cold start's CPU time.
 */
final class JsonTree {
  private JsonTree() {}

  /**
   * The value whose first token is the current one; its last token is the current one afterwards.
   *
   * @throws MalformedJsonException if the reading is not lenient, and an object has a name twice
   *     (otherwise the last one counts); or if it is exact, and an exponent has more than ten
   *     digits
   */
  static JsonNode read(JsonParser tokens, Json.Reading reading)
      throws IOException, MalformedJsonException {
    return switch (tokens.currentToken()) {
      case START_OBJECT -> object(tokens, reading);
      case START_ARRAY -> array(tokens, reading);
      case VALUE_STRING -> TextNode.valueOf(tokens.getText());
      case VALUE_NUMBER_INT -> integer(tokens);
      case VALUE_NUMBER_FLOAT ->
          reading == Json.Reading.EXACT
              ? decimal(tokens)
              : DoubleNode.valueOf(tokens.getDoubleValue());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw new IllegalStateException("no value begins with " + tokens.currentToken());
    };
  }

  private static DecimalNode decimal(JsonParser tokens) throws IOException, MalformedJsonException {
    try {
      return DecimalNode.valueOf(tokens.getDecimalValue());
    } catch (NumberFormatException e) { // Jackson passes on what BigDecimal throws
      throw new MalformedJsonException(
          "has a number with too large an exponent: "
              + Json.position(tokens.currentTokenLocation()));
    }
  }

  private static ObjectNode object(JsonParser tokens, Json.Reading reading)
      throws IOException, MalformedJsonException {
    var object = new ObjectNode(JsonNodeFactory.instance);
    for (String name = tokens.nextFieldName(); name != null; name = tokens.nextFieldName()) {
      if (reading != Json.Reading.LENIENT && object.has(name)) {
        throw new MalformedJsonException(
            "has a name twice in one object: " + Json.position(tokens.currentTokenLocation()));
      }
      tokens.nextToken();
      object.set(name, read(tokens, reading));
    }
    return object;
  }

  private static ArrayNode array(JsonParser tokens, Json.Reading reading)
      throws IOException, MalformedJsonException {
    var array = new ArrayNode(JsonNodeFactory.instance);
    while (tokens.nextToken() != JsonToken.END_ARRAY) {
      array.add(read(tokens, reading));
    }
    return array;
  }

  private static JsonNode integer(JsonParser tokens) throws IOException {
    return switch (tokens.getNumberType()) {
      case INT -> IntNode.valueOf(tokens.getIntValue());
      case LONG -> LongNode.valueOf(tokens.getLongValue());
      default -> BigIntegerNode.valueOf(tokens.getBigIntegerValue());
    };
  }

  /** Writes a tree of nodes that {@link #read} or {@link Json#object} has made. */
  static void write(JsonNode node, JsonGenerator to) throws IOException {
    switch (node.getNodeType()) {
      case OBJECT -> {
        to.writeStartObject();
        for (var member : node.properties()) {
          to.writeFieldName(member.getKey());
          write(member.getValue(), to);
        }
        to.writeEndObject();
      }
      case ARRAY -> {
        to.writeStartArray();
        for (JsonNode child : node) {
          write(child, to);
        }
        to.writeEndArray();
      }
      case STRING -> to.writeString(node.textValue());
      case NUMBER -> writeNumber(node, to);
      case BOOLEAN -> to.writeBoolean(node.booleanValue());
      case NULL, MISSING -> to.writeNull();
      case BINARY, POJO -> throw new IllegalArgumentException("not JSON: " + node.getNodeType());
    }
  }

  private static void writeNumber(JsonNode number, JsonGenerator to) throws IOException {
    switch (number.numberType()) {
      case INT, LONG -> to.writeNumber(number.longValue());
      case BIG_INTEGER -> to.writeNumber(number.bigIntegerValue());
      case FLOAT, DOUBLE -> to.writeNumber(number.doubleValue());
      case BIG_DECIMAL -> to.writeNumber(number.decimalValue());
    }
  }
}
