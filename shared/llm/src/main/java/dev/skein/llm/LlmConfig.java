package dev.skein.llm;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Which API answers, and how hard it is tried.
 *
 * @param baseUrl without the trailing slash, such as {@code https://api.openai.com/v1}
 * @param apiKey absent for servers that ask for none
 * @param model what answers when the caller names none
 * @param allowedModels what a caller may name; holds {@code model}
 * @param maxRetries attempts after the first, 0 to 10
 */
public record LlmConfig(
    URI baseUrl,
    Optional<String> apiKey,
    String model,
    List<String> allowedModels,
    int maxRetries) {

  private static final String OPENAI = "https://api.openai.com/v1";

  public LlmConfig {
    allowedModels = List.copyOf(allowedModels);
  }

  /**
   * Reads the environment.
   *
   * @throws InvalidSettingException when a variable does not fit
   */
  public static LlmConfig from(Settings settings) {
    URI baseUrl = settings.url("OPENAI_BASE_URL", OPENAI);
    Optional<String> apiKey = settings.text("OPENAI_API_KEY");
    if (apiKey.isEmpty() && baseUrl.toString().startsWith(OPENAI)) {
      throw new InvalidSettingException(
          "OPENAI_API_KEY",
          "is not set: api.openai.com needs a key (a server of your own is named by"
              + " OPENAI_BASE_URL)");
    }
    if (apiKey.isPresent() && !apiKey.get().chars().allMatch(c -> c > ' ' && c < 127)) {
      // The HTTP client would refuse it later, with the key in its message.
      throw new InvalidSettingException(
          "OPENAI_API_KEY", "holds a character that a header cannot carry: check for line ends");
    }
    String model = settings.text("OPENAI_MODEL").orElse("gpt-4o-mini");
    var allowed = new LinkedHashSet<String>(List.of(model));
    allowed.addAll(settings.list("OPENAI_ALLOWED_MODELS"));
    return new LlmConfig(
        withoutTrailingSlash(baseUrl),
        apiKey,
        model,
        List.copyOf(allowed),
        settings.integer("LLM_MAX_RETRIES", 2, 0, 10));
  }

  private static URI withoutTrailingSlash(URI url) {
    return URI.create(url.toString().replaceAll("/+$", ""));
  }

  /** Everything but the key. */
  @Override
  public String toString() {
    return "LlmConfig[baseUrl=%s, model=%s, allowedModels=%s, maxRetries=%d]"
        .formatted(baseUrl, model, allowedModels, maxRetries);
  }
}
