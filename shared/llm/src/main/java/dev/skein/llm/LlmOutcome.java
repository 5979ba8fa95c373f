package dev.skein.llm;

import java.time.Duration;
import java.util.Optional;

/**
 * How a call ended. Nothing in an outcome but a completion's text repeats the provider's prose.
 *
 * <pre>
 * Completed    the model's whole answer, or as much as its token bound allowed
 * Refused      the model, or the provider's filter, declined to answer
 * Cut          the reply broke off before it was whole
 * RateLimited  the provider throttles us
 * TimedOut     no answer came in time
 * Rejected     the provider will not take this request; sending it again would not help
 * Unavailable  the provider failed, or cannot be reached
 * Overloaded   this environment has more calls in flight than it takes; nothing was sent
 * Malformed    the reply is not one that this API gives
 * Abandoned    nobody wants the answer any more
 * </pre>
 */
public sealed interface LlmOutcome {

  /**
   * An answer that the model itself ended, or its token bound.
   *
   * @param text may be empty only when {@code finishReason} is {@code length}, or where {@link
   *     LlmRequest.Answer#ANY} answer is taken
   * @param finishReason why the model stopped, in the API's words: {@code stop} or {@code length},
   *     and any other where any answer is taken; {@code unknown} when a stream was ended in due
   *     form and did not say
   * @param model the model that says it answered; empty when none does
   * @param usage empty when the provider does not tell; unknown is not zero
   * @param body the API's own reply as it came, where any answer is taken and it came whole
   */
  record Completed(
      String text, String finishReason, String model, Optional<Usage> usage, Optional<String> body)
      implements LlmOutcome {

    /** An answer of which nothing but its text matters. */
    public Completed(String text, String finishReason, String model, Optional<Usage> usage) {
      this(text, finishReason, model, usage, Optional.empty());
    }

    Completed withBody(String reply) {
      return new Completed(text, finishReason, model, usage, Optional.of(reply));
    }

    /** Whether the token bound ended the text, not the model. */
    public boolean truncated() {
      return finishReason.equals("length");
    }
  }

  /** The tokens of a refusal are billed too. */
  record Refused(Optional<Usage> usage) implements LlmOutcome {}

  /**
   * The reply broke off.
   *
   * @param what happened to it, in our words
   */
  record Cut(String what) implements LlmOutcome {}

  /**
   * Throttled.
   *
   * @param retryAfter what the provider asked us to wait
   */
  record RateLimited(Optional<Duration> retryAfter) implements LlmOutcome {}

  /** The deadline came first, or the endpoint was silent for longer than it may be. */
  record TimedOut() implements LlmOutcome {}

  /**
   * Not taken.
   *
   * @param code the provider's machine-readable code, such as {@code context_length_exceeded}
   */
  record Rejected(Reason reason, int status, Optional<String> code) implements LlmOutcome {}

  /**
   * Failed, or out of reach.
   *
   * @param retryAfter when to come back: what the provider asked for, or when its endpoint will be
   *     probed again
   */
  record Unavailable(Optional<Duration> retryAfter) implements LlmOutcome {}

  /**
   * Refused by ourselves.
   *
   * @param retryAfter when to come back
   */
  record Overloaded(Duration retryAfter) implements LlmOutcome {}

  /**
   * Not understood.
   *
   * @param what is wrong with the reply, in our words
   */
  record Malformed(String what) implements LlmOutcome {}

  /** The call was closed, or cancelled, before its end. */
  record Abandoned() implements LlmOutcome {}

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
