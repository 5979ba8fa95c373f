package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelNameTest {

  @ParameterizedTest
  @CsvSource({
    "gpt-6-luna-####-##-##, gpt-6-luna-2026-09-22, true",
    "gpt-6-luna-####-##-##, gpt-6-luna-2026-09-2, false",
    "gpt-6-luna-####-##-##, gpt-6-luna-2026-09-22-x, false",
    "gpt-6-luna-####-##-##, gpt-6-luna-yyyy-mm-dd, false",
    "claude-haiku-4-5*, claude-haiku-4-5, true",
    "claude-haiku-4-5*, claude-haiku-4-5-20251001, true",
    "claude-haiku-4-5*, claude-haiku-4-5@20251001, true",
    "claude-haiku-4-5*, claude-haiku-4-5-latest, true",
    "claude-haiku-4-5*, claude-haiku-4-50, false",
    "claude-haiku-4-5*, claude-haiku-4, false",
    "gemini-3.5-flash*, gemini-3.5-flash-preview-05-20, true",
    "gemini-3.5-flash*, gemini-3.5-flash-lite, false",
    "gemini-3.5-flash*, gemini-3.5-flash-preview-tts, false",
    "gemini-3.5-flash*, gemini-3.5-flash-8b, false",
    "gpt-4*, gpt-4o, false",
    "gpt-4*, gpt-4-turbo, false",
    "gpt-5-nano-*, gpt-5-nano-2025-08-07, true",
    "ft:gpt-4o-2024-**, ft:gpt-4o-2024-08-06:acme::9x1y, true",
    "ft:gpt-4o-2024-**, ft:gpt-4o-mini-2024-07-18:acme::9x1y, false",
  })
  void aPatternIsANameWithDigitsAndAVersion(String pattern, String name, boolean matches) {
    String text = "model " + pattern;

    assertThat(ModelName.isPattern(text, 6, text.length())).isTrue();
    assertThat(ModelName.matches(text, 6, text.length(), name)).isEqualTo(matches);
  }
}
