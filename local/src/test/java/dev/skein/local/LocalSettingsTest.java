package dev.skein.local;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.console.StartupException;
import dev.skein.local.front.ApiKeys;
import dev.skein.local.front.IamAccessKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LocalSettingsTest {

  private static final String KEY = "sk-skein-a-key-for-the-tests";

  @Test
  void unsetVariablesHaveDefaults() {
    LocalSettings settings = LocalSettings.from(Map.of("PORT", "", "DATA_DIR", " "));

    assertThat(settings)
        .isEqualTo(
            new LocalSettings(
                "template.yaml",
                8080,
                9324,
                8000,
                4010,
                List.of(),
                false,
                Optional.empty(),
                10,
                Duration.ofSeconds(10),
                false,
                ApiKeys.NONE,
                IamAccessKeys.NONE,
                false));
  }

  @Test
  void everySettingIsRead() {
    LocalSettings settings =
        LocalSettings.from(
            Map.ofEntries(
                entry("TEMPLATE", "other.yaml"),
                entry("PORT", "0"),
                entry("QUEUE_PORT", "1"),
                entry("TABLE_PORT", "2"),
                entry("MODEL_PORT", "65535"),
                entry("MODEL_FAULTS", "flapping, time,"),
                entry("MODEL_THINKING", "on"),
                entry("DATA_DIR", "/some/folder"),
                entry("MAX_ENVIRONMENTS", "7"),
                entry("ENVIRONMENT_WAIT_MS", "500"),
                entry("DOCKER_BRIDGE", "on"),
                entry("API_KEYS", "alice:" + KEY),
                entry("IAM_ACCESS_KEYS", "AKIDEXAMPLE:secret"),
                entry("FUNCTION_LOGS", "on")));

    assertThat(settings)
        .isEqualTo(
            new LocalSettings(
                "other.yaml",
                0,
                1,
                2,
                65_535,
                List.of("flapping", "time"),
                true,
                Optional.of(Path.of("/some/folder")),
                7,
                Duration.ofMillis(500),
                true,
                ApiKeys.parse("alice:" + KEY),
                IamAccessKeys.parse("AKIDEXAMPLE:secret"),
                true));
  }

  @Test
  void aSwitchIsOnOrOff() {
    assertThat(LocalSettings.from(Map.of("MODEL_THINKING", " off ")).modelThinking()).isFalse();
    assertThatThrownBy(() -> LocalSettings.from(Map.of("MODEL_THINKING", "yes")))
        .isInstanceOf(StartupException.class)
        .hasMessage("MODEL_THINKING is yes; it must be on or off.");
  }

  @ParameterizedTest
  @CsvSource({
    "API_KEYS, 'alice:sk-skein-a-key-for-the-tests, bob', 2 is not NAME:KEY",
    "API_KEYS, alice:the-secret-short, 1 has a key that is not 20 to 128 visible",
    "API_KEYS, alice:the-secret-with-a space, 1 has a key that is not 20 to 128 visible",
    "API_KEYS, :the-secret-without-a-name, 1 is not NAME:KEY",
    "API_KEYS, 'a:the-secret-of-the-first,a:the-secret-of-the-other', 2 has a name that",
    "API_KEYS, 'a:the-secret-that-two-have,b:the-secret-that-two-have', 2 has a key that",
    "IAM_ACCESS_KEYS, AKIDEXAMPLE, 1 is not ID:SECRET",
    "IAM_ACCESS_KEYS, 'AK/ID:the-secret', 1 is not ID:SECRET",
  })
  void anInvalidKeyIsReportedByItsPositionAndNotRepeated(
      String variable, String value, String message) {
    assertThatThrownBy(() -> LocalSettings.from(Map.of(variable, value)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith(variable + ": entry " + message)
        .hasMessageNotContaining("the-secret");
  }

  @Test
  void theSettingsDoNotPrintKeys() {
    LocalSettings settings =
        LocalSettings.from(
            Map.of("API_KEYS", "alice:" + KEY, "IAM_ACCESS_KEYS", "AKIDEXAMPLE:the-secret"));

    assertThat(settings.toString())
        .contains("alice", "AKIDEXAMPLE")
        .doesNotContain(KEY, "the-secret");
  }

  @ParameterizedTest
  @CsvSource({
    "PORT, 65536",
    "QUEUE_PORT, -1",
    "TABLE_PORT, eighty",
    "MODEL_PORT, 1.5",
    "MAX_ENVIRONMENTS, 0",
    "MAX_ENVIRONMENTS, 101",
    "ENVIRONMENT_WAIT_MS, 900001"
  })
  void anInvalidValueIsReportedWithItsVariable(String variable, String value) {
    assertThatThrownBy(() -> LocalSettings.from(Map.of(variable, value)))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith(variable + " is " + value + "; it must be an integer from ");
  }
}
