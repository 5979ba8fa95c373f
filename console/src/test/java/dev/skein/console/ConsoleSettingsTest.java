package dev.skein.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of the console of a deployed stack. */
class ConsoleSettingsTest {
  private static final String DEPLOYED =
      "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/api";

  private static ConsoleSettings settings(String url, Map<String, String> environment) {
    return ConsoleSettings.from(new String[] {"--url=" + url, "--port=8090"}, environment);
  }

  @ParameterizedTest
  @CsvSource({
    "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/api/, eu-central-1",
    "https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn/api, cn-north-1",
    "https://llm.example.com, us-east-1",
    "http://127.0.0.1:8080, us-east-1",
    "HTTP://127.0.0.1:8080, us-east-1",
  })
  void theRegionIsThatOfTheUrlOrElseOfTheEnvironment(String url, String region) {
    ConsoleSettings settings = settings(url, Map.of("AWS_REGION", "us-east-1"));

    assertThat(settings.region()).isEqualTo(region);
    assertThat(settings.api().toString()).doesNotEndWith("/");
  }

  @Test
  void aUrlWithoutARegionNeedsTheVariable() {
    assertThatThrownBy(() -> settings("https://llm.example.com", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("AWS_REGION");
  }

  /** Credentials and keys are sent to no server without TLS, but this machine. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "http://llm.example.com/api",
        "http://127.0.0.1.evil.example/api",
        "https://user:pass@llm.example.com",
        "https://llm.example.com/api?x=1",
        "ftp://127.0.0.1/",
        "https:///api",
        "http://localhost:99999",
        "https://llm.example.com:65536/api",
      })
  void anotherUrlIsRefused(String url) {
    assertThatThrownBy(() -> settings(url, Map.of("AWS_REGION", "us-east-1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("console.url");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "65536", "1.5"})
  void anotherPortIsRefused(String port) {
    assertThatThrownBy(
            () ->
                ConsoleSettings.from(
                    new String[] {"--url=" + DEPLOYED, "--port=" + port}, Map.of()))
        .hasMessageContaining("console.port is " + port);
  }

  /** The JDK's client would say the key in the message of its exception. */
  @ParameterizedTest
  @ValueSource(strings = {"sk-canary\u201d", "sk-canary\nX: y", "sk canary"})
  void aKeyThatNoHeaderCanHaveIsRefusedWithoutSayingIt(String key) {
    assertThatThrownBy(() -> settings(DEPLOYED, Map.of("SKEIN_API_KEY", key)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SKEIN_API_KEY")
        .hasMessageNotContaining("canary");
  }

  @Test
  void theKeyIsNotInTheText() {
    assertThat(settings(DEPLOYED, Map.of("SKEIN_API_KEY", "sk-canary")))
        .asString()
        .doesNotContain("canary");
  }
}
