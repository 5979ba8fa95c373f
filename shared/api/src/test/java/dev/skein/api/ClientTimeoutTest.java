package dev.skein.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTimeoutTest {
  private static ApiRequest request(Map<String, String> headers) {
    return new ApiRequest("POST", "/", headers, Map.of(), "", "req-1", "key-1", ErrorFormat.OPENAI);
  }

  @ParameterizedTest
  @CsvSource({
    "x-stainless-timeout, 600, 599000",
    "x-stainless-timeout, 2, 1600",
    "x-stainless-timeout, 0, 800",
    "x-stainless-read-timeout, 600, 599000",
    "x-stainless-read-timeout, 2.5, 2000",
    "x-stainless-read-timeout, 0.30000000000000004, 240",
    "x-stainless-read-timeout, 600.0, 599000",
    "x-stainless-read-timeout, 999999, 999998000"
  })
  void theResponseBeginsShortlyBeforeTheClientGivesUp(String header, String value, long millis) {
    assertThat(ClientTimeout.responseTime(request(Map.of(header, value))))
        .contains(Duration.ofMillis(millis));
  }

  @Test
  void theShorterOfTwoCounts() {
    var both = Map.of("x-stainless-timeout", "60", "x-stainless-read-timeout", "5");

    assertThat(ClientTimeout.responseTime(request(both))).contains(Duration.ofSeconds(4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-1", "1e3", "soon", "1.", ".5", "Infinity", "2, 2", "9999999"})
  void anInvalidValueIsIgnored(String value) {
    var headers = Map.of("x-stainless-timeout", value, "x-stainless-read-timeout", "10");

    assertThat(ClientTimeout.responseTime(request(headers))).contains(Duration.ofSeconds(9));
    assertThat(ClientTimeout.responseTime(request(Map.of("x-stainless-timeout", value)))).isEmpty();
  }

  @Test
  void aClientThatSaysNothingHasNoLimit() {
    assertThat(ClientTimeout.responseTime(request(Map.of()))).isEmpty();
  }
}
