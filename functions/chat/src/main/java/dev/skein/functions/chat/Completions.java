package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.JsonBody;
import dev.skein.llm.LlmApi;

/**
 * {@code POST /v1/completions}: a legacy text completion. No token limit is added, because the
 * providers' own default is a small one.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/completions/create">OpenAI API
 *     reference, Create completion</a>
 */
record Completions(ChatConfig config) implements OpenAiRoute {

  @Override
  public LlmApi api() {
    return LlmApi.COMPLETIONS;
  }

  @Override
  public void validate(JsonBody body) {
    body.required(
        "prompt",
        Completions::isOnePrompt,
        "must be a single prompt: a string, or an array of one string or of token IDs. Send one"
            + " request per prompt, because an audit record holds one answer");
    body.integer("n", 1, 1, 1);
    body.integer("best_of", 1, 1, 1);
    // With echo, none at all is a way to get the prompt's log probabilities.
    body.integer("max_tokens", 0, 0, config.maxTokens());
  }

  private static boolean isOnePrompt(JsonNode prompt) {
    JsonNode only = prompt.isArray() && prompt.size() == 1 ? prompt.path(0) : prompt;
    return only.isTextual() || areTokens(only) || areTokens(prompt);
  }

  private static boolean areTokens(JsonNode prompt) {
    return prompt.isArray()
        && !prompt.isEmpty()
        && prompt.valueStream().allMatch(JsonNode::isIntegralNumber);
  }

  /** The prompt, unless it consists of tokens. */
  @Override
  public String message(JsonNode fields) {
    return OpenAiRoute.text(fields.path("prompt"));
  }
}
