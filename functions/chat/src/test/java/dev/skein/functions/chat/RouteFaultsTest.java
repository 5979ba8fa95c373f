package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.exchange.testing.RecordedResponse;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.Fault.Wire;
import dev.skein.faults.FaultCatalogue;
import dev.skein.faults.RouteFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The second table of {@code docs/model-faults.md}: completions and embeddings. */
@Timeout(30)
class RouteFaultsTest {
  private static final Pattern ROW =
      Pattern.compile(
          "\\| `(/v1/\\w+)` \\| `([a-z0-9-]+)` \\| (\\w+) \\| ([a-z-]+) \\| (\\d+) \\| (\\d+) \\|");

  private final TestEnvironment world =
      TestEnvironment.with(Map.of("OPENAI_EMBEDDING_MODELS", "e-1", "LLM_MAX_RETRIES", "2"));

  @AfterEach
  void stop() {
    world.close();
  }

  /** A fault, and what the caller and the audit trail get. */
  record Row(RouteFault fault, String problem, int status, int attempts) {

    @Override
    public String toString() {
      return fault.name();
    }
  }

  static Stream<Row> rows() throws IOException {
    var expected =
        Files.readAllLines(Path.of("../../docs/model-faults.md")).stream()
            .map(ROW::matcher)
            .filter(Matcher::matches)
            .toList();
    return RouteFault.all().stream()
        .flatMap(
            fault ->
                expected.stream()
                    .filter(row -> row.group(2).equals(fault.name()))
                    .map(
                        row ->
                            new Row(
                                fault,
                                row.group(4),
                                Integer.parseInt(row.group(5)),
                                Integer.parseInt(row.group(6)))));
  }

  @Test
  void theTableHasExactlyOneRowForEachFault() throws IOException {
    assertThat(rows().map(row -> row.fault().name()))
        .containsExactlyElementsOf(RouteFault.all().stream().map(RouteFault::name).toList());
    assertThat(
            Files.readAllLines(Path.of("../../docs/model-faults.md")).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row -> List.of(row.group(1), row.group(2), row.group(3))))
        .containsExactlyElementsOf(
            RouteFault.all().stream()
                .map(it -> List.of(it.path(), it.name(), it.wire().name().toLowerCase(Locale.ROOT)))
                .toList());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void theCallerAndTheAuditTrailGetWhatTheTableSays(Row row) {
    world.model().script(_ -> row.fault().reply());

    var response = call(row.fault());

    JsonNode record = world.queue().records().getLast();
    assertThat(response.status()).as(response.text()).isEqualTo(row.status());
    assertThat(record.path("error").asText("none")).isEqualTo(row.problem());
    assertThat(record.path("endpoint").textValue()).isEqualTo(row.fault().path());
    assertThat(record.path("phase").textValue()).isEqualTo("completed");
    assertThat(record.path("attempts").intValue()).isEqualTo(row.attempts());
    assertThat(world.model().requests()).isEqualTo(row.attempts());
    String code = "\"code\":\"" + row.problem().replace('-', '_') + "\"";
    if (row.problem().equals("none")) {
      assertThat(response.text()).doesNotContain("\"error\"");
    } else if (row.fault().wire() == Wire.STREAM && row.status() == 200) {
      assertThat(response.events().getLast()).contains("{\"error\":", code);
      assertThat(response.text()).doesNotContain("[DONE]");
    } else {
      assertThat(response.json().path("error").path("message").textValue()).isNotEmpty();
      assertThat(response.text()).doesNotContain(FaultCatalogue.PROSE);
    }
  }

  private RecordedResponse call(RouteFault fault) {
    var environment = world.environment();
    var function =
        new ChatFunction(
            environment, ChatConfig.from(environment.settings(), environment.llmConfig()));
    String body =
        fault.path().equals("/v1/embeddings")
            ? "{\"model\":\"e-1\",\"input\":[\"a\",\"b\"]}"
            : "{\"prompt\":\"Once\",\"stream\":%s}".formatted(fault.wire() == Wire.STREAM);
    return RecordedResponse.of(
        function, ApiCall.event("POST", fault.path(), body), Duration.ofMinutes(1));
  }
}
