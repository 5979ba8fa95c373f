package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LlmConfigTest {

  @Test
  void theDefaultsAreOpenAis() {
    var config = LlmConfig.from(new Settings(Map.of("OPENAI_API_KEY", "sk-1")));

    assertThat(config.baseUrl()).hasToString("https://api.openai.com/v1");
    assertThat(config.model()).isEqualTo("gpt-4o-mini");
    assertThat(config.allowedModels()).containsExactly("gpt-4o-mini");
    assertThat(config.maxRetries()).isEqualTo(2);
  }

  @Test
  void openAiNeedsAKeyAndAServerOfOnesOwnDoesNot() {
    assertThatThrownBy(() -> LlmConfig.from(new Settings(Map.of())))
        .hasMessageStartingWith("OPENAI_API_KEY is not set");

    var own = LlmConfig.from(new Settings(Map.of("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1/")));
    assertThat(own.apiKey()).isEmpty();
    assertThat(own.baseUrl()).hasToString("http://127.0.0.1:11434/v1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sk-1\nX: y", "sk 1", "sk-\u00fc"})
  void aKeyThatNoHeaderCarriesIsToldWithoutTheKey(String key) {
    assertThatThrownBy(() -> LlmConfig.from(new Settings(Map.of("OPENAI_API_KEY", key))))
        .hasMessageStartingWith("OPENAI_API_KEY holds a character")
        .hasMessageNotContaining("sk");
  }

  @Test
  void theKeyIsInNoText() {
    var config = LlmConfig.from(new Settings(Map.of("OPENAI_API_KEY", "sk-secret")));

    assertThat(config.toString()).doesNotContain("sk-secret");
  }

  @Test
  void theDefaultModelIsAlwaysAllowed() {
    var config =
        LlmConfig.from(
            new Settings(
                Map.of(
                    "OPENAI_API_KEY", "k", "OPENAI_MODEL", "a", "OPENAI_ALLOWED_MODELS", "b,a,c")));

    assertThat(config.allowedModels()).containsExactly("a", "b", "c");
  }
}
