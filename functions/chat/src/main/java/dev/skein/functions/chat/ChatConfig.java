package dev.skein.functions.chat;

import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.base.Settings;
import dev.skein.llm.LlmConfig;
import java.util.List;

/**
 * What a chat may ask for.
 *
 * @param model what answers when the caller names none
 * @param allowedModels what the caller may name
 * @param maxTokens the most tokens of a reply, and what is asked for when the caller does not say
 */
record ChatConfig(String model, List<String> allowedModels, int maxTokens) {

  ChatConfig {
    allowedModels = List.copyOf(allowedModels);
  }

  static ChatConfig from(Settings settings, LlmConfig llm) {
    return new ChatConfig(
        llm.model(),
        llm.allowedModels(),
        settings.integer("CHAT_MAX_TOKENS", 32_000, 1, 1_000_000));
  }

  /** Refuses a model that the caller may not request. */
  void requireAllowed(String model) throws RefusedException {
    if (!allowedModels.contains(model)) {
      throw new RefusedException(
          new Problem(
              "model-not-found",
              "Model not found",
              404,
              "This model may not be requested. Those that may are: "
                  + String.join(", ", allowedModels)
                  + "."));
    }
  }
}
