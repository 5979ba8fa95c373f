package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Settings;
import dev.skein.llm.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The cost of calls whose cost was worked by hand: {@code worked-examples.txt}. */
class WorkedExamplesTest {
  private static final String UNKNOWN = "unknown";

  private final PriceTable prices = PriceTable.from(new Settings(Map.of()));

  @ParameterizedTest(name = "{2}: {0}")
  @CsvFileSource(resources = "worked-examples.txt", delimiter = '|', numLinesToSkip = 4)
  void aCallCostsWhatItsProviderBillsOrIsUnknown(ArgumentsAccessor row) {
    var usage =
        new Usage(
            Long.parseLong(text(row, 4)),
            Long.parseLong(text(row, 7)),
            Long.parseLong(text(row, 9)),
            count(row, 5),
            count(row, 6),
            count(row, 8),
            optional(row, 10));

    Optional<NanoUsd> cost =
        prices.cost(URI.create(text(row, 1)), text(row, 2), usage, Instant.parse(text(row, 3)));

    assertThat(cost.map(NanoUsd::toString).orElse(UNKNOWN)).isEqualTo(text(row, 12));
  }

  @ParameterizedTest(name = "{11}")
  @CsvFileSource(resources = "worked-examples.txt", delimiter = '|', numLinesToSkip = 4)
  void anExampleIsTheSumOfTheTokensTimesTheirPrices(ArgumentsAccessor row) {
    assertThat(text(row, 13)).startsWith("https://");
    if (text(row, 12).equals(UNKNOWN)) {
      assertThat(text(row, 11)).isEqualTo("-");
      return;
    }
    var sum = BigDecimal.ZERO;
    long tokens = 0;
    for (String product : text(row, 11).split(" \\+ ", -1)) {
      String[] factors = product.split(" x ", 2);
      tokens += Long.parseLong(factors[0]);
      sum = sum.add(new BigDecimal(factors[0]).multiply(new BigDecimal(factors[1])));
    }
    assertThat(sum.movePointLeft(6).setScale(9, RoundingMode.HALF_UP))
        .isEqualByComparingTo(text(row, 12));
    assertThat(tokens).as("each token is billed once").isEqualTo(Long.parseLong(text(row, 9)));
  }

  @Test
  void thereAreMoreThanFortyExamples() throws Exception {
    try (var file = getClass().getResourceAsStream("worked-examples.txt")) {
      var examples =
          new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.contains("https://"));
      assertThat(examples).hasSizeGreaterThan(40).doesNotHaveDuplicates();
    }
  }

  private static OptionalLong count(ArgumentsAccessor row, int column) {
    return optional(row, column).stream().mapToLong(Long::parseLong).findFirst();
  }

  private static Optional<String> optional(ArgumentsAccessor row, int column) {
    return Optional.of(text(row, column)).filter(value -> !value.equals("-"));
  }

  private static String text(ArgumentsAccessor row, int column) {
    return Objects.requireNonNull(row.getString(column));
  }
}
