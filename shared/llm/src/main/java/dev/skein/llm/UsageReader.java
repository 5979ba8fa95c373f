package dev.skein.llm;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads the usage of a reply, or of a chunk. Providers agree on the three counts of OpenAI's format
 * and on little else: where the details are, and whether they are parts of the counts. The total
 * decides that, and {@link Usage} has it in one form.
 *
 * <pre>
 * cached, cache-written  part of the prompt: OpenAI, DeepSeek, OpenRouter, LiteLLM
 *                        beside the prompt: gateways that pass Anthropic's counts on, by its names;
 *                        the total has them, or one of them is larger than the prompt
 * reasoning              part of the completion: OpenAI, DeepSeek, OpenRouter
 *                        beside the completion: xAI
 *                        in the total alone: Google, which stays so
 * </pre>
 *
 * Voyage reports the total alone, of embeddings, which have nothing but a prompt. Some servers have
 * the names of Anthropic's format, {@code input_tokens} and {@code output_tokens}.
 *
 * @see <a href="https://platform.openai.com/docs/guides/prompt-caching">OpenAI, Prompt caching</a>
 * @see <a href="https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching">Anthropic,
 *     Prompt caching</a>
 * @see <a href="https://docs.x.ai/docs/key-information/consumption-and-rate-limits">xAI,
 *     Consumption and rate limits</a>
 */
final class UsageReader {
  /** Anthropic's names, which gateways pass on together with its counts. */
  private static final String CACHE_READ = "cache_read_input_tokens";

  private static final String CACHE_CREATION = "cache_creation_input_tokens";

  /** OpenAI and most others, DeepSeek, Moonshot, Mistral, Anthropic, OpenAI's other format. */
  private static final List<JsonPointer> CACHED_TOKENS =
      pointers(
          "/prompt_tokens_details/cached_tokens",
          "/prompt_cache_hit_tokens",
          "/cached_tokens",
          "/num_cached_tokens",
          "/" + CACHE_READ,
          "/input_tokens_details/cached_tokens");

  /** OpenAI and OpenRouter, LiteLLM, Alibaba, New API, Anthropic, OpenAI's other format. */
  private static final List<JsonPointer> CACHE_WRITE_TOKENS =
      pointers(
          "/prompt_tokens_details/cache_write_tokens",
          "/prompt_tokens_details/cache_creation_tokens",
          "/prompt_tokens_details/cache_creation_input_tokens",
          "/prompt_tokens_details/cached_creation_tokens",
          "/" + CACHE_CREATION,
          "/input_tokens_details/cache_write_tokens");

  /** OpenAI and most others, Perplexity, OpenAI's other format. */
  private static final List<JsonPointer> REASONING_TOKENS =
      pointers(
          "/completion_tokens_details/reasoning_tokens",
          "/reasoning_tokens",
          "/output_tokens_details/reasoning_tokens");

  /** OpenAI and Google. An image in a prompt has the price of text, and one in a reply has not. */
  private static final List<JsonPointer> MEDIA_TOKENS =
      pointers(
          "/prompt_tokens_details/audio_tokens",
          "/completion_tokens_details/audio_tokens",
          "/completion_tokens_details/image_tokens",
          "/input_tokens_details/audio_tokens",
          "/output_tokens_details/audio_tokens",
          "/output_tokens_details/image_tokens");

  /** Counts of what a provider ran or read for an answer, and bills beside the tokens. */
  private static final List<JsonPointer> RUNS =
      pointers("/num_sources_used", "/num_search_queries");

  /** Objects of such counts: xAI's, and Anthropic's. */
  private static final List<JsonPointer> RUNS_BY_TOOL =
      pointers("/server_side_tool_usage_details", "/server_tool_use");

  /**
   * Anthropic's, of calls for which it asks a multiple of the price: that of a faster way to serve
   * a model, and that of a region.
   *
   * @see <a href="https://platform.claude.com/docs/en/about-claude/pricing">Anthropic, Pricing</a>
   */
  private static final Map<String, Set<String>> USUAL_WAYS =
      Map.of("speed", Set.of("standard"), "inference_geo", Set.of("global", "not_available"));

  private UsageReader() {}

  private static List<JsonPointer> pointers(String... paths) {
    var pointers = new JsonPointer[paths.length];
    for (int i = 0; i < paths.length; i++) {
      pointers[i] = JsonPointer.compile(paths[i]);
    }
    return List.of(pointers);
  }

  /**
   * The tokens that a reply reports.
   *
   * @return without a service tier; empty if a count is missing or cannot be one, or if all are 0,
   *     as of servers that do not count
   */
  static Optional<Usage> tokens(JsonNode reply) {
    JsonNode usage = usage(reply);
    boolean isOpenAis = usage.has("prompt_tokens") || usage.has("completion_tokens");
    JsonNode prompt = usage.path(isOpenAis ? "prompt_tokens" : "input_tokens");
    JsonNode completion = usage.path(isOpenAis ? "completion_tokens" : "output_tokens");
    JsonNode total = usage.path("total_tokens");
    if (prompt.isMissingNode() && completion.isMissingNode() && reply.path("data").isArray()) {
      prompt = total;
    }
    boolean hasCompletion = !completion.isMissingNode();
    boolean hasTotal = OpenAiReply.hasValue(total);
    if (!isCount(prompt)
        || !(hasCompletion || hasTotal)
        || (hasCompletion && !isCount(completion))
        || (hasTotal && !isCount(total))) {
      return Optional.empty();
    }
    long asked = prompt.longValue();
    long written = hasCompletion ? completion.longValue() : total.longValue() - asked;
    long sum = hasTotal ? total.longValue() : asked + written;
    return written < 0 || asked + written + sum == 0
        ? Optional.empty()
        : Optional.of(normalized(usage, asked, written, sum));
  }

  /** Moonshot has it in the last choice of a stream. */
  private static JsonNode usage(JsonNode reply) {
    JsonNode usage = reply.path("usage");
    JsonNode choices = reply.path("choices");
    return usage.isObject() || choices.size() != 1 ? usage : choices.path(0).path("usage");
  }

  private static Usage normalized(JsonNode usage, long prompt, long completion, long total) {
    OptionalLong cached = largest(usage, CACHED_TOKENS);
    OptionalLong cacheWrite = largest(usage, CACHE_WRITE_TOKENS);
    OptionalLong reasoning = largest(usage, REASONING_TOKENS);
    long cache = cached.orElse(0) + cacheWrite.orElse(0);
    long beyond = total - prompt - completion;
    boolean isAnthropics = hasAnthropicsNames(usage);
    boolean isSmaller = Math.max(cached.orElse(0), cacheWrite.orElse(0)) > prompt;
    // Two counts that explain the total equally well explain nothing: it stays above their sum.
    boolean isAmbiguous =
        isAnthropics && !isSmaller && beyond == cache && beyond == reasoning.orElse(0);
    boolean isBeside =
        isAnthropics
            && cache > 0
            && !isAmbiguous
            && (isSmaller || beyond == cache || beyond == cache + reasoning.orElse(0));
    long allPrompt = isBeside ? prompt + cache : prompt;
    long all = isBeside && beyond < cache ? total + cache : total;
    long thought = all - allPrompt - completion;
    boolean isThought = thought > 0 && reasoning.orElse(0) == thought && !isAmbiguous;
    return new Usage(
        allPrompt,
        isThought ? completion + thought : completion,
        all,
        cached,
        cacheWrite,
        reasoning,
        Optional.empty(),
        largest(usage, MEDIA_TOKENS).orElse(0) > 0
            || hasDetailThatIsNoCount(usage)
            || (allPrompt == 0 && completion > 0)
            || isServedInAnotherWay(usage)
            || hasRuns(usage)
            || (cache > 0 && !isBeside && mayLackCache(usage)));
  }

  /** The tier that a reply names, in whatever form; empty if it does not. */
  static Optional<String> serviceTier(JsonNode reply) {
    String tier = text(reply.path("service_tier"));
    String name = tier.isEmpty() ? text(reply.path("usage").path("service_tier")) : tier;
    return name.isEmpty() ? Optional.empty() : Optional.of(DetailsCollector.bounded(name));
  }

  private static String text(JsonNode tier) {
    return tier.isContainerNode() ? tier.toString() : tier.asText("");
  }

  private static boolean isServedInAnotherWay(JsonNode usage) {
    for (var way : USUAL_WAYS.entrySet()) {
      JsonNode told = usage.path(way.getKey());
      if (OpenAiReply.hasValue(told) && !way.getValue().contains(told.asText())) {
        return true;
      }
    }
    return false;
  }

  /** Anthropic counts the cache beside the prompt: whether these counts do, the total can tell. */
  private static boolean mayLackCache(JsonNode usage) {
    return !OpenAiReply.hasValue(usage.path("total_tokens"))
        && (!usage.has("prompt_tokens") || hasAnthropicsNames(usage));
  }

  private static boolean hasAnthropicsNames(JsonNode usage) {
    return isCount(usage.path(CACHE_READ)) || isCount(usage.path(CACHE_CREATION));
  }

  private static boolean hasRuns(JsonNode usage) {
    if (largest(usage, RUNS).orElse(0) > 0) {
      return true;
    }
    for (JsonPointer tools : RUNS_BY_TOOL) {
      for (JsonNode count : usage.at(tools)) {
        if (count.asLong() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean hasDetailThatIsNoCount(JsonNode usage) {
    return hasOther(usage, CACHED_TOKENS)
        || hasOther(usage, CACHE_WRITE_TOKENS)
        || hasOther(usage, MEDIA_TOKENS);
  }

  private static boolean hasOther(JsonNode usage, List<JsonPointer> members) {
    for (JsonPointer member : members) {
      JsonNode detail = usage.at(member);
      if (OpenAiReply.hasValue(detail) && !isCount(detail)) {
        return true;
      }
    }
    return false;
  }

  /** Some gateways report a count in two places, and one of them as 0. */
  private static OptionalLong largest(JsonNode usage, List<JsonPointer> members) {
    OptionalLong largest = OptionalLong.empty();
    for (JsonPointer member : members) {
      JsonNode count = usage.at(member);
      if (isCount(count) && count.longValue() >= largest.orElse(0)) {
        largest = OptionalLong.of(count.longValue());
      }
    }
    return largest;
  }

  private static boolean isCount(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0;
  }
}
