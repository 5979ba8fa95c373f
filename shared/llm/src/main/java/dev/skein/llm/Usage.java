package dev.skein.llm;

import java.util.Optional;

/** The tokens that a completion was billed for. */
public record Usage(long promptTokens, long completionTokens, long totalTokens) {

  /** The sum. */
  public Usage plus(Usage other) {
    return new Usage(
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        totalTokens + other.totalTokens);
  }

  /** The sum; empty when either part is unknown. */
  public static Optional<Usage> sum(Optional<Usage> a, Optional<Usage> b) {
    return a.flatMap(known -> b.map(known::plus));
  }
}
