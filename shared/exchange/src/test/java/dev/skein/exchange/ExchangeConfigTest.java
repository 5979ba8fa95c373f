package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.Deadline;
import dev.skein.base.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExchangeConfigTest {
  private static ExchangeConfig config(Map<String, String> variables) {
    return ExchangeConfig.from(new Settings(variables), Duration.ofMillis(1500));
  }

  @ParameterizedTest
  @CsvSource({
    "10000, 5000, 4000, 4000",
    "10000, 4000, 5000, 4000",
    "10000, 9000, 9000, 8000",
    "10000, 8000, 8000, 8000",
    "1000, 5000, 5000, -1000",
  })
  void theCallsEndWithTheEarliestOfThree(
      long invocation, String setting, long caller, long expected) {
    var end =
        config(Map.of("REQUEST_TIMEOUT_MS", setting))
            .deadline(
                Deadline.in(Duration.ofMillis(invocation), () -> 0L),
                Optional.of(Duration.ofMillis(caller)));

    assertThat(end.remaining()).isEqualTo(Duration.ofMillis(expected));
  }

  @Test
  void byDefaultTheInvocationAloneDecides() {
    var end =
        config(Map.of()).deadline(Deadline.in(Duration.ofMinutes(15), () -> 0L), Optional.empty());

    assertThat(end.remaining()).isEqualTo(Duration.ofMinutes(15).minusSeconds(2));
  }

  @ParameterizedTest
  @CsvSource({"99", "900001", "x"})
  void aRequestTimeoutOutOfItsBoundsIsNamed(String value) {
    assertThatThrownBy(() -> config(Map.of("REQUEST_TIMEOUT_MS", value)))
        .hasMessageStartingWith("REQUEST_TIMEOUT_MS is \"" + value + "\"");
  }
}
