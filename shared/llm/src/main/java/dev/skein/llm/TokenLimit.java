package dev.skein.llm;

import java.util.OptionalLong;

/**
 * A limit of the model that the request does not keep.
 *
 * @param allowed the limit, in tokens
 * @param requested what the request needs or asks for, in tokens, at least; empty if the provider
 *     does not say
 */
public record TokenLimit(Kind kind, long allowed, OptionalLong requested) {

  /** What is limited. */
  public enum Kind {
    /** The prompt and the reply together, or the prompt alone. */
    CONTEXT,
    /** The most tokens that the reply may be allowed. */
    MAX_OUTPUT,
    /** The fewest tokens that the reply may be allowed. */
    MIN_OUTPUT
  }
}
