package dev.skein.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Settings;
import dev.skein.llm.Usage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PriceTableTest {
  private static final URI OPENAI = URI.create("https://api.openai.com/v1");
  private static final URI ANTHROPIC = URI.create("https://api.anthropic.com/v1");
  private static final URI GOOGLE =
      URI.create("https://generativelanguage.googleapis.com/v1beta/openai");
  private static final URI OURS = URI.create("http://llm.example.com:8000/v1");
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final Usage USAGE = new Usage(1000, 500, 1500);

  @TempDir private Path folder;

  private final PriceTable prices = PriceTable.from(new Settings(Map.of()));

  @Test
  void aHostIsFoundInAnyCaseAndWithItsPort() {
    assertThat(cost(prices, URI.create("HTTPS://API.OpenAI.com:443/v1"), "GPT-6-Luna"))
        .isEqualTo("0.00035");
  }

  @Test
  void aUrlWithoutAHostHasNoCost() {
    assertThat(prices.cost(URI.create("file:///prices"), "gpt-6-luna", USAGE, NOW)).isEmpty();
  }

  @Test
  void aCostThatIsTooLargeForAnAmountIsUnknown() {
    long tokens = Long.MAX_VALUE / 2;

    assertThat(prices.cost(OPENAI, "o1-pro", new Usage(tokens, 0, tokens), NOW)).isEmpty();
  }

  @Test
  void aCallOfUnknownUsageCostsNothingAtLeastAndTheDearestTierAtMost() {
    // The priority tier, all of the prompt written to the cache: 1000 x 0.25 + 500 x 1
    assertThat(prices.bound(OPENAI, "gpt-6-luna", Optional.empty(), 1000, 500, NOW))
        .contains(range("0", "0.00075"));
  }

  @Test
  void aBoundHasThePricesOfTheLongestPromptThatThereCanHaveBeen() {
    // 272001 x 0.5 + 500 x 1.5
    assertThat(prices.bound(OPENAI, "gpt-6-luna", Optional.empty(), 272_001, 500, NOW))
        .contains(range("0", "0.1367505"));
  }

  @Test
  void aBoundHasTheHighestPriceOfCacheWritesWhereTheyVary() {
    // 1000 x 10 + 500 x 25
    assertThat(prices.bound(ANTHROPIC, "claude-opus-4-8", Optional.empty(), 1000, 500, NOW))
        .contains(range("0", "0.0225"));
  }

  @Test
  void everyCostIsWithinTheBound() {
    for (String tier : new String[] {"default", "flex", "priority", "fast"}) {
      for (long cached : new long[] {0, 300, 1000}) {
        for (long written : new long[] {0, 1000 - cached}) {
          var usage =
              new Usage(
                  1000,
                  500,
                  1500,
                  OptionalLong.of(cached),
                  OptionalLong.of(written),
                  OptionalLong.empty(),
                  Optional.of(tier));

          NanoUsd cost = prices.cost(OPENAI, "gpt-6-sol", usage, NOW).orElseThrow();

          assertThat(cost)
              .isLessThanOrEqualTo(
                  prices
                      .bound(OPENAI, "gpt-6-sol", Optional.empty(), 1000, 500, NOW)
                      .orElseThrow()
                      .high());
        }
      }
    }
  }

  @Test
  void thereIsNoBoundWithoutAPrice() {
    assertThat(prices.bound(OPENAI, "gpt-9", Optional.empty(), 1000, 500, NOW)).isEmpty();
    assertThat(prices.bound(OURS, "gpt-6-luna", Optional.empty(), 1000, 500, NOW)).isEmpty();
    assertThat(prices.bound(OPENAI, "text-embedding-3-small", Optional.empty(), 1000, 1, NOW))
        .isEmpty();
    assertThat(
            prices.bound(
                URI.create("https://api.deepseek.com"),
                "deepseek-v4-flash",
                Optional.empty(),
                1000,
                500,
                Instant.parse("2026-11-28T02:00:00Z")))
        .isEmpty();
  }

  @Test
  void thereIsNoBoundOnATierWithoutAPrice() {
    assertThat(prices.bound(OPENAI, "gpt-6-luna", Optional.of("flex"), 1000, 500, NOW)).isPresent();
    assertThat(prices.bound(OPENAI, "gpt-6-luna", Optional.of("scale"), 1000, 500, NOW)).isEmpty();
  }

  @Test
  void anEmbeddingHasABound() {
    assertThat(prices.bound(OPENAI, "text-embedding-3-small", Optional.empty(), 1000, 0, NOW))
        .contains(range("0", "0.00002"));
  }

  @Test
  void theEndOfAModelIsThatOfItsSnapshots() {
    var day = LocalDate.of(2027, 1, 14);

    assertThat(prices.retirement(OPENAI, "gpt-4o-mini")).contains(day);
    assertThat(prices.retirement(OPENAI, "gpt-4o-mini-2024-07-18")).contains(day);
    assertThat(prices.retirement(OPENAI, "ft:gpt-4o-mini-2024-07-18:acme::9x1y")).contains(day);
    assertThat(prices.retirement(OPENAI, "gpt-6-luna")).isEmpty();
    assertThat(prices.retirement(ANTHROPIC, "gpt-4o-mini")).isEmpty();
    assertThat(prices.retirement(OURS, "gpt-4o-mini")).isEmpty();
  }

  @Test
  void anOperatorsFileAddsPrivateModels() throws IOException {
    var table =
        table(
            """
            # Our own server
            provider ours llm.example.com:8000
            model Llama-Private llama-private-v2
            price input=0.2 output=0.6
            retires 2026-12-31 llama-private
            """);

    assertThat(cost(table, OURS, "llama-private")).isEqualTo("0.0005");
    assertThat(cost(table, OURS, "Llama-Private-V2")).isEqualTo("0.0005");
    assertThat(table.retirement(OURS, "llama-private")).contains(LocalDate.of(2026, 12, 31));
    assertThat(cost(table, URI.create("http://llm.example.com/v1"), "llama-private"))
        .isEqualTo("unknown");
    assertThat(cost(table, OPENAI, "gpt-6-luna")).isEqualTo("0.00035");
  }

  @Test
  void anOperatorsFileOverridesAModelAndLeavesTheOthers() throws IOException {
    var table =
        table(
            """
            provider openai
            model gpt-6-luna
            price input=0.08 output=0.4
            retires 2028-01-01 gpt-4o-mini
            """);

    assertThat(cost(table, OPENAI, "gpt-6-luna")).isEqualTo("0.00028");
    assertThat(cost(table, OPENAI, "gpt-6-sol")).isEqualTo("0.007");
    assertThat(table.retirement(OPENAI, "gpt-4o-mini")).contains(LocalDate.of(2028, 1, 1));
    assertThat(table.retirement(OPENAI, "gpt-4o")).contains(LocalDate.of(2027, 1, 14));
  }

  @Test
  void anOperatorsFileCanBillAHostAsAKnownProvider() throws IOException {
    var table = table("provider openai reports=cached,cache_write *.openai.azure.com\n");

    assertThat(cost(table, URI.create("https://acme.openai.azure.com/openai/v1"), "gpt-6-luna"))
        .isEqualTo("0.00035");
    assertThat(cost(table, URI.create("https://openai.azure.com/openai/v1"), "gpt-6-luna"))
        .isEqualTo("unknown");
    assertThat(cost(table, OPENAI, "gpt-6-luna")).isEqualTo("0.00035");
  }

  @Test
  void aNameWithThePrefixOfItsProviderIsThatOfTheModel() throws IOException {
    var proxy = URI.create("https://gemini.example.com/v1");
    var table =
        table(
            """
            provider google gemini.example.com reports=cached
            model models/gemini-2.5-flash
            price input=1 output=1
            retires 2027-01-14 models/gemini-2.5-flash
            provider ours prefix=our/ llm.example.com
            model our/llama-*
            price input=1 output=2
            """);

    for (URI url : new URI[] {GOOGLE, proxy}) {
      for (String model : new String[] {"models/gemini-2.5-flash", "gemini-2.5-flash"}) {
        assertThat(cost(table, url, model)).isEqualTo("0.0015");
        assertThat(table.retirement(url, model)).contains(LocalDate.of(2027, 1, 14));
      }
      assertThat(cost(table, url, "models/gemini-2.5-pro"))
          .isEqualTo(cost(prices, GOOGLE, "gemini-2.5-pro"))
          .isNotEqualTo("unknown");
    }
    assertThat(cost(table, OURS, "our/llama-4")).isEqualTo("0.002");
    assertThat(cost(table, OURS, "llama-4")).isEqualTo("0.002");
  }

  @Test
  void theUsualTierHasAllItsNamesInAnOperatorsFileToo() throws IOException {
    var table =
        table(
            """
            provider ours llm.example.com
            model a
            price tier=standard input=1 output=1
            model b
            price tier=on_demand input=1 output=1
            """);

    for (String tier : new String[] {"", "default", "standard", "on_demand"}) {
      assertThat(table.cost(OURS, "a", onTier(tier), NOW)).contains(NanoUsd.parse("0.0015"));
      assertThat(table.cost(OURS, "b", onTier(tier), NOW)).contains(NanoUsd.parse("0.0015"));
    }
  }

  @Test
  void aPortOfTheFileIsThatOfAUrlWithoutPortToo() throws IOException {
    var table =
        table(
            """
            provider a api.foo.com:443 *.foo.com:443
            model m
            price input=1 output=1
            provider b api.foo.com:80 [::1]:8000
            model m
            price input=2 output=2
            """);

    assertThat(cost(table, URI.create("https://api.foo.com/v1"), "m")).isEqualTo("0.0015");
    assertThat(cost(table, URI.create("HTTPS://b.foo.com/v1"), "m")).isEqualTo("0.0015");
    assertThat(cost(table, URI.create("http://api.foo.com/v1"), "m")).isEqualTo("0.003");
    assertThat(cost(table, URI.create("http://[::1]:8000/v1"), "m")).isEqualTo("0.003");
    assertThat(cost(table, URI.create("https://api.foo.com:8443/v1"), "m")).isEqualTo("unknown");
    assertThat(cost(table, URI.create("http://b.foo.com/v1"), "m")).isEqualTo("unknown");
  }

  @Test
  void whyACostIsUnknownCanBeAsked() throws IOException {
    var table =
        table(
            """
            provider ours llm.example.com
            model m
            price input=1 cached=0.5 output=1
            price tier=scale unknown
            model later
            price from=2027-01-01 input=1 output=1
            """);

    assertThat(why(table, OURS.resolve("//other/"), "m", "")).isEqualTo("no_provider");
    assertThat(why(table, OURS, "n", "")).isEqualTo("no_model");
    assertThat(why(table, OURS, "m", "flex")).isEqualTo("no_tier");
    assertThat(why(table, OURS, "m", "scale")).isEqualTo("no_price");
    assertThat(why(table, OURS, "later", "")).isEqualTo("no_price");
    assertThat(why(table, OURS, "m", "")).isEqualTo("unreported_tokens");
    assertThat(table.whyUnknown(OURS, "m", Optional.empty(), Optional.empty(), NOW))
        .isEqualTo(UnknownCost.NO_PRICE);
  }

  private static String why(PriceTable table, URI baseUrl, String model, String tier) {
    assertThat(table.cost(baseUrl, model, onTier(tier), NOW)).isEmpty();
    return table
        .whyUnknown(baseUrl, model, onTier(tier).serviceTier(), Optional.of(onTier(tier)), NOW)
        .code();
  }

  private static Usage onTier(String tier) {
    return new Usage(
        1000,
        500,
        1500,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        tier.isEmpty() ? Optional.empty() : Optional.of(tier));
  }

  @Test
  void aHostOfWhichTheFileDoesNotSayThatItReportsCachedTokensMustReportThem() throws IOException {
    var table = table("provider openai llm.example.com\n");
    var usage =
        new Usage(
            1000,
            500,
            1500,
            OptionalLong.of(0),
            OptionalLong.of(0),
            OptionalLong.empty(),
            Optional.empty());

    assertThat(cost(table, OURS, "gpt-6-luna")).isEqualTo("unknown");
    assertThat(table.cost(OURS, "gpt-6-luna", usage, NOW)).contains(NanoUsd.parse("0.00035"));
  }

  @Test
  void manyNamesFromAProviderDoNotChangeWhatIsKnown() {
    for (int i = 0; i < 2000; i++) {
      assertThat(cost(prices, OPENAI, "gpt-" + i + "-unknown")).isEqualTo("unknown");
    }
    assertThat(cost(prices, OPENAI, "gpt-6-luna")).isEqualTo("0.00035");
  }

  private PriceTable table(String file) throws IOException {
    Path path = Files.writeString(folder.resolve("prices.txt"), file);
    return PriceTable.from(new Settings(Map.of(PriceTable.PRICES_FILE, path.toString())));
  }

  private static String cost(PriceTable table, URI baseUrl, String model) {
    return table.cost(baseUrl, model, USAGE, NOW).map(NanoUsd::toString).orElse("unknown");
  }

  private static CostRange range(String low, String high) {
    return new CostRange(NanoUsd.parse(low), NanoUsd.parse(high));
  }
}
