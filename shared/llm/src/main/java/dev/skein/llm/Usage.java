package dev.skein.llm;

import java.util.Optional;

/** The tokens that a completion was billed for. */
public record Usage(long promptTokens, long completionTokens, long totalTokens) {

  /** Both added up. */
  public Usage plus(Usage other) {
    return new Usage(
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        totalTokens + other.totalTokens);
  }

  /** Both added up, as far as both are known: a sum with an unknown part is unknown. */
  public static Optional<Usage> sum(Optional<Usage> a, Optional<Usage> b) {
    return a.flatMap(known -> b.map(known::plus));
  }
}
