package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.JsonBody;
import dev.skein.api.RefusedException;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmRequest.Defaults;

/** What tells one route of the OpenAI format from another. Thread-safe. */
sealed interface OpenAiRoute permits ChatCompletions, Completions, Embeddings {

  /** The provider's API that answers. */
  LlmApi api();

  /** Validates the fields that Skein limits, and the one that it shows in the audit trail. */
  void validate(JsonBody body);

  /**
   * The model to ask. Reads the body's {@code model}.
   *
   * @param maxCharacters of its name
   */
  String model(JsonBody body, int maxCharacters);

  /** Refuses a model that callers of this route may not request. */
  void requireAllowed(String model) throws RefusedException;

  /** What is sent if the caller does not. */
  Defaults defaults();

  /** The text that the audit record shows of a validated request; may be empty. */
  String preview(JsonNode fields);

  /** A string, or the first one of an array; empty if there are tokens instead. */
  static String firstText(JsonNode input) {
    JsonNode first = input.isArray() ? input.path(0) : input;
    return first.isTextual() ? first.textValue() : "";
  }
}
