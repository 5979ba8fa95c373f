package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandTest {

  @Test
  void theOutputOfAProgramIsReturned() throws Exception {
    assertThat(Command.run(List.of("sh", "-c", "echo $GREETING"), Map.of("GREETING", "hello")))
        .isEqualTo("hello");
  }

  @Test
  void aProgramThatIsNotInstalledIsNamed() {
    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(() -> Command.run(List.of("no-such-program"), Map.of()))
        .withMessage("no-such-program is not installed");
  }

  @Test
  void aProgramThatFailsIsNamedWithTheEndOfItsOutput() {
    assertThatExceptionOfType(MeasurementException.class)
        .isThrownBy(
            () -> Command.run(List.of("sh", "-c", "echo first; echo last; exit 3"), Map.of()))
        .withMessage("sh failed: last");
  }
}
