package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.llm.LlmConfig;
import dev.skein.pricing.PriceTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetirementWarningsTest {
  @TempDir Path folder;

  private List<JsonNode> warnings(String now, String models)
      throws IOException, MalformedJsonException {
    Path file =
        Files.writeString(
            folder.resolve("prices"),
            """
            provider test 127.0.0.1
            model m-1
            price input=1 output=1
            model m-2
            price input=1 output=1
            retires 2027-01-14 m-1 m-2
            """);
    var settings =
        new Settings(
            Map.of(
                "PRICES_FILE",
                file.toString(),
                "OPENAI_BASE_URL",
                "http://127.0.0.1:9/v1",
                "OPENAI_MODEL",
                "m-0",
                "OPENAI_ALLOWED_MODELS",
                models,
                "LLM_FAILOVER",
                "[{\"base_url\":\"http://127.0.0.1:8/v1\",\"model\":\"m-2\"}]"));
    var lines = new ArrayList<String>();
    var log = new Log(InstantSource.fixed(Instant.parse(now)), lines::add);

    RetirementWarnings.write(
        LlmConfig.from(settings), PriceTable.from(settings), Instant.parse(now), log);

    var warnings = new ArrayList<JsonNode>();
    for (String line : lines) {
      warnings.add(Json.STRICT.parse(line));
    }
    return warnings;
  }

  @Test
  void everyConfiguredModelIsLookedUp() throws Exception {
    assertThat(warnings("2027-01-01T00:00:00Z", "m-0,m-1"))
        .extracting(line -> line.path("model").asText())
        .containsExactly("m-1", "m-2");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-10-15T23:59:59Z,,",
    "2026-10-16T00:00:00Z, WARN, 90",
    "2026-12-15T00:00:00Z, WARN, 30",
    "2027-01-06T23:59:59Z, WARN, 8",
    "2027-01-07T00:00:00Z, ERROR, 7",
    "2027-01-14T00:00:00Z, ERROR, 0",
    "2027-01-15T00:00:00Z, ERROR, -1"
  })
  void theWarningBeginsNinetyDaysAheadAndIsAnErrorInTheLastSeven(
      String now, String level, Integer days) throws Exception {
    var warnings = warnings(now, "m-0");

    if (level == null) {
      assertThat(warnings).isEmpty();
    } else {
      var line = warnings.getFirst();
      assertThat(line.path("event").asText()).isEqualTo("model_retires_soon");
      assertThat(line.path("level").asText()).isEqualTo(level);
      assertThat(line.path("days_left").intValue()).isEqualTo(days);
      assertThat(line.path("retires_on").asText()).isEqualTo("2027-01-14");
      assertThat(line.path("ModelRetiresSoon").intValue()).isEqualTo(1);
    }
  }
}
