package dev.skein.pricing;

import java.math.BigInteger;
import java.util.Optional;

/**
 * The prices of the prompts of one length, in dollars per million tokens. They hold for all tokens
 * of such a call, not only for those beyond the length.
 *
 * @param above the band is for prompts of more tokens than this
 * @param input the price of a token of the prompt
 * @param cached the price of one that the provider read from its cache; if absent, as {@code input}
 * @param cacheWrite the price of one that the provider wrote to its cache; if absent, as {@code
 *     input}. A range is a price that depends on something that the usage does not say, such as how
 *     long the cache keeps the token
 * @param output the price of a token of the completion; absent for a model that writes none
 */
record Band(
    long above,
    NanoUsd input,
    Optional<NanoUsd> cached,
    Optional<CostRange> cacheWrite,
    Optional<NanoUsd> output) {

  /** What these tokens cost, rounded once; empty if a price that they need is unknown. */
  Optional<NanoUsd> cost(BilledTokens tokens) {
    NanoUsd written = cacheWrite.isPresent() ? cacheWrite.get().high() : input;
    boolean writesVary = cacheWrite.isPresent() && cacheWrite.get().low().value() < written.value();
    if ((tokens.cacheWrite() > 0 && writesVary) || (tokens.completion() > 0 && output.isEmpty())) {
      return Optional.empty();
    }
    BigInteger sum =
        input
            .times(tokens.uncached())
            .add(cached.orElse(input).times(tokens.cached()))
            .add(written.times(tokens.cacheWrite()))
            .add(output.orElse(NanoUsd.ZERO).times(tokens.completion()));
    return NanoUsd.millionth(sum);
  }

  /** What a call of this size costs at most. */
  Optional<NanoUsd> highest(long maxPromptTokens, long maxCompletionTokens) {
    if (maxCompletionTokens > 0 && output.isEmpty()) {
      return Optional.empty();
    }
    NanoUsd prompt = input.max(cached.orElse(input));
    if (cacheWrite.isPresent()) {
      prompt = prompt.max(cacheWrite.get().high());
    }
    return NanoUsd.millionth(
        prompt.times(maxPromptTokens).add(output.orElse(NanoUsd.ZERO).times(maxCompletionTokens)));
  }
}
