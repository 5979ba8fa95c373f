package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private enum Colour {
    RED,
    BLUE
  }

  @Test
  void anAbsentOrBlankValueHasItsDefault() {
    var settings = new Settings(Map.of("BLANK", "  "));

    assertThat(settings.text("BLANK")).isEmpty();
    assertThat(settings.integer("BLANK", 7, 0, 9)).isEqualTo(7);
    assertThat(settings.millis("NONE", Duration.ofMillis(5), Duration.ZERO, Duration.ofSeconds(1)))
        .isEqualTo(Duration.ofMillis(5));
    assertThat(settings.choice("NONE", Colour.BLUE)).isEqualTo(Colour.BLUE);
    assertThat(settings.list("NONE")).isEmpty();
  }

  @Test
  void valuesAreStripped() {
    var settings = new Settings(Map.of("N", " 3 ", "L", "a, b,,c ", "C", "red"));

    assertThat(settings.integer("N", 0, 0, 9)).isEqualTo(3);
    assertThat(settings.list("L")).containsExactly("a", "b", "c");
    assertThat(settings.choice("C", Colour.BLUE)).isEqualTo(Colour.RED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "10", "1.5", "99999999999"})
  void anInvalidNumberIsReportedWithItsVariableAndRange(String value) {
    var settings = new Settings(Map.of("RETRIES", value));

    assertThatThrownBy(() -> settings.integer("RETRIES", 0, 0, 9))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("RETRIES is \"%s\" but must be an integer from 0 to 9".formatted(value));
  }

  @Test
  void anUnknownChoiceIsReportedWithTheKnownOnes() {
    var settings = new Settings(Map.of("C", "RED"));

    assertThatThrownBy(() -> settings.choice("C", Colour.BLUE))
        .hasMessage("C is \"RED\" but must be one of red, blue");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x/", "//x", "localhost:80", "http://x/?q", "http://a b/", "x"})
  void anInvalidUrlIsReportedWithoutItsValue(String value) {
    var settings = new Settings(Map.of("U", value));

    assertThatThrownBy(() -> settings.url("U", "http://absent"))
        .hasMessageStartingWith("U must be an absolute http or https URL")
        .hasMessageNotContaining(value);
  }

  @Test
  void aMissingRequiredValueIsReported() {
    assertThatThrownBy(() -> new Settings(Map.of()).required("QUEUE"))
        .hasMessage("QUEUE is required but not set");
  }
}
