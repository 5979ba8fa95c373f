package dev.skein.llm;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The tokens that a completion was billed for.
 *
 * @param cachedTokens those of the prompt that the provider read from its cache; empty if it does
 *     not report them, which is not zero
 * @param reasoningTokens those of the completion that the model thought with; empty as well
 */
public record Usage(
    long promptTokens,
    long completionTokens,
    long totalTokens,
    OptionalLong cachedTokens,
    OptionalLong reasoningTokens) {

  /** A usage without details. */
  public Usage(long promptTokens, long completionTokens, long totalTokens) {
    this(promptTokens, completionTokens, totalTokens, OptionalLong.empty(), OptionalLong.empty());
  }

  /** The sum. */
  public Usage plus(Usage other) {
    return new Usage(
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        totalTokens + other.totalTokens,
        sum(cachedTokens, other.cachedTokens),
        sum(reasoningTokens, other.reasoningTokens));
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
