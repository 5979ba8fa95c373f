package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.Optional;
import java.util.Set;

/**
 * The most tokens that a request can be billed for, for attempts that ended before the provider
 * reported any.
 *
 * @param prompt the bytes of the request, and {@value #TEMPLATE_TOKENS} more. Each token of the
 *     tokenizers in use stands for at least one byte of UTF-8, and the JSON around a text is longer
 *     than what a model's chat template puts around it, apart from what a template adds once: its
 *     own instructions, and those for the use of tools
 * @param completion the request's token limit, which includes what the model thinks
 */
public record TokenBound(long prompt, long completion) {
  private static final int TEMPLATE_TOKENS = 1024;

  /**
   * The fields whose part of the bill is in the two counts. Others may make the provider read pages
   * from the web, or call another model.
   */
  private static final Set<String> COUNTED =
      Set.of(
          "model",
          "messages",
          "prompt",
          "suffix",
          "input",
          "max_tokens",
          "max_completion_tokens",
          "temperature",
          "top_p",
          "stop",
          "n",
          "best_of",
          "echo",
          "seed",
          "stream",
          "stream_options",
          "user",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "functions",
          "function_call",
          "response_format",
          "reasoning_effort",
          "verbosity",
          "frequency_penalty",
          "presence_penalty",
          "logit_bias",
          "logprobs",
          "top_logprobs",
          "metadata",
          "service_tier",
          "store",
          "prompt_cache_key",
          "safety_identifier",
          "dimensions",
          "encoding_format");

  /**
   * The bound of a request; empty if it has none: because it has no token limit, or refers to what
   * is not in it, such as an image.
   */
  static Optional<TokenBound> of(RequestBody body) {
    ObjectNode json = body.json();
    long completion =
        body.request().api() == LlmApi.EMBEDDINGS
            ? 0
            : Math.max(
                json.path(RequestBody.MAX_TOKENS).asLong(-1),
                json.path(RequestBody.MAX_COMPLETION_TOKENS).asLong(-1));
    return completion < 0 || !isCounted(json)
        ? Optional.empty()
        : Optional.of(
            new TokenBound(Json.STRICT.writeUtf8(json).length + TEMPLATE_TOKENS, completion));
  }

  private static boolean isCounted(ObjectNode json) {
    for (var field : json.properties()) {
      if (!COUNTED.contains(field.getKey())) {
        return false;
      }
    }
    for (JsonNode message : json.path("messages")) {
      if (message.hasNonNull("audio") || !isText(message.path("content"))) {
        return false;
      }
    }
    return !ProviderTools.areIn(json);
  }

  private static boolean isText(JsonNode content) {
    if (content.isArray()) {
      for (JsonNode part : content) {
        String type = part.path("type").asText("text");
        if (!type.equals("text") && !type.equals("refusal")) {
          return false;
        }
      }
    }
    return true;
  }
}
