package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How much a model that thinks reasons before it answers, and what such a model refuses in a chat
 * completion, as OpenAI's reasoning models do.
 */
enum ReasoningEffort {
  NONE(0),
  LOW(64),
  MEDIUM(256),
  HIGH(1024);

  private final int tokens;

  ReasoningEffort(int tokens) {
    this.tokens = tokens;
  }

  /** The hidden tokens that it costs. */
  int tokens() {
    return tokens;
  }

  /**
   * The effort of a request, {@code MEDIUM} if it names none.
   *
   * @throws ApiException if the request has a parameter, or a value, that the model does not
   *     support
   */
  static ReasoningEffort of(JsonNode request) {
    if (request.has("max_tokens")) {
      throw ApiException.unsupportedParameter("max_tokens", "max_completion_tokens");
    }
    ReasoningEffort effort = named(request.path("reasoning_effort"));
    if (effort != NONE) {
      requireDefaultTemperature(request.path("temperature"));
      requireNoTools(request.path("tools"));
    }
    return effort;
  }

  private static ReasoningEffort named(JsonNode effort) {
    if (effort.isMissingNode()) {
      return MEDIUM;
    }
    return Stream.of(values())
        .filter(it -> it.name().toLowerCase(Locale.ROOT).equals(effort.textValue()))
        .findFirst()
        .orElseThrow(
            () ->
                ApiException.unsupportedValue(
                    "reasoning_effort",
                    effort,
                    "Supported values are: 'none', 'low', 'medium', and 'high'."));
  }

  private static void requireDefaultTemperature(JsonNode temperature) {
    boolean absent = temperature.isMissingNode() || temperature.isNull();
    if (!absent && !(temperature.isNumber() && temperature.doubleValue() == 1)) {
      throw ApiException.unsupportedValue(
          "temperature", temperature, "Only the default (1) is supported.");
    }
  }

  private static void requireNoTools(JsonNode tools) {
    if (!tools.isEmpty()) {
      throw new ApiException(
          400,
          null,
          "This model supports function tools in chat completions only if 'reasoning_effort' is"
              + " 'none'.",
          "reasoning_effort");
    }
  }
}
