package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(TestTable.OfEachTest.class)
final class CompositionTest {
  private final TestTable table;

  CompositionTest(TestTable table) {
    this.table = table;
  }

  /** Creates the handlers as Lambda does, in a process with only the given variables. */
  static final class NewEnvironment {
    private NewEnvironment() {}

    public static void main(String[] arguments) {
      try {
        var consumer = new AuditConsumerFunction();
        var _ = new AuditReaderFunction();
        var failures =
            Samples.failures(
                consumer,
                Samples.event(Samples.message("m1", Samples.intent("a"))),
                Duration.ofSeconds(30));
        System.out.println("failures: " + failures.size());
      } catch (InvalidSettingException e) {
        System.out.println("first: " + e.getMessage());
      }
      try {
        var _ = new AuditReaderFunction();
      } catch (InvalidSettingException e) {
        System.out.println("again: " + e.getMessage());
      }
    }
  }

  private static String run(Map<String, String> variables) throws Exception {
    var command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            NewEnvironment.class.getName());
    command.environment().clear();
    command.environment().putAll(variables);
    var process = command.redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return output;
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theFunctionsStartFromTheVariablesThatLambdaSets() throws Exception {
    String output =
        run(
            Map.of(
                "AUDIT_TABLE", table.config().table(),
                "AWS_REGION", "eu-central-1",
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test",
                "AWS_ENDPOINT_URL_DYNAMODB", table.endpoint().toString()));

    assertThat(output)
        .contains("failures: 0")
        .contains("\"stored\":1")
        .contains("\"connections\":1,\"opened\":1")
        .containsOnlyOnce("\"event\":\"shutdown\"");
    assertThat(table.records()).containsOnlyKeys("a");
  }

  @Test
  void aMissingVariableIsNamedEachTime() throws Exception {
    String output = run(Map.of("AWS_REGION", "eu-central-1"));

    assertThat(output.lines())
        .containsExactly(
            "first: AUDIT_TABLE is required but not set",
            "again: AUDIT_TABLE is required but not set");
  }

  @Test
  void recordsExpireAfterAYearByDefault() {
    assertThat(TableConfig.from(new Settings(Map.of("AUDIT_TABLE", "t"))))
        .isEqualTo(new TableConfig("t", Duration.ofDays(365), 4));
    assertThat(retention("1")).isEqualTo(Duration.ofDays(1));
    assertThat(retention("3650")).isEqualTo(Duration.ofDays(3650));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "3651", "-1", "1.5", "P1D"})
  void aRetentionOutOfRangeIsRejectedByName(String days) {
    assertThatThrownBy(() -> retention(days))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("AUDIT_RETENTION_DAYS");
  }

  private static Duration retention(String days) {
    return TableConfig.from(new Settings(Map.of("AUDIT_TABLE", "t", "AUDIT_RETENTION_DAYS", days)))
        .retention();
  }
}
