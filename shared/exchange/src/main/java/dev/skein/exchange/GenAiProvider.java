package dev.skein.exchange;

import java.net.URI;
import java.util.List;
import java.util.Locale;

/** Which provider has an endpoint, in the words of OpenTelemetry's semantic conventions. */
final class GenAiProvider {
  private static final String OTHER = "_OTHER";
  private static final String X_AI_HOST = ".api.x.ai";

  /** The end of a host with a dot before it, and the provider whose host it is. */
  private record Host(String suffix, String provider) {}

  private static final List<Host> HOSTS =
      List.of(
          new Host(".api.openai.com", "openai"),
          new Host(".openai.azure.com", "azure.ai.openai"),
          new Host(".cognitiveservices.azure.com", "azure.ai.openai"),
          new Host(".services.ai.azure.com", "azure.ai.inference"),
          new Host(".models.ai.azure.com", "azure.ai.inference"),
          new Host(".api.anthropic.com", "anthropic"),
          new Host(".generativelanguage.googleapis.com", "gcp.gemini"),
          new Host(".aiplatform.googleapis.com", "gcp.vertex_ai"),
          new Host("-aiplatform.googleapis.com", "gcp.vertex_ai"),
          new Host(".api.mistral.ai", "mistral_ai"),
          new Host(".api.groq.com", "groq"),
          new Host(".api.deepseek.com", "deepseek"),
          new Host(".api.perplexity.ai", "perplexity"),
          new Host(".api.cohere.com", "cohere"),
          new Host(".api.cohere.ai", "cohere"),
          new Host(".ml.cloud.ibm.com", "ibm.watsonx.ai"),
          new Host(".api.moonshot.ai", "moonshot_ai"),
          new Host(".api.moonshot.cn", "moonshot_ai"));

  private GenAiProvider() {}

  /**
   * The provider's name.
   *
   * @return {@code _OTHER} if the host is not one that the conventions have a name for, such as a
   *     proxy or a server of the operator's own
   */
  static String of(URI baseUrl, SemanticConventions conventions) {
    String host = "." + String.valueOf(baseUrl.getHost()).toLowerCase(Locale.ROOT);
    for (Host known : HOSTS) {
      if (host.endsWith(known.suffix())) {
        return known.provider();
      }
    }
    if (host.endsWith(X_AI_HOST)) {
      return conventions.xAi();
    }
    return isBedrock(host) ? "aws.bedrock" : OTHER;
  }

  /** Such as bedrock-runtime.us-east-1.amazonaws.com; its Region is within the name. */
  private static boolean isBedrock(String host) {
    return host.startsWith(".bedrock-")
        && (host.endsWith(".amazonaws.com")
            || host.endsWith(".amazonaws.com.cn")
            || host.endsWith(".api.aws"));
  }
}
