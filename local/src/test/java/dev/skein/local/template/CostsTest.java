package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.llm.LlmConfig;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The table of docs/costs.md is calculated as it says, counts what the template has, and takes the
 * default model's price from the price table.
 */
class CostsTest {

  private static final Path DOCS = Path.of("..", "docs");
  private static final Path PRICES =
      Path.of("..", "shared/pricing/src/main/resources/dev/skein/pricing/prices/openai.txt");

  private static final int COLUMNS = 4;
  private static final List<Integer> CHATS = List.of(1_000, 100_000, 1_000_000, 10_000_000);
  private static final int SECONDS_OF_A_MONTH = 30 * 24 * 60 * 60;
  private static final Pattern PARENTHESES = Pattern.compile("\\(([^()]*)\\)");

  @Test
  void eachValueIsWhatItsFormulaGives() throws IOException {
    int formulas = 0;
    for (List<String> row : rows()) {
      String formula = row.get(2);
      if (formula.isEmpty()) { // of the sum
        continue;
      }
      formulas++;
      for (int column = 0; column < COLUMNS; column++) {
        int chats = CHATS.get(column);
        assertThat(value(formula, chats).setScale(2, RoundingMode.HALF_UP))
            .as("%s for %d chats", row.getFirst(), chats)
            .isEqualByComparingTo(dollars(row, row.size() - COLUMNS + column));
      }
    }

    assertThat(formulas).isGreaterThan(8);
  }

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
      // Without the sum, and what only a parameter adds.
      long conditional = list.valueStream().filter(item -> item.has("Fn::If")).count();
      metrics += list.isMissingNode() ? 1 : list.size() - 1 - (int) conditional;
    }

    assertThat(row(rows(), "alarms, dashboard, secret").get(2)).startsWith(metrics + " × 0.10");
  }

  @Test
  void thePricesOfTheModelAreThoseOfTheTable() throws IOException {
    var price =
        Pattern.compile(
                "\nmodel %s .*\nprice input=(\\S+) .*? output=(\\S+) "
                    .formatted(LlmConfig.DEFAULT_MODEL))
            .matcher(Files.readString(PRICES));

    assertThat(price.find()).isTrue();
    String input = new BigDecimal(price.group(1)).setScale(2).toPlainString();
    String output = new BigDecimal(price.group(2)).setScale(2).toPlainString();
    assertThat(row(rows(), "the model, `%s`".formatted(LlmConfig.DEFAULT_MODEL)).get(1))
        .isEqualTo("%s and %s per million tokens in and out", input, output);
    assertThat(Files.readString(DOCS.resolve("deploy.md")))
        .contains(
            "`%s`, %s USD per million input tokens and %s USD per million output tokens"
                .formatted(LlmConfig.DEFAULT_MODEL, input, output));
  }

  /** A formula of the page for a number of chats. Its units are for the reader. */
  private static BigDecimal value(String formula, int chats) {
    return sum(
        formula
            .replace("*n*", Integer.toString(chats))
            .replace("*s*", Integer.toString(Math.min(chats, SECONDS_OF_A_MONTH)))
            .replace("/ 10⁶", "× 0.000001")
            .replace("− ", "+ -1 × ")
            .replaceAll(",|(?<=\\d) (?:s|GB|KB)\\b", ""));
  }

  /** The sum of products of numbers and of sums in parentheses. */
  private static BigDecimal sum(String terms) {
    Matcher inner = PARENTHESES.matcher(terms);
    if (inner.find()) {
      return sum(inner.replaceFirst(sum(inner.group(1)).toPlainString()));
    }
    return Arrays.stream(terms.split(" \\+ ", -1))
        .map(CostsTest::product)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static BigDecimal product(String factors) {
    return Arrays.stream(factors.split(" × ", -1))
        .map(BigDecimal::new)
        .reduce(BigDecimal.ONE, BigDecimal::multiply);
  }

  private static BigDecimal dollars(List<String> row, int at) {
    return new BigDecimal(row.get(at).replaceAll("[*,]", ""));
  }

  private static List<String> row(List<List<String>> rows, String part) {
    return rows.stream().filter(row -> row.getFirst().equals(part)).findFirst().orElseThrow();
  }

  /** The cells of each row of the table of costs. */
  private static List<List<String>> rows() throws IOException {
    String page = Files.readString(DOCS.resolve("costs.md"));
    return page.lines()
        .dropWhile(line -> !line.startsWith("| part |"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
        .map(cells -> cells.subList(1, cells.size() - 1))
        .toList();
  }
}
