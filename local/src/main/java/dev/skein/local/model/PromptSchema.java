package dev.skein.local.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;

/** The JSON Schema that a prompt contains, as clients write it for models without schemas. */
final class PromptSchema {
  private static final JsonMapper JSON = new JsonMapper();

  private PromptSchema() {}

  /** The last schema in the text, because examples come before it; a missing node if none. */
  static JsonNode in(String prompt) {
    JsonNode found = MissingNode.getInstance();
    int begin = prompt.indexOf('{');
    while (begin >= 0) {
      int length = 1;
      try (JsonParser parser = JSON.createParser(prompt.substring(begin))) {
        JsonNode object = parser.readValueAsTree();
        length = (int) parser.currentLocation().getCharOffset();
        found = object.path("properties").isObject() || object.has("$ref") ? object : found;
      } catch (IOException e) {
        // Not JSON: look behind this brace.
      }
      begin = prompt.indexOf('{', begin + length);
    }
    return found;
  }
}
