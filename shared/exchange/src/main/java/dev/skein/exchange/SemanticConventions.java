package dev.skein.exchange;

import dev.skein.base.Settings;

/**
 * The names of OpenTelemetry's semantic conventions for generative AI, in the versions that
 * instrumentations write.
 *
 * @see <a
 *     href="https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-metrics.md">Semantic
 *     conventions for generative AI metrics</a>
 */
enum SemanticConventions {
  /** Version 1.36.0, which existing instrumentations write unless they are told otherwise. */
  V1_36("gen_ai.system", "xai", "gen_ai.server.time_to_first_token"),
  /** Version 1.41.0, the last one before the conventions moved to a repository of their own. */
  V1_41("gen_ai.provider.name", "x_ai", "gen_ai.client.operation.time_to_first_chunk");

  private static final String LATEST = "gen_ai_latest_experimental";

  private final String provider;
  private final String xAi;
  private final String firstToken;

  SemanticConventions(String provider, String xAi, String firstToken) {
    this.provider = provider;
    this.xAi = xAi;
    this.firstToken = firstToken;
  }

  /** Reads {@code OTEL_SEMCONV_STABILITY_OPT_IN}, a list whose other items mean nothing here. */
  static SemanticConventions from(Settings settings) {
    return settings.list("OTEL_SEMCONV_STABILITY_OPT_IN").contains(LATEST) ? V1_41 : V1_36;
  }

  /** The attribute that names the provider. */
  String provider() {
    return provider;
  }

  /** The name of the provider xAI. */
  String xAi() {
    return xAi;
  }

  /** The metric of the time to the first token. */
  String firstToken() {
    return firstToken;
  }
}
