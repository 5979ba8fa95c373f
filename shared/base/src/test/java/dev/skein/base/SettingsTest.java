package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private enum Colour {
    RED,
    BLUE
  }

  @Test
  void defaultsStandInForVariablesThatAreAbsent() {
    var settings =
        new Settings(Map.of("A", "a", "B", " ")).withDefaults(Map.of("A", "x", "B", "b", "C", "c"));

    assertThat(settings.text("A")).contains("a");
    assertThat(settings.text("B")).contains("b");
    assertThat(settings.text("C")).contains("c");
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

  private static URI url(String value) {
    return Settings.webUrl(value, what -> new InvalidSettingException("U", what));
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, https://api.openai.com/v1",
    "' http://host:8080/v1/ ', http://host:8080/v1/",
    "HTTP://Host:8080/V1, http://host:8080/V1",
    "Https://[::1]:8080/v1, https://[::1]:8080/v1",
  })
  void aUrlIsAcceptedInAnyCase(String value, String url) {
    assertThat(url(value)).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://x/",
        "//x",
        "localhost:80",
        "http:x",
        "http:///v1",
        "http://-x/",
        "http://a b/",
        "http://x:99999/",
        "http://u_ser:s3cr%t@x/",
        "x"
      })
  void anInvalidUrlIsReportedWithoutItsValue(String value) {
    assertThatThrownBy(() -> url(value))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("U must be an absolute http or https URL, such as https://api.openai.com/v1")
        .hasMessageNotContaining(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:s3cret@host/v1",
        "https://s3cret@host",
        "http://user:s3cret@my_host:8080/v1",
        "HTTP://@host/v1?s3cret"
      })
  void aUrlWithUserInformationIsReportedWithoutRepeatingIt(String value) {
    assertThatThrownBy(() -> url(value))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("U must not contain a user name or password (the part before \"@\")");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://x/?key=s3cret", "http://x/v1#s3cret", "http://x_y/?", "http://x#"})
  void aUrlWithAQueryOrFragmentIsReportedWithoutRepeatingIt(String value) {
    assertThatThrownBy(() -> url(value))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("U must not contain a query or fragment (the part from \"?\" or \"#\" on)");
  }

  /** The HTTP client of the JDK cannot call such a host, whatever a DNS server says. */
  @ParameterizedTest
  @ValueSource(strings = {"http://llama_cpp:8080/v1", "HTTPS://llama_cpp", "http://llama_cpp:/v1"})
  void aHostWithAnUnderscoreIsReportedWithWhatToDo(String value) {
    assertThatThrownBy(() -> url(value))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "U has the host \"llama_cpp\", which Java's HTTP client cannot call because of the"
                + " \"_\": use an IP address or a name without \"_\" (in Docker Compose, a"
                + " network alias such as \"llama-cpp\")");
  }

  @Test
  void aMissingRequiredValueIsReported() {
    assertThatThrownBy(() -> new Settings(Map.of()).required("QUEUE"))
        .hasMessage("QUEUE is required but not set");
  }
}
