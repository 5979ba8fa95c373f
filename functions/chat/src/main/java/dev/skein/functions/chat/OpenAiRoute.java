package dev.skein.functions.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.api.JsonBody;
import dev.skein.api.RefusedException;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmRequest.Defaults;
import java.util.StringJoiner;

/** What tells one route of the OpenAI format from another. Thread-safe. */
sealed interface OpenAiRoute permits ChatCompletions, Completions, Embeddings {

  /** The longest name of a model, in characters. */
  int MAX_MODEL = 256;

  /** What callers may ask for. */
  ChatConfig config();

  /** The provider's API that answers. */
  LlmApi api();

  /** Validates the fields that Skein limits, and the one that it shows in the audit trail. */
  void validate(JsonBody body);

  /** The model that the body names, or the default one. */
  default String model(JsonBody body) {
    return body.optionalText("model", MAX_MODEL).orElse(config().model());
  }

  /** Refuses a model that callers of this route may not request. */
  default void requireAllowed(String model) throws RefusedException {
    config().requireAllowed(model);
  }

  /** What is sent if the caller does not send it. */
  default Defaults defaults() {
    return Defaults.NONE;
  }

  /** The text of a validated request that is audited; may be empty. */
  String message(JsonNode fields);

  /** The messages of a validated chat, which are its whole prompt; missing if it is no chat. */
  default JsonNode messages(JsonNode fields) {
    return MissingNode.getInstance();
  }

  /** A string, or those of an array, one per line; empty if there are tokens instead. */
  static String text(JsonNode input) {
    if (input.isTextual()) {
      return input.textValue();
    }
    var text = new StringJoiner("\n");
    for (JsonNode item : input) {
      if (item.isTextual()) {
        text.add(item.textValue());
      }
    }
    return text.toString();
  }
}
