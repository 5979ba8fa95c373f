package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "retry-after | 2 | 2000",
        "retry-after | 0 | 0",
        "retry-after | 1.5 | 1500",
        "retry-after-ms | 250 | 250",
        "retry-after | Mon, 23 Nov 2026 10:00:07 GMT | 7000",
        "retry-after | 86400 | 86400000",
      })
  void whatTheProviderSaysIsUnderstood(String name, String value, long millis) {
    assertThat(read(Map.of(name, value))).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "soon",
        "",
        "NaN",
        "Infinity",
        "60d",
        "0x3Cp0",
        "1e999",
        "86401",
        "Mon, 23 Nov 2026 09:59:59 GMT"
      })
  void whatMakesNoSenseSaysNothing(String value) {
    assertThat(read(Map.of("retry-after", value))).isEmpty();
  }

  @Test
  void millisecondsComeBeforeSeconds() {
    assertThat(read(Map.of("retry-after-ms", "20", "retry-after", "5")))
        .contains(Duration.ofMillis(20));
    assertThat(read(Map.of("retry-after-ms", "x", "retry-after", "5")))
        .contains(Duration.ofSeconds(5));
  }

  private static Optional<Duration> read(Map<String, String> headers) {
    var lists = new HashMap<String, List<String>>();
    headers.forEach((name, value) -> lists.put(name, List.of(value)));
    return RetryAfter.read(HttpHeaders.of(lists, (_, _) -> true), NOW);
  }
}
