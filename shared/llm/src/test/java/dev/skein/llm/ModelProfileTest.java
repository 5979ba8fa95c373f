package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.ModelProfile.Setting;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelProfileTest {
  private static final List<Message> MESSAGES =
      List.of(new Message(Role.SYSTEM, "Be brief."), new Message(Role.USER, "Hello"));
  private static final LlmRequest TASK = new LlmRequest("m", MESSAGES, Defaults.shortAnswer(5));
  private static final LlmRequest CHAT = new LlmRequest("m", MESSAGES, Defaults.of(0, 4096));

  private static JsonNode sent(LlmRequest request, ModelProfile profile) {
    return RequestBody.of(request, "m", profile, false, 2048).json();
  }

  @Test
  void anUnknownModelGetsTheNamesThatNearlyAllServersAccept() {
    JsonNode json = sent(TASK, ModelProfile.UNKNOWN);

    assertThat(json.path("max_tokens").intValue()).isEqualTo(5);
    assertThat(json.path("temperature").doubleValue()).isZero();
    assertThat(json.has("reasoning_effort")).isFalse();
    assertThat(json.at("/messages/0/role").textValue()).isEqualTo("system");
  }

  @Test
  void theDefaultModelIsAskedForAShortAnswerWithoutThinking() {
    JsonNode json = sent(TASK, BuiltInProfiles.of("gpt-6-luna"));

    assertThat(json.path("max_completion_tokens").intValue()).isEqualTo(5 + 2048);
    assertThat(json.path("reasoning_effort").textValue()).isEqualTo("none");
    assertThat(json.path("temperature").doubleValue()).isZero();
    assertThat(json.has("max_tokens")).isFalse();
  }

  @Test
  void theDefaultModelMayThinkInAChatAndGetsNoTemperatureThen() {
    JsonNode json = sent(CHAT, BuiltInProfiles.of("gpt-6-luna"));

    assertThat(json.path("max_completion_tokens").intValue()).isEqualTo(4096);
    assertThat(json.has("reasoning_effort")).isFalse();
    assertThat(json.has("temperature")).isFalse();
  }

  @Test
  void whatTheCallerChoseIsSentWhateverTheProfileSays() {
    JsonNode json =
        sent(CHAT.withTemperature(0.7).withMaxTokens(9), BuiltInProfiles.of("gpt-6-luna"));

    assertThat(json.path("temperature").doubleValue()).isEqualTo(0.7);
    assertThat(json.path("max_completion_tokens").intValue()).isEqualTo(9);
  }

  @Test
  void instructionsHaveTheRoleOfTheProfile() {
    JsonNode json = sent(CHAT, ModelProfile.of(Setting.SYSTEM_ROLE, "developer"));

    assertThat(json.at("/messages/0/role").textValue()).isEqualTo("developer");
    assertThat(json.at("/messages/1/role").textValue()).isEqualTo("user");
    assertThat(CHAT.fields().at("/messages/0/role").textValue()).isEqualTo("system");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-6-luna, none",
    "openai/gpt-6-luna, none",
    "GPT-6-Luna-2026-09-22, none",
    "openai.gpt-5.6-luna, none",
    "gpt-6-astra, low",
    "gpt-5-mini, minimal",
    "gpt-5-mini-2025-08-07, minimal",
    "o4-mini, low",
    "us.openai.gpt-oss-120b, low",
    "gemini-2.5-flash, none",
    "gemini-2.5-pro, low",
    "google/gemini-3-flash, minimal",
    "magistral-medium, ''",
    "qwen3:8b, ''",
    "qwen3.8-max, none"
  })
  void theLeastEffortOfAFamilyThatThinksIsKnown(String model, String effort) {
    ModelProfile profile = BuiltInProfiles.of(model);

    assertThat(profile.thinks()).isTrue();
    assertThat(profile.leastEffort().orElse("")).isEqualTo(effort);
  }

  @ParameterizedTest
  @CsvSource({"gpt-4o-mini", "gpt-4.1", "llama3.2", "mistral-large-latest", "smollm2", "olmo"})
  void nothingIsAssumedAboutOtherModels(String model) {
    assertThat(BuiltInProfiles.of(model)).isEqualTo(ModelProfile.UNKNOWN);
  }

  @Test
  void everyFamilyNamesItsSource() throws Exception {
    try (var file = ModelProfile.class.getResourceAsStream("model-profiles.json")) {
      JsonNode json = Json.STRICT.parse(file);
      assertThat(json.path("collected").textValue()).matches("\\d{4}-\\d{2}-\\d{2}");
      assertThat(json.path("families"))
          .isNotEmpty()
          .allSatisfy(it -> assertThat(it.path("source").asText()).startsWith("https://"));
    }
  }

  @Test
  void aProfileIsReadFromJsonAndItsMistakesAreNamed() throws Exception {
    var json =
        Json.STRICT.parse(
            """
            {"token_limit":"max_completion_tokens","temperature":"rejected","stream_options":false,
             "thinks":true,"reasoning_effort":"low","system_role":"developer","min_token_limit":16,
             "default_token_limit":false}\
            """);

    assertThat(ModelProfile.read(json, IllegalStateException::new).values())
        .containsOnlyKeys(Setting.values())
        .containsAllEntriesOf(Map.of(Setting.THINKS, "true", Setting.MIN_TOKEN_LIMIT, "16"));
    assertMistake("{\"max_tokens\":5}", "has an unknown field; the fields are token_limit, ");
    assertMistake(
        "{\"temperature\":0}", "has an invalid temperature, which must be accepted, rejected or ");
    assertMistake("[]", "must be a JSON object");
  }

  private static void assertMistake(String json, String message) {
    assertThatThrownBy(() -> ModelProfile.read(Json.STRICT.parse(json), IllegalStateException::new))
        .hasMessageContaining(message);
  }
}
