package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import dev.skein.llm.Usage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An operator's file is read whole at start, so that a mistake shows then. */
class OperatorPricesTest {
  private static final BuiltInPrices BUILT_IN = new BuiltInPrices();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model a                                   | line 2 must follow a line \"provider\"",
        "provider                                  | line 2 must name a provider",
        "provider host=x                           | line 2 has the unknown field \"host=x\"",
        "provider ours h reports=tokens            | line 2 must say reports=cached or reports=",
        "provider ours h rest=input                | line 2 must say rest=output, if anything",
        "provider ours h/ model                      | line 3 must name a model",
        "provider ours h/ price input=1              | line 3 must follow a line \"model\"",
        "provider ours h/ modal a                    | line 3 must begin with provider, model,"
            + " price,",
        "provider ours h/ model a/ price             | line 4 must have \"input=\"",
        "provider ours h/ model a/ price output=1    | line 4 must have \"input=\"",
        "provider ours h/ model a/ price input=      | line 4 must have dollars per million tokens",
        "provider ours h/ model a/ price input=-1    | line 4 must have dollars per million tokens",
        "provider ours h/ model a/ price input=1e3   | line 4 must have dollars per million tokens",
        "provider ours h/ model a/ price input=$1    | line 4 must have dollars per million tokens",
        "provider ours h/ model a/ price input=1000000.1 | line 4 has a price of more than 1000000",
        "provider ours h/ model a/ price input=1 in  | line 4 has the unknown field \"in\"",
        "provider ours h/ model a/ price input=1 x=2 | line 4 has the unknown field \"x=2\"",
        "provider ours h/ model a/ price input=1 above= input=2 | line 4 must have a whole number",
        "provider ours h/ model a/ price input=1 unknown | line 4 must have either prices or"
            + " \"unknown\"",
        "provider ours h/ model a/ price from=2027 input=1 | line 4 must have a date such as"
            + " 2027-01-14",
        "provider ours h/ model a/ price from=2027-02-30 input=1 | line 4 must have a date such as",
        "provider ours h/ model a/ price hours=9-10 input=1 | line 4 must have hours in UTC such"
            + " as",
        "provider ours h/ model a/ price hours=24:00-25:00 input=1 | line 4 must have hours in UTC",
        "provider ours h/ model a/ price input=1 above=1k input=2 | line 4 must have a whole"
            + " number",
        "provider ours h/ model a/ price input=1 above=10 input=2 above=5 input=3 | line 4 must"
            + " have its \"above=\" in",
        "provider ours h/ model a/ price input=1 above=10 output=2 | line 4 must have \"input=\"",
        "provider ours h/ model a/ price input=1 cache_write=3..2 | line 4 must have the lower"
            + " price first",
        "provider ours h/ retires 2027-01-14         | line 3 must have a date and the names of"
            + " models",
        "provider ours h/ retires tomorrow a         | line 3 must have a date such as 2027-01-14",
        "provider ours h/ provider ours i            | line 3 must not name a provider that was"
            + " named; put its lines below \"provider ours\" above",
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

  /** Costs would be unknown, or those of the table, and nobody would know why. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "provider opanai                   | line 2 must name the hosts of \"opanai\", which the",
        "provider a http://h:8000/v1       | line 2 must name hosts as in api.example.com, 127",
        "provider a h/v1                   | line 2 must name hosts as in",
        "provider a h:                     | line 2 must name hosts as in",
        "provider a h:http                 | line 2 must name hosts as in",
        "provider a h:0443                 | line 2 must name hosts as in",
        "provider a h:65536                | line 2 must name hosts as in",
        "provider a h,i                    | line 2 must name hosts as in",
        "provider a me@h                   | line 2 must name hosts as in",
        "provider a \"h\"                  | line 2 must name hosts as in",
        "provider a ::1                    | line 2 must name hosts as in",
        "provider a *                      | line 2 must name hosts as in",
        "provider a h.*.com                | line 2 must name hosts as in",
        "provider a h/ provider b h        | line 3 must not name the host \"h\", which \"provider"
            + " a\"",
        "provider a h/ provider b h:80     | line 3 must not name the host \"h:80\"",
        "provider a *.h/ provider b i.h    | line 3 must not name the host \"i.h\"",
        "provider a *.h/ provider b *.i.h  | line 3 must not name the host \"*.i.h\"",
        "provider a [::1]/ provider b [::1]:80 | line 3 must not name the host \"[::1]:80\"",
        "provider google prefix=x/         | line 2 must not have another prefix than the table's",
        "provider a h reports=cached reports=cached | line 2 must have \"reports=\" only once",
        "provider a h/ model m             | line 3 must be followed by a line \"price\"",
        "provider a h/ model m/ model n/ price input=1 | line 3 must be followed by a line",
        "provider a h/ model m*1           | line 3 must have * or ** only at the end of a name",
        "provider a h/ model m***          | line 3 must have * or ** only at the end of a name",
        "provider a h/ model *             | line 3 must say ** for all models",
        "provider a h/ model \"m\"          | line 3 must have names without quotes",
        "provider a h/ model m, n          | line 3 must have names without quotes, commas",
        "provider a h/ model m # ours      | line 3 must not begin a name with #",
        "provider a h/ model m m           | line 3 must not name \"m\", which line 3 names",
        "provider a h/ model m/ price input=1/ model n m | line 5 must not name \"m\", which line"
            + " 3",
        "provider google/ model m models/m | line 3 must not name \"m\", which line 3 names",
        "provider a h/ retires 2027-01-14 m/ retires 2027-01-15 m | line 4 must not name \"m\"",
        "provider a h/ model m/ price input=1 input=2 | line 4 must have \"input=\" only once",
        "provider a h/ model m/ price tier=flex tier=x input=1 | line 4 must have \"tier=\" only",
        "provider a h/ model m/ price tier= input=1 | line 4 must name a tier, such as tier=flex",
        "provider a h/ model m/ price input=1 above=9 tier=flex input=2 | line 4 must have"
            + " \"tier=flex\" before \"above=\"",
        "provider a h/ model m/ price input=1 above=9 hours=01:00-02:00 input=2 | line 4 must have"
            + " \"hours=01:00-02:00\" before",
        "provider a h/ model m/ price input=1 above=9 unknown | line 4 must have either prices or"
            + " \"unknown\"",
        "provider a h/ model m/ price from=2027-01-01 input=1/ price input=2 | line 5 replaces line"
            + " 4 at all times",
        "provider a h/ model m/ price hours=01:00-02:00 input=1/ price hours=00:30-02:00 input=2 |"
            + " line 5 replaces line 4 at all times",
        "provider a h/ model m**/ price input=1/ model m-1*/ price input=2 | line 5 must come"
            + " before line 3",
        "provider a h/ model m/ price input=1/ price input=2 | line 5 replaces line 4, which has"
            + " the same conditions",
        "provider a h/ model m/ price input=1/ price tier=standard input=2 | line 5 replaces line"
            + " 4",
      })
  void aLineThatCanNeverCountIsAMistake(String lines, String problem) throws Exception {
    aMistakeIsNamedWithItsFileAndLine(lines, problem);
  }

  /** What the log's reason unreported_tokens says to do. */
  @Test
  void aProviderOfTheTableCanBeSaidToReportItsCachedTokens() throws Exception {
    Path file =
        Files.writeString(folder.resolve("our-prices.txt"), "provider together reports=cached\n");
    var prices = PriceTable.from(new Settings(Map.of("PRICES_FILE", file.toString())));

    assertThat(
            prices.cost(
                URI.create("https://api.together.xyz/v1"),
                "deepseek-ai/deepseek-v4-pro-0813",
                new Usage(1000, 10, 1010),
                Instant.parse("2026-11-28T12:00:00Z")))
        .isPresent();
  }

  @Test
  void theRestOfATotalHasThePriceOfTheCompletionIfItsProviderSaysSo() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("our-prices.txt"),
            """
            provider google reports=cached,cache_write
            provider x-ai rest=output
            provider ours reports=cached rest=output llm.example.com
            model m
            price input=1 output=2
            provider theirs reports=cached llm.example.org
            model m
            price input=1 output=2
            """);
    var prices = PriceTable.from(new Settings(Map.of("PRICES_FILE", file.toString())));

    assertThat(costWithRest(prices, "https://llm.example.com", "m")).isEqualTo("0.0036");
    assertThat(costWithRest(prices, "https://llm.example.org", "m")).isEqualTo("unknown");
    assertThat(
            costWithRest(
                prices, "https://generativelanguage.googleapis.com/v1beta", "gemini-2.5-flash"))
        .isEqualTo("0.00355");
    assertThat(costWithRest(prices, "https://api.x.ai/v1", "grok-3-mini")).isEqualTo("0.00095");
  }

  /** Of 1000 tokens, 300 more and 1000 in the total alone. */
  private static String costWithRest(PriceTable prices, String baseUrl, String model) {
    return prices
        .cost(
            URI.create(baseUrl),
            model,
            new Usage(1000, 300, 2300),
            Instant.parse("2026-11-28T12:00:00Z"))
        .map(NanoUsd::toString)
        .orElse("unknown");
  }

  @Test
  void thePricesOfSeveralConditionsAndLengthsOfAPromptAreNoRepetition() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("our-prices.txt"),
            """
            provider a h.example.com:443 [::1]:8000 *.i.example.com:8443
            model m
            price input=1 output=1 above=9 input=2 output=2 above=99 input=3
            price tier=flex input=1
            price from=2027-01-01 input=1
            price from=2027-01-01 hours=01:00-02:00 unknown
            provider b h.example.com i.example.com *.example.com
            model m n-** n-####-*
            price input=1
            retires 2027-01-01 m
            """);

    assertThat(OperatorPrices.read(file.toString(), BUILT_IN).providers()).hasSize(2);
  }

  @Test
  void theExampleOfTheDocumentationIsValid() throws Exception {
    String page = Files.readString(Path.of("../../docs/pricing.md"));
    int start = page.indexOf("```text\n") + "```text\n".length();
    String example = page.substring(start, page.indexOf("```", start));
    Path file = Files.writeString(folder.resolve("our-prices.txt"), example);

    var prices = OperatorPrices.read(file.toString(), BUILT_IN);

    assertThat(prices.providers()).extracting(Provider::id).containsExactly("ours", "openai");
  }

  @Test
  void aMissingFileIsNamedWithItsWholePath() {
    assertThatThrownBy(() -> load(Path.of("missing.txt")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "PRICES_FILE names the file "
                + Path.of("").toAbsolutePath().resolve("missing.txt")
                + ", which does not exist; see docs/pricing.md");
  }

  @Test
  void aFolderAndAFileInAnotherEncodingAreMistakes() throws Exception {
    Path file = folder.resolve("our-prices.txt");
    Files.writeString(file, "provider a h\n", StandardCharsets.UTF_16);

    assertThatThrownBy(() -> load(folder)).hasMessageContaining(", which is a directory");
    assertThatThrownBy(() -> load(file)).hasMessageContaining(", which is not text in UTF-8");
  }

  @Test
  void aByteOrderMarkIsSkipped() throws Exception {
    Path file = Files.writeString(folder.resolve("our-prices.txt"), "\uFEFFprovider ours h\n");

    assertThat(OperatorPrices.read(file.toString(), BUILT_IN).provider("h", 443)).isPresent();
  }

  @Test
  void tabsIndentationEmptyLinesCommentsAndWindowsLineEndsAreAccepted() throws Exception {
    Path file = folder.resolve("our-prices.txt");
    Files.writeString(
        file, "\r\n# Ours\r\nprovider\tours  h\r\n\r\n  model A\tb\r\n\tprice   input=1\r\n# end");

    var prices = OperatorPrices.read(file.toString(), BUILT_IN);

    assertThat(prices.provider("h", -1)).isPresent();
    assertThat(prices.list("ours").prices("b").orElseThrow()).hasSize(1);
  }

  @Test
  void anEmptyFileChangesNothing() throws Exception {
    Path file = Files.writeString(folder.resolve("our-prices.txt"), "");

    assertThat(OperatorPrices.read(file.toString(), BUILT_IN)).isEqualTo(OperatorPrices.NONE);
  }

  private static PriceTable load(Path file) {
    return PriceTable.from(new Settings(Map.of(PriceTable.PRICES_FILE, file.toString())));
  }
}
