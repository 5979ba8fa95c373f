package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of docs/costs.md adds up, and counts what the template has. */
class CostsTest {

  private static final int COLUMNS = 4;

  @Test
  void theSumOfEachColumnIsTheOneThatIsShown() throws IOException {
    var rows = rows();
    var sum = row(rows, "**Skein**");
    var parts = rows.subList(0, rows.indexOf(sum));

    assertThat(parts).hasSizeGreaterThan(7);
    for (int column = 0; column < COLUMNS; column++) {
      int at = sum.size() - COLUMNS + column;
      assertThat(
              parts.stream().map(row -> dollars(row, at)).reduce(BigDecimal.ZERO, BigDecimal::add))
          .as("column %d", column)
          .isEqualByComparingTo(dollars(sum, at));
    }
  }

  @Test
  void theAlarmedMetricsAreThoseOfTheTemplate() throws IOException {
    int metrics = 0;
    for (JsonNode alarm : TemplateJson.resources("AWS::CloudWatch::Alarm").values()) {
      JsonNode list = alarm.at("/Properties/Metrics");
      metrics += list.isMissingNode() ? 1 : list.size() - 1; // without the sum
    }

    assertThat(row(rows(), "alarms, dashboard, secret").get(2)).startsWith(metrics + " × 0.10");
  }

  private static BigDecimal dollars(List<String> row, int at) {
    return new BigDecimal(row.get(at).replaceAll("[*,]", ""));
  }

  private static List<String> row(List<List<String>> rows, String part) {
    return rows.stream().filter(row -> row.getFirst().equals(part)).findFirst().orElseThrow();
  }

  /** The cells of each row of the table of costs. */
  private static List<List<String>> rows() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "costs.md"));
    return page.lines()
        .dropWhile(line -> !line.startsWith("| part |"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
        .map(cells -> cells.subList(1, cells.size() - 1))
        .toList();
  }
}
