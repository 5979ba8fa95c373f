package dev.skein.llm;

import java.time.Duration;
import java.util.Optional;

/**
 * How a call ended. Nothing in an outcome repeats the provider's prose.
 *
 * <pre>
 * Completed    the model's whole answer, or as much as its token bound allowed
 * Refused      the model, or the provider's filter, declined to answer
 * Cut          the connection ended inside the reply
 * RateLimited  the provider throttles us
 * TimedOut     the deadline came first
 * Rejected     the provider will not take this request; sending it again would not help
 * Unavailable  the provider failed, or cannot be reached
 * Malformed    the reply is not one that this API gives
 * </pre>
 */
public sealed interface LlmOutcome {

  /** How many times the request was sent, 0 when the deadline had passed before. */
  int attempts();

  /**
   * An answer that the model itself ended, or its token bound.
   *
   * @param text may be empty only when {@code finishReason} is {@code length}
   * @param finishReason why the model stopped, in the API's words: {@code stop} or {@code length}
   * @param model the model that says it answered
   * @param usage empty when the provider does not tell; unknown is not zero
   */
  record Completed(
      String text, String finishReason, String model, Optional<Usage> usage, int attempts)
      implements LlmOutcome {

    /** Whether the token bound ended the text, not the model. */
    public boolean truncated() {
      return finishReason.equals("length");
    }
  }

  /** The tokens of a refusal are billed too. */
  record Refused(Optional<Usage> usage, int attempts) implements LlmOutcome {}

  /** The connection ended inside the reply. */
  record Cut(int attempts) implements LlmOutcome {}

  /**
   * Throttled.
   *
   * @param retryAfter what the provider asked us to wait
   */
  record RateLimited(Optional<Duration> retryAfter, int attempts) implements LlmOutcome {}

  /** The deadline came first. */
  record TimedOut(int attempts) implements LlmOutcome {}

  /**
   * Not taken.
   *
   * @param code the provider's machine-readable code, such as {@code context_length_exceeded}
   */
  record Rejected(Reason reason, int status, Optional<String> code, int attempts)
      implements LlmOutcome {}

  /**
   * Failed, or out of reach.
   *
   * @param retryAfter what the provider asked us to wait
   */
  record Unavailable(Optional<Duration> retryAfter, int attempts) implements LlmOutcome {}

  /**
   * Not understood.
   *
   * @param what is wrong with the reply, in our words
   */
  record Malformed(String what, int attempts) implements LlmOutcome {}

  /** Whose affair a rejection is. */
  enum Reason {
    /** What the caller asked for: too long, or against the provider's policy. */
    REQUEST,
    /** The endpoint does not know the model, or the route: the operator's configuration. */
    ENDPOINT,
    /** The key is not accepted, or its quota is used up: the operator's account. */
    CREDENTIALS
  }
}
