package dev.skein.llm;

import java.net.URI;
import java.util.Optional;

/**
 * One OpenAI-compatible API.
 *
 * @param baseUrl without the trailing slash, such as {@code https://api.openai.com/v1}
 * @param apiKey absent for servers that ask for none
 * @param model what is asked for when this endpoint takes the place of another, or when the caller
 *     names no model
 */
public record LlmEndpoint(URI baseUrl, Optional<String> apiKey, String model) {

  /** Everything but the key. */
  @Override
  public String toString() {
    return "LlmEndpoint[baseUrl=%s, model=%s]".formatted(baseUrl, model);
  }
}
