package dev.skein.llm;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The tokens that a completion was billed for, in one form for all providers: the details are parts
 * of the counts that they belong to and are never added to them. A detail that the provider does
 * not report is empty, which is not zero.
 *
 * @param promptTokens all tokens of the prompt. They include {@code cachedTokens} and {@code
 *     cacheWriteTokens}, as OpenAI counts them; where a provider counts them beside the prompt, as
 *     Anthropic does, the reader of its reply adds them
 * @param completionTokens all tokens that the model wrote. They include {@code reasoningTokens}
 * @param totalTokens the provider's own total, or the sum of the two where it reports none; it is
 *     larger than the sum where a provider counts thinking in no other place, as Google does
 * @param cachedTokens those of the prompt that the provider read from its cache
 * @param cacheWriteTokens those of the prompt that the provider wrote to its cache
 * @param reasoningTokens those of the completion that the model thought with
 * @param serviceTier the tier that the provider says it served the call on, such as {@code default}
 *     or {@code priority}; empty if it names none
 * @param isUnclear whether it is not known how many tokens have which price: some are reported to
 *     be audio, or images that the model made, which have prices of their own, a detail is no
 *     count, a prompt is said to have no token, cached tokens may be beside the prompt or are
 *     missing from the last count, the call was served in a way that has another price, or the
 *     provider ran tools for it, which it bills beside the tokens
 */
public record Usage(
    long promptTokens,
    long completionTokens,
    long totalTokens,
    OptionalLong cachedTokens,
    OptionalLong cacheWriteTokens,
    OptionalLong reasoningTokens,
    Optional<String> serviceTier,
    boolean isUnclear) {

  /** A usage of text. */
  public Usage(
      long promptTokens,
      long completionTokens,
      long totalTokens,
      OptionalLong cachedTokens,
      OptionalLong cacheWriteTokens,
      OptionalLong reasoningTokens,
      Optional<String> serviceTier) {
    this(
        promptTokens,
        completionTokens,
        totalTokens,
        cachedTokens,
        cacheWriteTokens,
        reasoningTokens,
        serviceTier,
        false);
  }

  /** A usage without details. */
  public Usage(long promptTokens, long completionTokens, long totalTokens) {
    this(
        promptTokens,
        completionTokens,
        totalTokens,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty());
  }

  /** The same on another tier; empty if none is named. */
  public Usage withServiceTier(Optional<String> tier) {
    return with(tier, isUnclear);
  }

  /** The same, of which it is not known how many tokens have which price. */
  Usage unclear() {
    return with(serviceTier, true);
  }

  private Usage with(Optional<String> tier, boolean unclear) {
    return new Usage(
        promptTokens,
        completionTokens,
        totalTokens,
        cachedTokens,
        cacheWriteTokens,
        reasoningTokens,
        tier,
        unclear);
  }

  /**
   * Whether no count contradicts another one: the total is not less than the sum, and no detail
   * exceeds what it is a part of. What a call cost cannot be computed from other counts.
   */
  public boolean isConsistent() {
    return totalTokens >= promptTokens + completionTokens
        && cachedTokens.orElse(0) + cacheWriteTokens.orElse(0) <= promptTokens
        && reasoningTokens.orElse(0) <= completionTokens;
  }

  /**
   * The sum. A detail that either part lacks is unknown, and so is the tier of two calls that were
   * served on different ones.
   */
  public Usage plus(Usage other) {
    return new Usage(
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        totalTokens + other.totalTokens,
        sum(cachedTokens, other.cachedTokens),
        sum(cacheWriteTokens, other.cacheWriteTokens),
        sum(reasoningTokens, other.reasoningTokens),
        serviceTier.equals(other.serviceTier) ? serviceTier : Optional.empty(),
        isUnclear || other.isUnclear);
  }

  /** The sum; empty when either part is unknown. */
  public static Optional<Usage> sum(Optional<Usage> a, Optional<Usage> b) {
    return a.flatMap(known -> b.map(known::plus));
  }

  private static OptionalLong sum(OptionalLong a, OptionalLong b) {
    return a.isPresent() && b.isPresent()
        ? OptionalLong.of(a.getAsLong() + b.getAsLong())
        : OptionalLong.empty();
  }
}
