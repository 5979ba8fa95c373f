package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenAiProviderTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          https://api.openai.com/v1,                                               openai
          https://eu.api.openai.com/v1,                                            openai
          https://API.OpenAI.com/v1,                                               openai
          https://skein.openai.azure.com/openai/v1,                                azure.ai.openai
          https://skein.services.ai.azure.com/models,                              azure.ai.inference
          https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1,               aws.bedrock
          https://bedrock-mantle.eu-west-1.api.aws/v1,                             aws.bedrock
          https://api.anthropic.com/v1,                                            anthropic
          https://generativelanguage.googleapis.com/v1beta/openai,                 gcp.gemini
          https://us-central1-aiplatform.googleapis.com/v1/endpoints/openapi,      gcp.vertex_ai
          https://aiplatform.googleapis.com/v1/endpoints/openapi,                  gcp.vertex_ai
          https://api.groq.com/openai/v1,                                          groq
          https://api.mistral.ai/v1,                                               mistral_ai
          https://api.deepseek.com,                                                deepseek
          https://api.perplexity.ai,                                               perplexity
          https://api.cohere.ai/compatibility/v1,                                  cohere
          https://us-south.ml.cloud.ibm.com/ml/v1,                                 ibm.watsonx.ai
          https://api.moonshot.ai/v1,                                              moonshot_ai
          http://127.0.0.1:11434/v1,                                               _OTHER
          https://openrouter.ai/api/v1,                                            _OTHER
          https://api.openai.com.example.com/v1,                                   _OTHER
          https://notapi.openai.com.invalid/v1,                                    _OTHER
          https://bedrock-runtime.example.com/v1,                                  _OTHER
          """)
  void theProviderIsTheOneWhoseHostItIs(URI baseUrl, String provider) {
    assertThat(GenAiProvider.of(baseUrl, SemanticConventions.V1_36)).isEqualTo(provider);
    assertThat(GenAiProvider.of(baseUrl, SemanticConventions.V1_41)).isEqualTo(provider);
  }

  @Test
  void theVersionsHaveTwoNamesForXAi() {
    URI baseUrl = URI.create("https://api.x.ai/v1");

    assertThat(GenAiProvider.of(baseUrl, SemanticConventions.V1_36)).isEqualTo("xai");
    assertThat(GenAiProvider.of(baseUrl, SemanticConventions.V1_41)).isEqualTo("x_ai");
  }
}
