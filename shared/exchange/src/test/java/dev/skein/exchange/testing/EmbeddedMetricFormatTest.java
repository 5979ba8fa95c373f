package dev.skein.exchange.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedMetricFormatTest {
  private static final String VALID =
      """
      {"_aws": {"Timestamp": 1795428000000, "CloudWatchMetrics": [{"Namespace": "Skein",
        "Dimensions": [["stack"]], "Metrics": [{"Name": "m", "Unit": "Seconds"}]}]},
       "stack": "skein", "m": [1, 0.5]}\
      """;

  private static List<String> violations(String line) throws MalformedJsonException {
    return EmbeddedMetricFormat.violations(Json.STRICT.parse(line));
  }

  @Test
  void aLineThatFollowsTheSpecificationHasNoViolation() throws Exception {
    assertThat(violations(VALID)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      quoteCharacter = '`',
      textBlock =
          """
          1795428000000         > "today"
          "Seconds"             > "s"
          "Skein"               > ":Skein"
          [["stack"]]           > []
          [["stack"]]           > [[]]
          [["stack"]]           > [["stack", "stack"]]
          [["stack"]]           > [["other"]]
          "skein"               > ""
          "skein"               > 7
          "skein"               > "g\\u00e4nse"
          [1, 0.5]              > []
          [1, 0.5]              > "1"
          [1, 0.5]              > [1, "2"]
          "m": [1, 0.5]         > "n": 1
          """)
  void anyOtherLineHasOne(String part, String other) throws Exception {
    assertThat(VALID).contains(part);
    assertThat(violations(VALID.replace(part, other))).isNotEmpty();
  }
}
