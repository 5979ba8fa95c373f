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
  /** OpenAI and most others, DeepSeek, Moonshot, Mistral, OpenAI's other format. */
  private static final List<JsonPointer> CACHED_TOKENS =
      OpenAiReply.pointers(
          "/prompt_tokens_details/cached_tokens",
          "/prompt_cache_hit_tokens",
          "/cached_tokens",
          "/num_cached_tokens",
          "/input_tokens_details/cached_tokens");

  /** OpenAI and OpenRouter, LiteLLM, Alibaba, New API, OpenAI's other format. */
  private static final List<JsonPointer> CACHE_WRITE_TOKENS =
      OpenAiReply.pointers(
          "/prompt_tokens_details/cache_write_tokens",
          "/prompt_tokens_details/cache_creation_tokens",
          "/prompt_tokens_details/cache_creation_input_tokens",
          "/prompt_tokens_details/cached_creation_tokens",
          "/input_tokens_details/cache_write_tokens");

  /** Anthropic's names, which gateways pass on together with its counts. */
  private static final List<JsonPointer> ANTHROPICS_CACHED_TOKENS =
      OpenAiReply.pointers("/cache_read_input_tokens");

  private static final List<JsonPointer> ANTHROPICS_CACHE_WRITE_TOKENS =
      OpenAiReply.pointers("/cache_creation_input_tokens");

  /** OpenAI and most others, Perplexity, OpenAI's other format. */
  private static final List<JsonPointer> REASONING_TOKENS =
      OpenAiReply.pointers(
          "/completion_tokens_details/reasoning_tokens",
          "/reasoning_tokens",
          "/output_tokens_details/reasoning_tokens");

  /** OpenAI and Google. An image in a prompt has the price of text, and one in a reply has not. */
  private static final List<JsonPointer> MEDIA_TOKENS =
      OpenAiReply.pointers(
          "/prompt_tokens_details/audio_tokens",
          "/completion_tokens_details/audio_tokens",
          "/completion_tokens_details/image_tokens",
          "/input_tokens_details/audio_tokens",
          "/output_tokens_details/audio_tokens",
          "/output_tokens_details/image_tokens");

  /** Counts of what a provider ran or read for an answer, and bills beside the tokens. */
  private static final List<JsonPointer> RUNS =
      OpenAiReply.pointers("/num_sources_used", "/num_search_queries");

  /** Objects of such counts: xAI's, and Anthropic's. */
  private static final List<JsonPointer> RUNS_BY_TOOL =
      OpenAiReply.pointers("/server_side_tool_usage_details", "/server_tool_use");

  /**
   * Anthropic's, of calls for which it asks a multiple of the price: that of a faster way to serve
   * a model, and that of a region.
   *
   * @see <a href="https://platform.claude.com/docs/en/about-claude/pricing">Anthropic, Pricing</a>
   */
  private static final Map<String, Set<String>> USUAL_WAYS =
      Map.of("speed", Set.of("standard"), "inference_geo", Set.of("global", "not_available"));

  private UsageReader() {}

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

  /** Moonshot has it in the choice of a stream's last chunk. */
  private static JsonNode usage(JsonNode reply) {
    JsonNode usage = reply.path("usage");
    JsonNode choices = reply.path("choices");
    return usage.isObject() || choices.size() != 1 ? usage : choices.path(0).path("usage");
  }

  /**
   * The tokens of the cache.
   *
   * @param isAnthropics whether Anthropic's names have all of them
   * @param isOnlyAnthropics whether no other name has any
   */
  private record Cache(
      OptionalLong read, OptionalLong written, boolean isAnthropics, boolean isOnlyAnthropics) {
    static Cache of(JsonNode usage) {
      OptionalLong read = largest(usage, CACHED_TOKENS);
      OptionalLong written = largest(usage, CACHE_WRITE_TOKENS);
      OptionalLong anthropicsRead = largest(usage, ANTHROPICS_CACHED_TOKENS);
      OptionalLong anthropicsWritten = largest(usage, ANTHROPICS_CACHE_WRITE_TOKENS);
      long anthropics = anthropicsRead.orElse(0) + anthropicsWritten.orElse(0);
      OptionalLong allRead = larger(read, anthropicsRead);
      OptionalLong allWritten = larger(written, anthropicsWritten);
      return new Cache(
          allRead,
          allWritten,
          anthropics > 0 && anthropics == allRead.orElse(0) + allWritten.orElse(0),
          anthropics > 0 && read.orElse(0) + written.orElse(0) == 0);
    }

    long sum() {
      return read.orElse(0) + written.orElse(0);
    }

    /** Whether they cannot be a part of a prompt. */
    boolean exceeds(long prompt) {
      return Math.max(read.orElse(0), written.orElse(0)) > prompt;
    }
  }

  private static Usage normalized(JsonNode usage, long prompt, long completion, long total) {
    var cache = Cache.of(usage);
    OptionalLong reasoning = largest(usage, REASONING_TOKENS);
    long thought = reasoning.orElse(0);
    long beyond = total - prompt - completion;
    // Two counts that explain the total equally well explain nothing: it stays above their sum.
    boolean isAmbiguous =
        cache.isAnthropics()
            && !cache.exceeds(prompt)
            && beyond == cache.sum()
            && beyond == thought;
    boolean isBeside =
        cache.isAnthropics()
            && !isAmbiguous
            && (cache.exceeds(prompt) || beyond == cache.sum() || beyond == cache.sum() + thought);
    long allPrompt = isBeside ? prompt + cache.sum() : prompt;
    long all = isBeside && beyond < cache.sum() ? total + cache.sum() : total;
    long rest = all - allPrompt - completion;
    boolean isThought = rest > 0 && rest == thought && !isAmbiguous;
    return new Usage(
        allPrompt,
        isThought ? completion + thought : completion,
        all,
        cache.read(),
        cache.written(),
        reasoning,
        Optional.empty(),
        (cache.isOnlyAnthropics() && !isBeside)
            || (allPrompt == 0 && completion > 0)
            || hasOtherPrices(usage));
  }

  private static boolean hasOtherPrices(JsonNode usage) {
    return largest(usage, MEDIA_TOKENS).orElse(0) > 0
        || hasDetailThatIsNoCount(usage)
        || isServedInAnotherWay(usage)
        || hasRuns(usage);
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
        || hasOther(usage, ANTHROPICS_CACHED_TOKENS)
        || hasOther(usage, ANTHROPICS_CACHE_WRITE_TOKENS)
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

  private static OptionalLong larger(OptionalLong a, OptionalLong b) {
    return a.orElse(-1) >= b.orElse(-1) ? a : b;
  }

  private static boolean isCount(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0;
  }
}
