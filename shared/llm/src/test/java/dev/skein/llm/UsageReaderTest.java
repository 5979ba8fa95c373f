package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sources of the counts are with each case. */
class UsageReaderTest {
  private static final OptionalLong UNKNOWN = OptionalLong.empty();

  /** developers.openai.com/api/docs/guides/prompt-caching. */
  @Test
  void openAiCountsCachedTokensAsPartOfThePrompt() {
    var usage =
        read(
            """
            {"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
             "prompt_tokens_details":{"cached_tokens":1920},
             "completion_tokens_details":{"reasoning_tokens":0}}\
            """);

    assertThat(usage)
        .contains(usage(2006, 300, 2306, OptionalLong.of(1920), UNKNOWN, OptionalLong.of(0)));
  }

  /** github.com/charmbracelet/fantasy/pull/331: a warm read that also writes. */
  @Test
  void openAiCountsCacheWrittenTokensAsPartOfThePrompt() {
    var usage =
        read(
            """
            {"prompt_tokens":3438,"completion_tokens":10,"total_tokens":3448,
             "prompt_tokens_details":{"cached_tokens":3423,"cache_write_tokens":12}}\
            """);

    assertThat(usage)
        .contains(usage(3438, 10, 3448, OptionalLong.of(3423), OptionalLong.of(12), UNKNOWN));
  }

  /** github.com/BerriAI/litellm/issues/11364. */
  @Test
  void liteLlmReportsEachCountTwiceAndAsPartOfThePrompt() {
    var usage =
        read(
            """
            {"total_tokens":103925,"prompt_tokens":98805,"completion_tokens":5120,
             "prompt_tokens_details":{"cached_tokens":66360,"cache_creation_tokens":32435},
             "cache_read_input_tokens":66360,"cache_creation_input_tokens":32435,
             "completion_tokens_details":{"reasoning_tokens":1710}}\
            """);

    assertThat(usage)
        .contains(
            usage(
                98805,
                5120,
                103925,
                OptionalLong.of(66360),
                OptionalLong.of(32435),
                OptionalLong.of(1710)));
  }

  /** github.com/BerriAI/litellm/issues/11789: the stream's details say 0. */
  @Test
  void ofACountInTwoPlacesTheLargerOneCounts() {
    var usage =
        read(
            """
            {"total_tokens":2482,"prompt_tokens":2459,"completion_tokens":23,
             "prompt_tokens_details":{"cached_tokens":0},
             "cache_read_input_tokens":2455,"cache_creation_input_tokens":0}\
            """);

    assertThat(usage)
        .contains(
            usage(2459, 23, 2482, OptionalLong.of(2455), OptionalLong.of(0), UNKNOWN).unclear());
  }

  /** github.com/BerriAI/litellm/issues/5087: Voyage. */
  @Test
  void theTotalOfEmbeddingsIsThatOfThePrompt() throws MalformedJsonException {
    var reply = Json.PROVIDER.parse("{\"data\":[{}],\"usage\":{\"total_tokens\":8}}");

    assertThat(UsageReader.tokens(reply)).contains(new Usage(8, 0, 8));
    assertThat(read("{\"total_tokens\":8}")).isEmpty();
  }

  /** github.com/earendil-works/pi/issues/2325: mlx-vlm. */
  @Test
  void theNamesOfAnthropicsFormatAreReadToo() {
    assertThat(read("{\"input_tokens\":3,\"output_tokens\":4,\"total_tokens\":7}"))
        .contains(new Usage(3, 4, 7));
    assertThat(read("{\"input_tokens\":9,\"output_tokens\":4,\"cache_read_input_tokens\":5}"))
        .map(Usage::isUnclear)
        .contains(true);
  }

  /**
   * A prompt without a token: github.com/diegosouzapw/OmniRoute/issues/4615. Multiples of
   * Anthropic's prices: platform.claude.com/docs/en/about-claude/pricing.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt_tokens\":0,\"completion_tokens\":10,\"total_tokens\":10} | true",
        "{\"prompt_tokens\":9,\"completion_tokens\":0,\"total_tokens\":9} | false",
        "{\"prompt_tokens\":0,\"completion_tokens\":10,\"cache_read_input_tokens\":9} | false",
        "{\"prompt_tokens\":9,\"completion_tokens\":1,\"cache_read_input_tokens\":5} | true",
        "{\"prompt_tokens\":500,\"completion_tokens\":50,\"total_tokens\":550,\"cache_read_input_tokens\":300}"
            + " | true",
        "{\"input_tokens\":3,\"output_tokens\":1,\"cache_read_input_tokens\":5} | false",
        "{\"prompt_tokens\":9,\"completion_tokens\":1,\"speed\":\"fast\"} | true",
        "{\"prompt_tokens\":9,\"completion_tokens\":1,\"speed\":\"standard\"} | false",
        "{\"prompt_tokens\":9,\"completion_tokens\":1,\"inference_geo\":\"us\"} | true",
        "{\"prompt_tokens\":9,\"completion_tokens\":1,\"inference_geo\":\"global\"} | false",
        "{\"prompt_tokens\":9,\"completion_tokens\":1,\"inference_geo\":null} | false"
      })
  void countsThatLeaveThePriceOpenAreUnclear(String usage, boolean isUnclear) {
    assertThat(read(usage).orElseThrow().isUnclear()).isEqualTo(isUnclear);
  }

  /** github.com/BerriAI/litellm/issues/9812: Anthropic's own counts, under OpenAI's names. */
  @ParameterizedTest
  @ValueSource(longs = {553, 12857})
  void cacheTokensBesideThePromptAreAddedToIt(long total) {
    var usage =
        read(
            """
            {"prompt_tokens":3,"completion_tokens":550,"total_tokens":%d,
             "cache_creation_input_tokens":12304,"cache_read_input_tokens":0}\
            """
                .formatted(total));

    assertThat(usage)
        .contains(usage(12307, 550, 12857, OptionalLong.of(0), OptionalLong.of(12304), UNKNOWN));
  }

  /** github.com/BerriAI/litellm/issues/40736 and QuantumNous/new-api's cases. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"prompt_tokens":3619,"completion_tokens":36,"total_tokens":3655,
         "prompt_tokens_details":{"cached_tokens":2921,"cache_write_tokens":3616}}\
        """,
        """
        {"prompt_tokens":58354,"completion_tokens":408,"total_tokens":58762,
         "prompt_tokens_details":{"cached_tokens":58352},
         "cache_read_input_tokens":58352,"cache_creation_input_tokens":58352}\
        """,
        """
        {"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000,
         "prompt_tokens_details":{"cached_tokens":1001}}\
        """
      })
  void cacheTokensThatExceedThePromptTogetherAreNotAddedToIt(String counts) {
    var usage = read(counts).orElseThrow();

    assertThat(usage.totalTokens()).isEqualTo(usage.promptTokens() + usage.completionTokens());
    assertThat(usage.isConsistent()).isFalse();
  }

  /** As many tokens of thinking as were cached: github.com/openai/openai-python/issues/2544. */
  @Test
  void whatOnlyTheTotalHasIsNotTakenForTheCacheOfOpenAisFormat() {
    String counts =
        """
        {"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1400,
         "prompt_tokens_details":{"cached_tokens":300}%s}\
        """;

    assertThat(read(counts.formatted("")))
        .contains(usage(1000, 100, 1400, OptionalLong.of(300), UNKNOWN, UNKNOWN));
    assertThat(read(counts.formatted(",\"cache_read_input_tokens\":0")))
        .contains(usage(1000, 100, 1400, OptionalLong.of(300), UNKNOWN, UNKNOWN));
  }

  /** Moonshot: github.com/earendil-works/pi/issues/2017. */
  @Test
  void theUsageOfTheOnlyChoiceIsThatOfTheReply() throws MalformedJsonException {
    String choice = "{\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":13}}";

    assertThat(UsageReader.tokens(Json.PROVIDER.parse("{\"choices\":[" + choice + "]}")))
        .contains(new Usage(19, 13, 32));
    assertThat(
            UsageReader.tokens(
                Json.PROVIDER.parse("{\"choices\":[" + choice + "," + choice + "]}")))
        .isEmpty();
  }

  /** Names of New API and of Mistral (github.com/vercel/ai/issues/14382), and of OpenAI's own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'prompt_tokens_details':{'cached_tokens':4,'cached_creation_tokens':2} | 4 | 2 |",
        "'num_cached_tokens':4 | 4 | |",
        "'input_tokens_details':{'cached_tokens':4,'cache_write_tokens':2} | 4 | 2 |",
        "'output_tokens_details':{'reasoning_tokens':3} | | | 3"
      })
  void detailsHaveManyNames(String details, Long cached, Long written, Long reasoning) {
    var usage =
        read(
            "{\"prompt_tokens\":9,\"completion_tokens\":5,\"total_tokens\":14,"
                + details.replace('\'', '"')
                + "}");

    assertThat(usage)
        .contains(usage(9, 5, 14, optional(cached), optional(written), optional(reasoning)));
  }

  private static OptionalLong optional(Long count) {
    return count == null ? UNKNOWN : OptionalLong.of(count);
  }

  /** xAI: github.com/BerriAI/litellm/issues/36281. Anthropic, Perplexity. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'server_side_tool_usage_details':{'web_search_calls':2,'x_search_calls':0} | true",
        "'server_side_tool_usage_details':{'web_search_calls':0} | false",
        "'server_side_tool_usage_details':null | false",
        "'server_tool_use':{'web_search_requests':1} | true",
        "'num_sources_used':1 | true",
        "'num_sources_used':0 | false",
        "'num_search_queries':1 | true"
      })
  void toolsThatTheProviderRanMakeThePriceUnclear(String runs, boolean isUnclear) {
    var usage =
        read("{\"prompt_tokens\":9,\"completion_tokens\":9," + runs.replace('\'', '"') + "}");

    assertThat(usage.orElseThrow().isUnclear()).isEqualTo(isUnclear);
  }

  /** api-docs.deepseek.com/guides/kv_cache. */
  @Test
  void deepSeekSplitsThePromptIntoHitsAndMisses() {
    var usage =
        read(
            """
            {"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,
             "prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}\
            """);

    assertThat(usage).contains(usage(100, 20, 120, OptionalLong.of(64), UNKNOWN, UNKNOWN));
  }

  /** github.com/epam/ai-dial-adapter-openai/pull/525: Alibaba's Qwen. */
  @Test
  void alibabaReportsCacheWritesInTheDetails() {
    var usage =
        read(
            """
            {"prompt_tokens":3019,"completion_tokens":104,"total_tokens":3123,
             "prompt_tokens_details":{"cached_tokens":2048,"cache_creation_input_tokens":900}}\
            """);

    assertThat(usage)
        .contains(usage(3019, 104, 3123, OptionalLong.of(2048), OptionalLong.of(900), UNKNOWN));
  }

  /** github.com/Wei-Shaw/sub2api/issues/5771: 10120 + 1499 + 2809 = 14428. */
  @Test
  void xaiCountsReasoningBesideTheCompletion() {
    var usage =
        read(
            """
            {"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,
             "prompt_tokens_details":{"cached_tokens":128},
             "completion_tokens_details":{"reasoning_tokens":2809}}\
            """);

    assertThat(usage)
        .contains(usage(10120, 4308, 14428, OptionalLong.of(128), UNKNOWN, OptionalLong.of(2809)));
  }

  /** github.com/promptfoo/promptfoo/pull/9507: 500 + 500 = 1000. */
  @Test
  void reasoningInsideTheCompletionIsNotCountedTwice() {
    var usage =
        read(
            """
            {"prompt_tokens":500,"completion_tokens":500,"total_tokens":1000,
             "completion_tokens_details":{"reasoning_tokens":200}}\
            """);

    assertThat(usage).contains(usage(500, 500, 1000, UNKNOWN, UNKNOWN, OptionalLong.of(200)));
  }

  /** github.com/mozilla-ai/any-llm/issues/1290: Google's 20 + 198 + 405 of thinking = 623. */
  @Test
  void aTotalWithMoreThanItsCountsStaysSo() {
    var usage = read("{\"prompt_tokens\":20,\"completion_tokens\":198,\"total_tokens\":623}");

    assertThat(usage).contains(new Usage(20, 198, 623));
    assertThat(usage.orElseThrow().isConsistent()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "prompt_tokens_details, audio_tokens, 1, true",
    "completion_tokens_details, audio_tokens, 2, true",
    "completion_tokens_details, image_tokens, 3, true",
    "prompt_tokens_details, image_tokens, 4, false",
    "prompt_tokens_details, audio_tokens, 0, false",
  })
  void tokensWithAPriceOfTheirOwnAreNoticed(
      String details, String name, int tokens, boolean isUnclear) {
    var usage =
        read(
            "{\"prompt_tokens\":9,\"completion_tokens\":9,\"total_tokens\":18,\"%s\":{\"%s\":%d}}"
                .formatted(details, name, tokens));

    assertThat(usage.orElseThrow().isUnclear()).isEqualTo(isUnclear);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"500\"", "500.0", "-5", "99999999999", "true"})
  void aDetailThatIsNoCountMakesThePricesUnclear(String detail) {
    var usage =
        read(
            "{\"prompt_tokens\":1000,\"completion_tokens\":100,\"total_tokens\":1100,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":%s}}".formatted(detail));

    assertThat(usage.orElseThrow().cachedTokens()).isEmpty();
    assertThat(usage.orElseThrow().isUnclear()).isTrue();
  }

  @Test
  void aTotalThatTwoCountsExplainStaysAboveTheirSum() {
    var usage =
        read(
            """
            {"prompt_tokens":200,"completion_tokens":100,"total_tokens":364,
             "cache_read_input_tokens":64,
             "completion_tokens_details":{"reasoning_tokens":64}}\
            """);

    assertThat(usage)
        .contains(
            usage(200, 100, 364, OptionalLong.of(64), UNKNOWN, OptionalLong.of(64)).unclear());
  }

  /** docs.perplexity.ai, sonar-deep-research: reasoning is billed beside these counts. */
  @Test
  void countsThatContradictEachOtherAreKeptButNotConsistent() {
    var usage =
        read(
            """
            {"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,
             "citation_tokens":20016,"num_search_queries":18,"reasoning_tokens":73408}\
            """);

    assertThat(usage)
        .contains(usage(33, 7163, 7196, UNKNOWN, UNKNOWN, OptionalLong.of(73408)).unclear());
    assertThat(usage.orElseThrow().isConsistent()).isFalse();
  }

  @Test
  void theTotalOrTheCompletionFollowsFromTheOtherCounts() {
    assertThat(read("{\"prompt_tokens\":5,\"completion_tokens\":2}")).contains(new Usage(5, 2, 7));
    assertThat(read("{\"prompt_tokens\":5,\"total_tokens\":7}")).contains(new Usage(5, 2, 7));
    assertThat(read("{\"prompt_tokens\":5,\"total_tokens\":5}")).contains(new Usage(5, 0, 5));
    assertThat(read("{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":null}"))
        .contains(new Usage(5, 2, 7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "[]",
        "{\"prompt_tokens\":1}",
        "{\"completion_tokens\":1,\"total_tokens\":2}",
        "{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}",
        "{\"prompt_tokens\":-1,\"completion_tokens\":2,\"total_tokens\":1}",
        "{\"prompt_tokens\":1,\"completion_tokens\":-2,\"total_tokens\":1}",
        "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":-3}",
        "{\"prompt_tokens\":1.5,\"completion_tokens\":2,\"total_tokens\":3}",
        "{\"prompt_tokens\":1,\"completion_tokens\":1e300,\"total_tokens\":3}",
        "{\"prompt_tokens\":\"1\",\"completion_tokens\":2,\"total_tokens\":3}",
        "{\"prompt_tokens\":1,\"completion_tokens\":null,\"total_tokens\":3}",
        "{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":1,\"total_tokens\":3}",
        "{\"prompt_tokens\":99999999999999999999999,\"completion_tokens\":1,\"total_tokens\":3}",
        "{\"prompt_tokens\":5,\"total_tokens\":3}"
      })
  void whatCannotBeACountIsUnknown(String usage) {
    assertThat(read(usage)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "1e30", "\"7\"", "null", "99999999999999999999", "[]"})
  void aDetailThatCannotBeACountIsUnknown(String count) {
    var usage =
        read(
            """
            {"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,
             "prompt_tokens_details":{"cached_tokens":%1$s,"cache_write_tokens":%1$s},
             "completion_tokens_details":{"reasoning_tokens":%1$s}}\
            """
                .formatted(count));

    assertThat(usage).map(Usage::totalTokens).contains(3L);
    assertThat(usage).map(Usage::cachedTokens).contains(UNKNOWN);
    assertThat(usage).map(Usage::cacheWriteTokens).contains(UNKNOWN);
    assertThat(usage).map(Usage::reasoningTokens).contains(UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "7, 2, 9, 7, 0, 2, true",
    "7, 2, 10, 0, 0, 0, true",
    "7, 2, 8, 0, 0, 0, false",
    "7, 2, 9, 4, 4, 0, false",
    "7, 2, 9, 0, 0, 3, false"
  })
  void countsAreConsistentIfTheyAddUp(
      long prompt,
      long completion,
      long total,
      long cached,
      long written,
      long reasoning,
      boolean consistent) {
    var usage =
        usage(
            prompt,
            completion,
            total,
            OptionalLong.of(cached),
            OptionalLong.of(written),
            OptionalLong.of(reasoning));

    assertThat(usage.isConsistent()).isEqualTo(consistent);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"service_tier\":\"priority\"} | priority",
        "{\"usage\":{\"service_tier\":\"standard\"}} | standard",
        "{\"service_tier\":\"a b\\r\\n\"} | a_b__",
        "{\"service_tier\":{\"a\":1}} | {\"a\":1}",
        "{\"service_tier\":null} |",
        "{\"service_tier\":\"\"} |",
        "{} |"
      })
  void theServiceTierIsAWordOfTheReply(String reply, String tier) throws MalformedJsonException {
    assertThat(UsageReader.serviceTier(Json.PROVIDER.parse(reply)))
        .isEqualTo(Optional.ofNullable(tier));
  }

  private static Optional<Usage> read(String usage) {
    try {
      JsonNode reply = Json.PROVIDER.parse("{\"usage\":" + usage + "}");
      return UsageReader.tokens(reply);
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }

  private static Usage usage(
      long prompt,
      long completion,
      long total,
      OptionalLong cached,
      OptionalLong written,
      OptionalLong reasoning) {
    return new Usage(prompt, completion, total, cached, written, reasoning, Optional.empty());
  }
}
