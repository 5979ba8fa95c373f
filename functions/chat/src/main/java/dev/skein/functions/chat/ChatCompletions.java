package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.api.JsonBody;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmRequest.Defaults;

/**
 * {@code POST /v1/chat/completions}.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">OpenAI API reference,
 *     Create chat completion</a>
 */
record ChatCompletions(ChatConfig config) implements OpenAiRoute {

  @Override
  public LlmApi api() {
    return LlmApi.CHAT_COMPLETIONS;
  }

  @Override
  public void validate(JsonBody body) {
    body.objects("messages");
    // The audit record holds one answer.
    body.integer("n", 1, 1, 1);
    body.integer("max_tokens", 1, 1, config.maxTokens());
    body.integer("max_completion_tokens", 1, 1, config.maxTokens());
  }

  @Override
  public Defaults defaults() {
    return Defaults.maxTokens(config.maxTokens());
  }

  /** The last message of the user. */
  @Override
  public String message(JsonNode fields) {
    JsonNode last = MissingNode.getInstance();
    for (JsonNode message : fields.path("messages")) {
      if (message.path("role").asText().equals("user")) {
        last = message;
      }
    }
    return text(last.path("content"));
  }

  @Override
  public JsonNode messages(JsonNode fields) {
    return fields.path("messages");
  }

  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    var text = new StringBuilder();
    for (JsonNode part : content) {
      if (part.hasNonNull("text")) {
        text.append(text.isEmpty() ? "" : "\n").append(part.path("text").asText());
      }
    }
    return text.toString();
  }
}
