package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An operator's file is read whole at start, so that a mistake shows then. */
class OperatorPricesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model a                                   | line 2 must follow a line \"provider\"",
        "provider                                  | line 2 must name a provider",
        "provider host=x                           | line 2 has the unknown field \"host=x\"",
        "provider ours reports=tokens              | line 2 must say reports=cached or reports=",
        "provider ours/ model                      | line 3 must name a model",
        "provider ours/ price input=1              | line 3 must follow a line \"model\"",
        "provider ours/ modal a                    | line 3 must begin with provider, model,"
            + " price,",
        "provider ours/ model a/ price             | line 4 must have \"input=\"",
        "provider ours/ model a/ price output=1    | line 4 must have \"input=\"",
        "provider ours/ model a/ price input=      | line 4 must have dollars per million tokens",
        "provider ours/ model a/ price input=-1    | line 4 must have dollars per million tokens",
        "provider ours/ model a/ price input=1e3   | line 4 must have dollars per million tokens",
        "provider ours/ model a/ price input=$1    | line 4 must have dollars per million tokens",
        "provider ours/ model a/ price input=1000000.1 | line 4 has a price of more than 1000000",
        "provider ours/ model a/ price input=1 in  | line 4 has the unknown field \"in\"",
        "provider ours/ model a/ price input=1 x=2 | line 4 has the unknown field \"x=2\"",
        "provider ours/ model a/ price input=1 unknown | line 4 must have either prices or"
            + " \"unknown\"",
        "provider ours/ model a/ price from=2027 input=1 | line 4 must have a date such as"
            + " 2027-01-14",
        "provider ours/ model a/ price from=2027-02-30 input=1 | line 4 must have a date such as",
        "provider ours/ model a/ price hours=9-10 input=1 | line 4 must have hours in UTC such as",
        "provider ours/ model a/ price hours=24:00-25:00 input=1 | line 4 must have hours in UTC",
        "provider ours/ model a/ price input=1 above=1k input=2 | line 4 must have a whole number",
        "provider ours/ model a/ price input=1 above=10 input=2 above=5 input=3 | line 4 must have"
            + " its \"above=\" in",
        "provider ours/ model a/ price input=1 above=10 output=2 | line 4 must have \"input=\"",
        "provider ours/ model a/ price input=1 cache_write=3..2 | line 4 must have the lower price"
            + " first",
        "provider ours/ retires 2027-01-14         | line 3 must have a date and the names of"
            + " models",
        "provider ours/ retires tomorrow a         | line 3 must have a date such as 2027-01-14",
        "provider ours/ provider ours              | line 3 must not name a provider that was"
            + " named",
      })
  void aMistakeIsNamedWithItsFileAndLine(String lines, String problem) throws Exception {
    Path file = folder.resolve("our-prices.txt");
    Files.writeString(file, "# Our prices\n" + lines.replace("/ ", "\n") + "\n");

    assertThatThrownBy(() -> load(file))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("PRICES_FILE names the file " + file + ", which is invalid: ")
        .hasMessageContaining(": " + problem)
        .hasMessageEndingWith("; see docs/pricing.md");
  }

  @Test
  void aMissingFileIsAMistake() {
    assertThatThrownBy(() -> load(folder.resolve("missing.txt")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("PRICES_FILE names the file ")
        .hasMessageContaining("missing.txt, which is invalid: cannot be read");
  }

  @Test
  void tabsIndentationEmptyLinesCommentsAndWindowsLineEndsAreAccepted() throws Exception {
    Path file = folder.resolve("our-prices.txt");
    Files.writeString(
        file, "\r\n# Ours\r\nprovider\tours  h\r\n\r\n  model A\tb\r\n\tprice   input=1\r\n# end");

    var prices = OperatorPrices.read(file.toString());

    assertThat(prices.provider("h", -1)).isPresent();
    assertThat(prices.list("ours").prices("b").orElseThrow()).hasSize(1);
  }

  @Test
  void anEmptyFileChangesNothing() throws Exception {
    Path file = Files.writeString(folder.resolve("our-prices.txt"), "");

    assertThat(OperatorPrices.read(file.toString())).isEqualTo(OperatorPrices.NONE);
  }

  private static PriceTable load(Path file) {
    return PriceTable.from(new Settings(Map.of(PriceTable.PRICES_FILE, file.toString())));
  }
}
