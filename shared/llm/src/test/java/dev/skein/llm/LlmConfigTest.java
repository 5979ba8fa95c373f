package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import dev.skein.llm.ModelProfile.Setting;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlmConfigTest {

  @Test
  void theDefaultsAreOpenAis() {
    var config = LlmConfig.from(new Settings(Map.of("OPENAI_API_KEY", "sk-1")));

    assertThat(config.endpoints())
        .singleElement()
        .extracting(LlmEndpoint::baseUrl)
        .hasToString("https://api.openai.com/v1");
    assertThat(config.model()).isEqualTo(LlmConfig.DEFAULT_MODEL);
    assertThat(config.allowedModels()).containsExactly(LlmConfig.DEFAULT_MODEL);
    assertThat(config.streaming()).isFalse();
    assertThat(config.limits())
        .isEqualTo(
            new LlmLimits(
                Duration.ofSeconds(3),
                Duration.ofSeconds(30),
                Duration.ofMinutes(3),
                Duration.ofSeconds(15),
                Duration.ofMinutes(5),
                2048,
                2,
                10,
                5));
  }

  @Test
  void openAiRequiresAKeyAndOtherServersDoNot() {
    assertThatThrownBy(() -> LlmConfig.from(new Settings(Map.of())))
        .hasMessageStartingWith("OPENAI_API_KEY is not set");

    var own =
        LlmConfig.from(new Settings(Map.of("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1/")))
            .endpoints()
            .getFirst();
    assertThat(own.apiKey()).isEmpty();
    assertThat(own.baseUrl()).hasToString("http://127.0.0.1:11434/v1");
  }

  private static String baseUrl(String value) {
    return LlmConfig.from(new Settings(Map.of("OPENAI_BASE_URL", value, "OPENAI_API_KEY", "k")))
        .endpoints()
        .getFirst()
        .baseUrl()
        .toString();
  }

  private static String failoverBaseUrl(String value) {
    return withFailover("[{\"base_url\":\"" + value + "\",\"model\":\"b\"}]")
        .endpoints()
        .getLast()
        .baseUrl()
        .toString();
  }

  @ParameterizedTest
  @CsvSource({
    "' HTTP://127.0.0.1:8080/v1// ', http://127.0.0.1:8080/v1",
    "https://host/, https://host",
    "https://host/models/v1, https://host/models/v1",
    "https://host/my-models, https://host/my-models",
    "http://models/, http://models",
  })
  void aBaseUrlMayHaveBlanksAroundItAnySchemeCaseAndTrailingSlashes(String value, String url) {
    assertThat(baseUrl(value)).isEqualTo(url);
    assertThat(failoverBaseUrl(value)).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8080/v1/chat/completions, /chat/completions, http://127.0.0.1:8080/v1",
    "HTTPS://host/chat/completions//, /chat/completions, https://host",
    "https://host/v1/completions, /completions, https://host/v1",
    "https://host/v1/embeddings/, /embeddings, https://host/v1",
    "https://host/v1/models, /models, https://host/v1",
    "https://host/v1/models/, /models, https://host/v1",
    "https://host//v1//models, /models, https://host//v1",
  })
  void aBaseUrlThatIsTheUrlOfARouteIsRefusedWithTheCorrectedUrl(
      String value, String ending, String corrected) {
    String problem =
        "must be the base URL, without \"%s\" at its end: use %s".formatted(ending, corrected);

    assertThatThrownBy(() -> baseUrl(value))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("OPENAI_BASE_URL " + problem);
    assertThatThrownBy(() -> failoverBaseUrl(value))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("LLM_FAILOVER entry 0: base_url " + problem + "; an example is");
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:s3cret@host/v1/models, must not contain a user name or password",
    "http://host/v1?key=s3cret, must not contain a query or fragment",
    "http://llama_cpp:8080/v1, has the host \"llama_cpp\"",
    "ftp://s3cret/v1, must be an absolute http or https URL",
  })
  void aBaseUrlThatCannotBeCalledIsRefusedWithoutRepeatingIt(String value, String problem) {
    assertThatThrownBy(() -> baseUrl(value))
        .hasMessageStartingWith("OPENAI_BASE_URL " + problem)
        .hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> failoverBaseUrl(value))
        .hasMessageStartingWith("LLM_FAILOVER entry 0: base_url " + problem)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void openAiRequiresAKeyHoweverItsUrlIsWritten() {
    assertThatThrownBy(
            () ->
                LlmConfig.from(
                    new Settings(Map.of("OPENAI_BASE_URL", "HTTPS://API.OpenAI.com/v1/"))))
        .hasMessageStartingWith("OPENAI_API_KEY is not set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sk-1\nX: y", "sk 1", "sk-\u00fc"})
  void aKeyThatIsNotAllowedInAHeaderIsRefusedWithoutRepeatingIt(String key) {
    assertThatThrownBy(() -> LlmConfig.from(new Settings(Map.of("OPENAI_API_KEY", key))))
        .hasMessageStartingWith("OPENAI_API_KEY contains a character")
        .hasMessageNotContaining("sk");
  }

  private static LlmConfig withFailover(String list) {
    return LlmConfig.from(
        new Settings(
            Map.of("OPENAI_API_KEY", "sk-secret", "OPENAI_MODEL", "a", "LLM_FAILOVER", list)));
  }

  @Test
  void furtherEndpointsAreTriedInTheirOrder() {
    var config =
        withFailover(
            """
            [{"base_url":"https://b.example/v1/","api_key":"sk-b","model":"b"},
             {"base_url":"http://127.0.0.1:9/v1","model":"c"}]\
            """);

    assertThat(config.endpoints()).extracting(LlmEndpoint::model).containsExactly("a", "b", "c");
    assertThat(config.endpoints().get(1))
        .isEqualTo(new LlmEndpoint(URI.create("https://b.example/v1"), Optional.of("sk-b"), "b"));
    assertThat(config.endpoints().get(2).apiKey()).isEmpty();
    assertThat(config.toString()).doesNotContain("sk-");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sk-canary | is not JSON",
        "{\"sk-canary\":1} | is not a JSON list",
        "[{\"base_url\":\"https://b/v1\",\"api_key\":\"sk-canary\"}] | entry 0 has no model",
        "[{\"base_url\":\"sk-canary\",\"model\":\"b\"}] | entry 0: base_url must be an absolute",
        "[{\"api_key\":\"sk-canary\",\"model\":\"b\"}] | entry 0 has no base_url",
        "[{\"sk-canary\":1}] | entry 0 has an unknown field",
        "[\"sk-canary\"] | entry 0 has no model",
        "[{\"base_url\":\"https://b/v1\",\"model\":\"b\",\"api_key\":\"sk-canary x\"}] | contains a"
            + " character",
      })
  void aListThatIsInvalidIsRefusedWithoutRepeatingIt(String list, String problem) {
    assertThatThrownBy(() -> withFailover(list))
        .hasMessageStartingWith("LLM_FAILOVER")
        .hasMessageContaining(problem)
        .hasMessageNotContaining("canary");
  }

  @Test
  void theKeyIsNeverPrinted() {
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

  @Test
  void everyEndpointCanHaveAProfileOfItsModels() {
    var config =
        LlmConfig.from(
            new Settings(
                Map.of(
                    "OPENAI_API_KEY", "k",
                    "OPENAI_MODEL_PROFILE", "{\"thinks\":true}",
                    "LLM_FAILOVER",
                        "[{\"base_url\":\"http://b/v1\",\"model\":\"b\","
                            + "\"profile\":{\"token_limit\":\"max_completion_tokens\"}}]")));

    assertThat(config.endpoints())
        .extracting(LlmEndpoint::profile)
        .containsExactly(
            ModelProfile.of(Setting.THINKS, "true"),
            ModelProfile.of(Setting.TOKEN_LIMIT, "max_completion_tokens"));
  }

  @Test
  void aProfileThatDoesNotFitIsReportedWithItsVariableAndField() {
    assertThatThrownBy(
            () ->
                LlmConfig.from(
                    new Settings(
                        Map.of(
                            "OPENAI_API_KEY", "k", "OPENAI_MODEL_PROFILE", "{\"thinks\":\"no\"}"))))
        .hasMessageStartingWith(
            "OPENAI_MODEL_PROFILE has an invalid thinks, which must be true or false; an example"
                + " is");
    assertThatThrownBy(
            () ->
                LlmConfig.from(
                    new Settings(
                        Map.of(
                            "OPENAI_API_KEY", "k",
                            "LLM_FAILOVER",
                                "[{\"base_url\":\"http://b/v1\",\"model\":\"b\",\"profile\":7}]"))))
        .hasMessageStartingWith("LLM_FAILOVER entry 0 has a profile that must be a JSON object");
  }
}
