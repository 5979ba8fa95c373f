package dev.skein.llm;

import java.util.List;

/**
 * A call's one outcome, and the attempts behind it.
 *
 * @param attempts every request that was sent, in order; the last one's outcome need not be the
 *     call's, which the deadline may have ended between two attempts
 * @param skipped the model of each endpoint that was not asked because its circuit breaker was open
 */
public record LlmResult(LlmOutcome outcome, List<Attempt> attempts, List<String> skipped) {

  public LlmResult {
    attempts = List.copyOf(attempts);
    skipped = List.copyOf(skipped);
  }

  /** A call that skipped no endpoint. */
  public LlmResult(LlmOutcome outcome, List<Attempt> attempts) {
    this(outcome, attempts, List.of());
  }

  /**
   * One request that was sent to an endpoint.
   *
   * @param model the model that was asked, which identifies the endpoint too
   * @param outcome what the call's outcome would be without further attempts
   */
  public record Attempt(String model, LlmOutcome outcome) {}
}
