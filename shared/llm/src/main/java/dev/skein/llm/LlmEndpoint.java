package dev.skein.llm;

import java.net.URI;
import java.util.Optional;

/**
 * One OpenAI-compatible API.
 *
 * @param baseUrl without the trailing slash, such as {@code https://api.openai.com/v1}
 * @param apiKey empty for servers that require none
 * @param model the model to ask for after a failover, or when the caller names none
 * @param profile what the operator knows about its models, which precedes what Skein knows
 */
public record LlmEndpoint(
    URI baseUrl, Optional<String> apiKey, String model, ModelProfile profile) {

  /** An endpoint about whose models the operator says nothing. */
  public LlmEndpoint(URI baseUrl, Optional<String> apiKey, String model) {
    this(baseUrl, apiKey, model, ModelProfile.UNKNOWN);
  }

  /** Everything but the key. */
  @Override
  public String toString() {
    return "LlmEndpoint[baseUrl=%s, model=%s]".formatted(baseUrl, model);
  }
}
