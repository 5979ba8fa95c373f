package dev.skein.llm;

import java.time.Duration;
import java.util.Optional;

/**
 * How a call ended. Nothing in an outcome but a {@link Completed} repeats text that the provider
 * wrote; of its errors, the machine-readable words are kept.
 *
 * <pre>
 * Completed    the model's whole answer, or as much as its token limit allowed
 * Refused      the model, or the provider's filter, declined to answer
 * OutOfTokens  the token limit was used up before the answer began
 * Cut          the reply broke off before it was complete
 * RateLimited  the provider throttles us
 * TimedOut     no answer was received in time
 * Rejected     the provider does not accept this request; sending it again would not help
 * Unavailable  the provider failed, or cannot be reached
 * Malformed    the reply is not one of this API
 * Abandoned    nobody wants the answer any more
 * </pre>
 */
public sealed interface LlmOutcome {

  /**
   * An answer that the model finished, or that hit its token limit.
   *
   * @param text without reasoning; empty for embeddings; with {@link
   *     LlmRequest.ReplyMode#PASS_THROUGH} it may be empty or contain reasoning, and is only the
   *     beginning of a streamed text of more than 1 Mi characters
   * @param finishReason why the model stopped: {@code stop}, {@code length}, or {@code unknown}
   *     when the API reports no reason or a word that is not known; with {@link
   *     LlmRequest.ReplyMode#PASS_THROUGH} any word of the API's, and for embeddings, which have
   *     none, empty
   * @param model the model that answered, as the API reports it; empty when it does not
   * @param usage empty when the provider does not report it; unknown is not zero
   * @param body the API's own reply, unmodified, with {@link LlmRequest.ReplyMode#PASS_THROUGH}
   *     when it was not streamed
   */
  record Completed(
      String text, String finishReason, String model, Optional<Usage> usage, Optional<String> body)
      implements LlmOutcome {

    /** An answer of which only the text matters. */
    public Completed(String text, String finishReason, String model, Optional<Usage> usage) {
      this(text, finishReason, model, usage, Optional.empty());
    }

    Completed withBody(String reply) {
      return new Completed(text, finishReason, model, usage, Optional.of(reply));
    }

    /** Whether the text hit its token limit. */
    public boolean truncated() {
      return FinishReason.of(finishReason) == FinishReason.LENGTH;
    }
  }

  /** The answer was declined; its tokens are billed too. */
  record Refused(Optional<Usage> usage) implements LlmOutcome {}

  /** The token limit was used up, by thinking, before the answer began; the tokens are billed. */
  record OutOfTokens(Optional<Usage> usage) implements LlmOutcome {}

  /**
   * The reply broke off.
   *
   * @param reason in our words
   */
  record Cut(String reason) implements LlmOutcome {}

  /**
   * Throttled.
   *
   * @param retryAfter what the provider asked us to wait
   */
  record RateLimited(ProviderError error, Optional<Duration> retryAfter) implements LlmOutcome {}

  /** A limit of time passed. */
  record TimedOut(Limit limit) implements LlmOutcome {}

  /**
   * Not accepted.
   *
   * @param parameter the parameter at fault, as the OpenAI API names it, such as {@code
   *     messages[0].content}; empty unless the reason is {@link Reason#REQUEST}
   * @param limit the limit that the request does not keep; empty as well
   */
  record Rejected(
      Reason reason, ProviderError error, Optional<String> parameter, Optional<TokenLimit> limit)
      implements LlmOutcome {

    /** A rejection of which no more is known. */
    public Rejected(Reason reason, ProviderError error) {
      this(reason, error, Optional.empty(), Optional.empty());
    }
  }

  /**
   * Failed, or out of reach.
   *
   * @param failure the provider's own error, or why there was no reply
   * @param retryAfter when to come back: what the provider asked for, when its circuit breaker
   *     admits the next probe, or when the API key may be fetched again
   */
  record Unavailable(Failure failure, Optional<Duration> retryAfter) implements LlmOutcome {}

  /**
   * Not understood.
   *
   * @param reason what is wrong with the reply, in our words
   * @param tooLarge whether it exceeds a limit, which the reason names
   */
  record Malformed(String reason, boolean tooLarge) implements LlmOutcome {

    /** A reply that does not follow the API's format. */
    public Malformed(String reason) {
      this(reason, false);
    }

    /**
     * A reply that exceeds a limit.
     *
     * @param size in bytes, as far as it is known
     * @param limit in bytes
     */
    public static Malformed tooLarge(long size, long limit) {
      return new Malformed(
          "the reply has at least %d bytes, and the limit is %d".formatted(size, limit), true);
    }
  }

  /** The call was closed, or cancelled, before its end. */
  record Abandoned() implements LlmOutcome {}

  /** What happened to a call that is {@link Unavailable}. */
  sealed interface Failure permits ProviderError, NoReply {}

  /** Why there was no reply. */
  enum NoReply implements Failure {
    /** No connection: refused, unknown host, or not within the connect timeout. */
    NOT_CONNECTED,
    /** The TLS handshake failed. */
    TLS_FAILED,
    /** The connection was closed before any byte of a reply. */
    CONNECTION_CLOSED,
    /** The request was not sent, because the endpoint's circuit breaker is open. */
    CIRCUIT_OPEN,
    /** The request was not sent, because the API key could not be fetched. */
    NO_API_KEY,
    /** This environment is shutting down. */
    SHUTTING_DOWN
  }

  /** Which limit of time passed. */
  enum Limit {
    /** The call's deadline. */
    DEADLINE,
    /** From the request to the response headers of a streamed reply. */
    FIRST_BYTE,
    /** From the request to a stream's first token. */
    FIRST_TOKEN,
    /** From the request to the end of a reply that is not streamed. */
    WHOLE_REPLY
  }

  /** Who can do something about a rejection. */
  enum Reason {
    /** The caller: the request is too long, or violates the provider's policy. */
    REQUEST,
    /** The operator: the endpoint does not know the model, or the route. */
    ENDPOINT,
    /** The operator: the key is not accepted, or its quota is used up. */
    CREDENTIALS
  }
}
