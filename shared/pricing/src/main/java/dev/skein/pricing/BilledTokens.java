package dev.skein.pricing;

import dev.skein.llm.Usage;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The tokens of a call by price, each counted once.
 *
 * @param uncached those of the prompt that were neither read from a cache nor written to one
 * @param cached those of the prompt that were read from a cache
 * @param cacheWrite those of the prompt that were written to a cache
 * @param completion those of the completion, with the reasoning, wherever it is counted
 */
record BilledTokens(long uncached, long cached, long cacheWrite, long completion) {

  /**
   * The tokens that a usage names; empty if it does not say how many tokens have a price of their
   * own, or contradicts itself.
   */
  static Optional<BilledTokens> of(Usage usage, Band band, Provider provider) {
    OptionalLong cached =
        detail(usage.cachedTokens(), band.cached().isEmpty() || provider.reportsCached());
    OptionalLong written =
        detail(
            usage.cacheWriteTokens(), band.cacheWrite().isEmpty() || provider.reportsCacheWrites());
    long rest = usage.totalTokens() - usage.promptTokens() - usage.completionTokens();
    boolean isThinking =
        rest > 0 && provider.restIsOutput() && usage.reasoningTokens().orElse(0) == 0;
    boolean isBilled = rest == 0 || isThinking;
    if (cached.isEmpty() || written.isEmpty() || !isBilled) {
      return Optional.empty();
    }
    long uncached = usage.promptTokens() - cached.getAsLong() - written.getAsLong();
    return uncached < 0
        ? Optional.empty()
        : Optional.of(
            new BilledTokens(
                uncached,
                cached.getAsLong(),
                written.getAsLong(),
                usage.completionTokens() + rest));
  }

  /** A detail of a prompt without tokens of that kind may be absent. */
  private static OptionalLong detail(OptionalLong reported, boolean absentIsNone) {
    return reported.isPresent() || !absentIsNone ? reported : OptionalLong.of(0);
  }
}
