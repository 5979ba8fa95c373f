package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.InvalidSettingException;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which APIs are called, and with which limits.
 *
 * @param endpoints in the order in which they are tried, at least one
 * @param allowedModels the models that a caller may name at the first endpoint, its own included
 * @param streaming whether even a reply that leaves whole is streamed from the provider, so that a
 *     provider that falls silent is noticed before the deadline
 */
public record LlmConfig(
    List<LlmEndpoint> endpoints, List<String> allowedModels, LlmLimits limits, boolean streaming) {

  /** The model of {@code OPENAI_MODEL} when it is not set: the only place that decides it. */
  public static final String DEFAULT_MODEL = "gpt-6-luna";

  private static final String OPENAI = "https://api.openai.com/v1";
  private static final String OPENAI_HOST = ".api.openai.com";
  private static final Set<String> ENDPOINT_FIELDS =
      Set.of("base_url", "api_key", "model", "profile");

  /** Ends of URLs that users paste in place of the base URL. */
  private static final List<String> ROUTES =
      List.of("/chat/completions", "/completions", "/embeddings", "/models");

  public LlmConfig {
    endpoints = List.copyOf(endpoints);
    allowedModels = List.copyOf(allowedModels);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("a client needs an endpoint");
    }
  }

  /** The model that answers when the caller names none. */
  public String model() {
    return endpoints.getFirst().model();
  }

  /** Whether the first endpoint is OpenAI's own API. */
  public boolean isOpenAi() {
    return isOpenAi(endpoints.getFirst().baseUrl());
  }

  /**
   * Reads the environment.
   *
   * @throws InvalidSettingException when a variable does not fit
   */
  public static LlmConfig from(Settings settings) {
    return from(settings, true);
  }

  /**
   * As {@link #from(Settings)}, for a client whose keys come from an {@link EndpointSource}: {@code
   * OPENAI_API_KEY} is not required.
   */
  public static LlmConfig withoutKey(Settings settings) {
    return from(settings, false);
  }

  private static LlmConfig from(Settings settings, boolean keyRequired) {
    var endpoints = new ArrayList<LlmEndpoint>();
    endpoints.add(first(settings, keyRequired));
    endpoints.addAll(failover(settings));
    var allowed = new LinkedHashSet<String>(List.of(endpoints.getFirst().model()));
    allowed.addAll(settings.list("OPENAI_ALLOWED_MODELS"));
    return new LlmConfig(
        endpoints,
        List.copyOf(allowed),
        limits(settings),
        settings.choice("LLM_STREAMING", Switch.OFF) == Switch.ON);
  }

  private enum Switch {
    ON,
    OFF
  }

  private static LlmLimits limits(Settings settings) {
    var least = Duration.ofMillis(100);
    var most = Duration.ofMinutes(15);
    var defaults = LlmLimits.DEFAULTS;
    return new LlmLimits(
        settings.millis("LLM_CONNECT_TIMEOUT_MS", defaults.connect(), least, Duration.ofMinutes(1)),
        settings.millis("LLM_FIRST_BYTE_TIMEOUT_MS", defaults.firstByte(), least, most),
        settings.millis("LLM_FIRST_TOKEN_TIMEOUT_MS", defaults.firstToken(), least, most),
        settings.millis("LLM_STALL_TIMEOUT_MS", defaults.stall(), least, most),
        settings.millis("LLM_WHOLE_REPLY_TIMEOUT_MS", defaults.wholeReply(), least, most),
        settings.integer("LLM_THINKING_TOKENS", defaults.thinkingTokens(), 0, 100_000),
        settings.integer("LLM_MAX_RETRIES", defaults.maxRetries(), 0, 10),
        settings.integer("LLM_RETRY_BUDGET", defaults.retryBudget(), 0, 100_000),
        settings.integer("LLM_BREAKER_FAULTS", defaults.breakerFailures(), 1, 100_000));
  }

  private static LlmEndpoint first(Settings settings, boolean keyRequired) {
    URI baseUrl =
        baseUrl(
            settings.text("OPENAI_BASE_URL").orElse(OPENAI),
            what -> new InvalidSettingException("OPENAI_BASE_URL", what));
    Optional<String> apiKey = settings.text("OPENAI_API_KEY");
    if (keyRequired && apiKey.isEmpty() && isOpenAi(baseUrl)) {
      throw new InvalidSettingException(
          "OPENAI_API_KEY",
          "is not set: api.openai.com requires a key (to use another server, set OPENAI_BASE_URL)");
    }
    apiKey.ifPresent(key -> requireHeader("OPENAI_API_KEY", key));
    return new LlmEndpoint(
        baseUrl, apiKey, settings.text("OPENAI_MODEL").orElse(DEFAULT_MODEL), profile(settings));
  }

  private static boolean isOpenAi(URI baseUrl) {
    // Regional ones are eu.api.openai.com and the like.
    return ("." + baseUrl.getHost()).endsWith(OPENAI_HOST);
  }

  private static ModelProfile profile(Settings settings) {
    var value = settings.text("OPENAI_MODEL_PROFILE");
    try {
      return value.isEmpty()
          ? ModelProfile.UNKNOWN
          : ModelProfile.read(Json.STRICT.parse(value.get()), LlmConfig::profileFault);
    } catch (MalformedJsonException e) {
      throw profileFault(String.valueOf(e.getMessage()));
    }
  }

  private static InvalidSettingException profileFault(String what) {
    return new InvalidSettingException(
        "OPENAI_MODEL_PROFILE",
        what
            + "; an example is"
            + " {\"token_limit\":\"max_completion_tokens\",\"temperature\":\"rejected\"}");
  }

  private static void requireHeader(String variable, String key) {
    if (!key.chars().allMatch(c -> c > ' ' && c < 127)) {
      // The HTTP client would refuse it later, with the key in its message.
      throw new InvalidSettingException(
          variable, "contains a character that is not allowed in a header: check for line breaks");
    }
  }

  private static List<LlmEndpoint> failover(Settings settings) {
    var value = settings.text("LLM_FAILOVER");
    if (value.isEmpty()) {
      return List.of();
    }
    try {
      JsonNode list = Json.STRICT.parse(value.get());
      if (!list.isArray()) {
        throw failoverFault("is not a JSON list");
      }
      var endpoints = new ArrayList<LlmEndpoint>();
      for (JsonNode entry : list) {
        endpoints.add(endpoint(entry, endpoints.size()));
      }
      return endpoints;
    } catch (MalformedJsonException e) {
      throw failoverFault(String.valueOf(e.getMessage()));
    }
  }

  private static LlmEndpoint endpoint(JsonNode entry, int index) {
    String at = "entry " + index;
    entry
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!ENDPOINT_FIELDS.contains(name)) {
                throw failoverFault(
                    at + " has an unknown field; the fields are " + ENDPOINT_FIELDS);
              }
            });
    String model = entry.path("model").asText("");
    if (model.isBlank()) {
      throw failoverFault(at + " has no model");
    }
    String url = entry.path("base_url").asText("");
    if (url.isBlank()) {
      throw failoverFault(at + " has no base_url");
    }
    URI baseUrl = baseUrl(url, what -> failoverFault(at + ": base_url " + what));
    Optional<String> key =
        Optional.of(entry.path("api_key").asText("")).filter(it -> !it.isBlank());
    key.ifPresent(it -> requireHeader("LLM_FAILOVER", it));
    ModelProfile profile =
        entry.has("profile")
            ? ModelProfile.read(
                entry.path("profile"), what -> failoverFault(at + " has a profile that " + what))
            : ModelProfile.UNKNOWN;
    return new LlmEndpoint(baseUrl, key, model.strip(), profile);
  }

  private static InvalidSettingException failoverFault(String what) {
    return new InvalidSettingException(
        "LLM_FAILOVER",
        what
            + "; an example is"
            + " [{\"base_url\":\"https://host/v1\",\"api_key\":\"...\",\"model\":\"...\"}]");
  }

  /** Without a slash at its end. */
  private static URI baseUrl(String text, Function<String, InvalidSettingException> invalid) {
    URI parsed = Settings.webUrl(text, invalid);
    String path = withoutTrailingSlashes(parsed.getRawPath());
    String url = withoutTrailingSlashes(parsed.toString());
    for (String route : ROUTES) {
      if (path.endsWith(route)) {
        String base = url.substring(0, url.length() - route.length());
        throw invalid.apply(
            "must be the base URL, without \"%s\" at its end: use %s"
                .formatted(route, withoutTrailingSlashes(base)));
      }
    }
    return URI.create(url);
  }

  private static String withoutTrailingSlashes(String url) {
    return url.replaceAll("/+$", "");
  }
}
