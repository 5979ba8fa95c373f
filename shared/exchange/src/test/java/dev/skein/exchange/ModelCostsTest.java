package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Log;
import dev.skein.base.Settings;
import dev.skein.llm.Charge;
import dev.skein.llm.LlmApi;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.ProviderError;
import dev.skein.llm.TokenBound;
import dev.skein.llm.Usage;
import dev.skein.pricing.CostRange;
import dev.skein.pricing.NanoUsd;
import dev.skein.pricing.PriceTable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCostsTest {
  private static final URI BASE_URL = URI.create("http://127.0.0.1:9/v1");
  private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");
  private static final Usage USAGE = new Usage(100, 10, 110);
  private static final LlmOutcome CUT = new Cut("broke off");
  private static final LlmOutcome DOWN = new Unavailable(new ProviderError(503), Optional.empty());
  private static final TokenBound BOUND = new TokenBound(1000, 100);

  @TempDir Path folder;

  private final List<String> lines = new ArrayList<>();
  private ModelCosts costs;

  /** A thousandth of a dollar for a million tokens is a billionth for one. */
  @BeforeEach
  void prices() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("prices"),
            """
            provider test reports=cached,cache_write 127.0.0.1
            model m-1
            price input=2 cached=0.5 output=8
            price tier=priority input=4 output=16
            model m-doubles
            price input=1 output=1
            price from=2026-11-29 input=2 output=2
            """);
    var settings = new Settings(Map.of("PRICES_FILE", file.toString()));
    costs =
        new ModelCosts(PriceTable.from(settings), new Log(InstantSource.fixed(NOW), lines::add));
  }

  @Test
  void anAnswerCostsWhatItsUsageDoes() {
    assertThat(of(answered(USAGE))).isEqualTo(known("0.00028"));
  }

  @Test
  void theServiceTierThatAnsweredCounts() {
    var usage =
        new Usage(
            100,
            10,
            110,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.of("priority"));

    assertThat(of(answered(usage))).isEqualTo(known("0.00056"));
  }

  @Test
  void severalCallsAreSummed() {
    assertThat(of(answered(USAGE), answered(USAGE))).isEqualTo(known("0.00056"));
  }

  @Test
  void oneUnknownCostMakesTheSumUnknown() {
    var silent = call(completed(), attempt(completed(), Optional.empty(), true));

    assertThat(of(answered(USAGE), silent).usd()).isEmpty();
  }

  @Test
  void aRefusalAndAnAnswerThatNeverBeganAreBilled() {
    for (LlmOutcome outcome :
        List.of(new Refused(Optional.of(USAGE)), new OutOfTokens(Optional.of(USAGE)))) {
      assertThat(of(call(outcome, attempt(outcome, Optional.of(USAGE), true))))
          .isEqualTo(known("0.00028"));
    }
  }

  @Test
  void countsThatContradictEachOtherHaveNoCost() {
    assertThat(of(answered(new Usage(100, 10, 111))).usd()).isEmpty();
    assertThat(lines).isEmpty();
  }

  @Test
  void whatNobodyCanBillCostsNothing() {
    assertThat(of(call(DOWN, new Attempt("m-1", DOWN)))).isEqualTo(known("0"));
    assertThat(of(call(DOWN))).isEqualTo(known("0"));
  }

  @Test
  void aRequestWhoseResultsAreLostHasNoCost() {
    assertThat(of()).isEqualTo(new RequestCost(Optional.empty(), false, Optional.empty()));
  }

  @Test
  void aDiscardedAttemptIsBesideTheAnswersCost() {
    var result =
        call(
            completed(),
            attempt(CUT, Optional.of(USAGE), true),
            new Attempt("m-1", DOWN),
            attempt(completed(), Optional.of(USAGE), true));

    assertThat(of(result)).isEqualTo(new RequestCost(usd("0.00028"), true, range("0.00028")));
  }

  @Test
  void withoutUsageADiscardedAttemptCostsUpToItsBound() {
    var result = call(CUT, attempt(CUT, Optional.empty(), false));

    // The priority tier is the most expensive one.
    assertThat(of(result)).isEqualTo(new RequestCost(Optional.empty(), true, range("0", "0.0056")));
  }

  @Test
  void aPartlyReportedAttemptCostsAtLeastThatAndAtMostItsTokenLimit() {
    var result = call(CUT, attempt(CUT, Optional.of(USAGE), false));

    assertThat(of(result).discarded()).isEqualTo(range("0.00028", "0.002"));
  }

  @Test
  void oneUnknownDiscardedCostMakesAllOfThemUnknown() {
    var unbounded = new Charge(BASE_URL, "m-1", Optional.empty(), false, Optional.empty());
    var result =
        call(
            completed(),
            new Attempt("m-1", CUT, unbounded),
            attempt(CUT, Optional.of(USAGE), true),
            attempt(completed(), Optional.of(USAGE), true));

    assertThat(of(result)).isEqualTo(new RequestCost(usd("0.00028"), true, Optional.empty()));
  }

  @Test
  void aCallThatWasCancelledForAnotherOnesSakeMayHaveBeenBilled() {
    var refused = new Rejected(Reason.CREDENTIALS, new ProviderError(401));

    assertThat(of(call(refused, new Attempt("m-1", refused)), LlmResult.cancelledFor(refused)))
        .isEqualTo(new RequestCost(Optional.empty(), true, Optional.empty()));
  }

  @Test
  void aCallThatWasNeverStartedCostsNothing() {
    var refused = new Rejected(Reason.CREDENTIALS, new ProviderError(401));

    assertThat(of(call(refused, new Attempt("m-1", refused)), call(refused))).isEqualTo(known("0"));
  }

  @Test
  void anAnswerWithoutItsLastCountHasNoCost() {
    var result = call(completed(), attempt(completed(), Optional.of(USAGE), false));

    assertThat(of(result).usd()).isEmpty();
  }

  @Test
  void aModelsNameThatIsNoneIsNotLogged() {
    var charge =
        new Charge(BASE_URL, "a text of the reply", Optional.of(USAGE), true, Optional.empty());

    assertThat(of(call(completed(), new Attempt("m-1", completed(), charge))).usd()).isEmpty();
    assertThat(lines).hasSize(1).noneMatch(line -> line.contains("a text"));
  }

  /** Audio has a price of its own, and the usage does not say how much of the rest is cached. */
  @Test
  void aCallWithAudioHasNoCost() {
    var audio =
        new Usage(
            1000,
            10,
            1010,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            true);

    assertThat(of(answered(audio)).usd()).isEmpty();
    assertThat(lines).isEmpty();
  }

  @Test
  void aModelWithoutAPriceIsLoggedOnce() {
    var charge = new Charge(BASE_URL, "m-2", Optional.of(USAGE), true, Optional.empty());
    var result = call(completed(), new Attempt("m-1", completed(), charge));

    assertThat(of(result).usd()).isEmpty();
    assertThat(of(result).usd()).isEmpty();

    assertThat(lines)
        .containsExactly(
            "{\"timestamp\":\"2026-11-28T10:00:00.000Z\",\"level\":\"INFO\","
                + "\"event\":\"model_price_unknown\",\"model\":\"m-2\","
                + "\"base_url_host\":\"127.0.0.1\",\"reason\":\"no_model\"}");
  }

  @Test
  void aModelWithoutAPriceIsLoggedIfOnlyTheTotalHasItsThinkingAndAUsageIsNot() {
    var thinking = Optional.of(new Usage(10, 5, 40));
    var known = new Charge(BASE_URL, "m-1", thinking, true, Optional.empty());
    var other = new Charge(BASE_URL, "m-2", thinking, true, Optional.empty());

    assertThat(of(call(completed(), new Attempt("m-1", completed(), known))).usd()).isEmpty();
    assertThat(lines).isEmpty();
    assertThat(of(call(completed(), new Attempt("m-1", completed(), other))).usd()).isEmpty();
    assertThat(lines).singleElement().asString().contains("\"reason\":\"no_model\"");
  }

  @Test
  void theReasonOfAnUnknownBoundIsLoggedToo() {
    var charge = new Charge(BASE_URL, "m-2", Optional.empty(), false, Optional.of(BOUND));

    assertThat(of(call(CUT, new Attempt("m-1", CUT, charge))).discarded()).isEmpty();

    assertThat(lines).singleElement().asString().contains("\"reason\":\"no_model\"");
  }

  @Test
  void aRequestedTierWithoutAPriceHasNeitherACostNorABound() {
    var tier = Optional.of("reserved");
    var whole = new Charge(BASE_URL, "m-1", Optional.of(USAGE), true, Optional.empty(), tier);
    var cut = new Charge(BASE_URL, "m-1", Optional.empty(), false, Optional.of(BOUND), tier);

    assertThat(of(call(completed(), new Attempt("m-1", completed(), whole))).usd()).isEmpty();
    assertThat(of(call(CUT, new Attempt("m-1", CUT, cut))).discarded()).isEmpty();
    assertThat(lines).singleElement().asString().contains("\"reason\":\"no_tier\"");
  }

  @Test
  void aCallIsPricedAtItsOwnTimeAndNotAtThatOfItsRequest() {
    var before = attempt("2026-11-28T23:59:58Z", Optional.of(USAGE));
    var after = attempt("2026-11-29T00:00:00Z", Optional.of(USAGE));

    assertThat(of(call(completed(), before))).isEqualTo(known("0.00011"));
    assertThat(of(call(completed(), after))).isEqualTo(known("0.00022"));
  }

  @Test
  void aCallDuringWhichThePriceChangedHasNoCostAndTheHigherBound() {
    var whole = attempt("2026-11-28T23:59:59.5Z", Optional.of(USAGE));
    var cut = attempt("2026-11-28T23:59:59.5Z", Optional.empty());

    assertThat(of(call(completed(), whole)).usd()).isEmpty();
    assertThat(of(call(CUT, cut)).discarded()).isEqualTo(range("0", "0.0022"));
    assertThat(lines).as("of a model with a price").isEmpty();
  }

  /** Of a second. */
  private static Attempt attempt(String start, Optional<Usage> usage) {
    var outcome = usage.isPresent() ? completed() : CUT;
    var bound = usage.isPresent() ? Optional.<TokenBound>empty() : Optional.of(BOUND);
    return new Attempt(
        "m-doubles",
        outcome,
        Map.of(),
        false,
        Optional.of(new Charge(BASE_URL, "m-doubles", usage, usage.isPresent(), bound)),
        Optional.of(
            new Operation(
                LlmApi.CHAT_COMPLETIONS,
                BASE_URL,
                false,
                Instant.parse(start),
                Duration.ofSeconds(1),
                Optional.empty())));
  }

  @Test
  void noMoreThanAHundredModelsAreLogged() {
    for (int i = 0; i < 200; i++) {
      var charge = new Charge(BASE_URL, "x-" + i, Optional.of(USAGE), true, Optional.empty());
      assertThat(of(call(completed(), new Attempt("m-1", completed(), charge))).usd()).isEmpty();
    }

    assertThat(lines).hasSize(100);
  }

  private RequestCost of(LlmResult... results) {
    return costs.of(List.of(results), NOW);
  }

  private static LlmOutcome completed() {
    return new Completed("Hi", "stop", "m-1", Optional.empty());
  }

  private static LlmResult answered(Usage usage) {
    return call(completed(), attempt(completed(), Optional.of(usage), true));
  }

  private static LlmResult call(LlmOutcome outcome, Attempt... attempts) {
    return new LlmResult(outcome, List.of(attempts));
  }

  private static Attempt attempt(LlmOutcome outcome, Optional<Usage> usage, boolean complete) {
    var bound = complete ? Optional.<TokenBound>empty() : Optional.of(BOUND);
    return new Attempt("m-1", outcome, new Charge(BASE_URL, "m-1", usage, complete, bound));
  }

  private static RequestCost known(String usd) {
    return new RequestCost(usd(usd), false, Optional.empty());
  }

  private static Optional<NanoUsd> usd(String usd) {
    return Optional.of(NanoUsd.parse(usd));
  }

  private static Optional<CostRange> range(String exact) {
    return range(exact, exact);
  }

  private static Optional<CostRange> range(String low, String high) {
    return Optional.of(new CostRange(NanoUsd.parse(low), NanoUsd.parse(high)));
  }
}
