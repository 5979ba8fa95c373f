package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.JsonBody;
import dev.skein.api.RefusedException;
import dev.skein.llm.LlmApi;

/**
 * {@code POST /v1/embeddings}. The model is required: a default that changes would mix the vectors
 * of two models, which cannot be compared.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/embeddings/create">OpenAI API
 *     reference, Create embeddings</a>
 */
record Embeddings(ChatConfig config) implements OpenAiRoute {

  @Override
  public LlmApi api() {
    return LlmApi.EMBEDDINGS;
  }

  @Override
  public void validate(JsonBody body) {
    body.required(
        "input",
        input -> input.isTextual() || (input.isArray() && !input.isEmpty()),
        "must be a string, or an array of strings or of token IDs");
  }

  @Override
  public String model(JsonBody body) {
    return body.text("model", MAX_MODEL);
  }

  @Override
  public void requireAllowed(String model) throws RefusedException {
    config.requireEmbeddingModel(model);
  }

  /** The inputs, unless they consist of tokens. */
  @Override
  public String message(JsonNode fields) {
    return OpenAiRoute.text(fields.path("input"));
  }
}
