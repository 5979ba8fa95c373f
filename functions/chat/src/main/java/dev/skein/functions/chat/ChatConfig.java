package dev.skein.functions.chat;

import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.base.Settings;
import dev.skein.llm.LlmConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the callers of the chat function may ask for.
 *
 * @param model what answers when the caller names none
 * @param allowedModels what the caller may name for a chat or a completion
 * @param embeddingModels what the caller may name for embeddings; empty if there are none
 * @param maxTokens the most tokens of a reply, and what a chat asks for when the caller does not
 *     say
 */
record ChatConfig(
    String model, List<String> allowedModels, List<String> embeddingModels, int maxTokens) {
  private static final List<String> OPENAI_EMBEDDING_MODELS =
      List.of("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002");

  ChatConfig {
    allowedModels = List.copyOf(allowedModels);
    embeddingModels = List.copyOf(embeddingModels);
  }

  static ChatConfig from(Settings settings, LlmConfig llm) {
    List<String> embeddingModels = settings.list("OPENAI_EMBEDDING_MODELS");
    return new ChatConfig(
        llm.model(),
        llm.allowedModels(),
        embeddingModels.isEmpty() && llm.isOpenAi() ? OPENAI_EMBEDDING_MODELS : embeddingModels,
        settings.integer("CHAT_MAX_TOKENS", 32_000, 1, 1_000_000));
  }

  /** All models, each once. */
  List<String> models() {
    return Stream.concat(allowedModels.stream(), embeddingModels.stream()).distinct().toList();
  }

  /** Refuses a model that the caller may not request for a chat or a completion. */
  void requireAllowed(String model) throws RefusedException {
    if (!allowedModels.contains(model)) {
      throw embeddingModels.contains(model)
          ? notFound("This is an embedding model: use it with POST /v1/embeddings.")
          : notAmong(allowedModels);
    }
  }

  /** Refuses a model that the caller may not request for embeddings. */
  void requireEmbeddingModel(String model) throws RefusedException {
    if (!embeddingModels.contains(model)) {
      throw embeddingModels.isEmpty()
          ? notFound(
              "No embedding model is configured: name those of OPENAI_BASE_URL in the setting"
                  + " OPENAI_EMBEDDING_MODELS.")
          : notAmong(embeddingModels);
    }
  }

  /** Refuses a model that the caller may not request on any route. */
  void requireKnown(String model) throws RefusedException {
    if (!models().contains(model)) {
      throw notAmong(models());
    }
  }

  private static RefusedException notAmong(List<String> models) {
    return notFound(
        "This model may not be requested here. Those that may are: %s."
            .formatted(String.join(", ", models)));
  }

  private static RefusedException notFound(String detail) {
    return new RefusedException(new Problem("model-not-found", "Model not found", 404, detail));
  }
}
