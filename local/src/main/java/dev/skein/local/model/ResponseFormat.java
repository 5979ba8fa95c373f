package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;

/**
 * The requested format of the reply.
 *
 * @param type {@code text}, {@code json_object} or {@code json_schema}
 * @param schema the JSON Schema of the latter; with {@code json_object} the one in the prompt, if
 *     there is one; else missing
 */
record ResponseFormat(String type, JsonNode schema) {

  /**
   * @param prompt the text of all messages
   * @throws ApiException if the format is unknown
   */
  static ResponseFormat of(JsonNode request, String prompt) {
    JsonNode format = request.path("response_format");
    JsonNode schema = format.path("json_schema").path("schema");
    String type = format.isMissingNode() || format.isNull() ? "text" : format.path("type").asText();
    if (!List.of("text", "json_object").contains(type)
        && !(type.equals("json_schema") && schema.isObject())) {
      throw ApiException.field(
          "response_format",
          "\"response_format\" must have the type text, json_object, or json_schema with a"
              + " \"schema\".");
    }
    return new ResponseFormat(type, type.equals("json_object") ? PromptSchema.in(prompt) : schema);
  }

  /** The answer in this format; for a schema, sample values instead of the answer. */
  String rendered(String answer) {
    if (!schema.isMissingNode()) {
      return SchemaInstance.of(schema).toString();
    }
    return type.equals("json_object")
        ? JsonNodeFactory.instance.objectNode().put("answer", answer).toString()
        : answer;
  }
}
