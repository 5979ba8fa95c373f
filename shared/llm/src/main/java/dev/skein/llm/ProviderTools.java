package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * What a request asks the provider to run for it, such as a search of the web: that is billed
 * beside the tokens, or by tokens that providers report in different ways, or not at all.
 */
final class ProviderTools {
  /** OpenAI's, xAI's, OpenRouter's, Alibaba's. */
  private static final Set<String> FIELDS =
      Set.of("web_search_options", "search_parameters", "plugins", "enable_search");

  private ProviderTools() {}

  /** Whether a request asks for any. */
  static boolean areIn(JsonNode request) {
    for (String field : FIELDS) {
      JsonNode value = request.path(field);
      // An empty object has a search with its defaults.
      if (value.isObject() || OpenAiReply.hasValue(value)) {
        return true;
      }
    }
    for (JsonNode tool : request.path("tools")) {
      if (!isCallers(tool)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the caller runs it: the model only asks for it. */
  private static boolean isCallers(JsonNode tool) {
    String type = tool.path("type").asText("");
    return type.equals("function")
        || type.equals("custom")
        || (type.isEmpty() && tool.has("function"));
  }
}
