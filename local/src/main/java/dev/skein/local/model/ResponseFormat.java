package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;

/**
 * The form that a request wants the answer's text in.
 *
 * @param type {@code text}, {@code json_object} or {@code json_schema}; any other is a fault
 * @param schema the JSON Schema of the last; else it may be missing
 */
record ResponseFormat(String type, JsonNode schema) {

  static ResponseFormat of(JsonNode request) {
    JsonNode format = request.path("response_format");
    return new ResponseFormat(
        format.isMissingNode() || format.isNull() ? "text" : format.path("type").asText(),
        format.path("json_schema").path("schema"));
  }

  /** What the stand-in cannot make sense of. */
  Optional<ApiError> fault() {
    boolean understood =
        switch (type) {
          case "text", "json_object" -> true;
          case "json_schema" -> schema.isObject();
          default -> false;
        };
    return understood
        ? Optional.empty()
        : Optional.of(
            ApiError.field(
                "response_format",
                "\"response_format\" must have the type text, json_object, or json_schema with a"
                    + " \"schema\"."));
  }

  /** This answer in JSON, or a value that fits the schema and has nothing of the answer. */
  String rendered(String answer) {
    return switch (type) {
      case "json_object" -> JsonNodeFactory.instance.objectNode().put("answer", answer).toString();
      case "json_schema" -> SchemaInstance.of(schema).toString();
      default -> answer;
    };
  }
}
