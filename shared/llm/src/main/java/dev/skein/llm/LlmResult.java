package dev.skein.llm;

import java.util.List;

/**
 * A call's one outcome, and the attempts behind it.
 *
 * @param attempts every request that was sent, in order; the last one's outcome need not be the
 *     call's, which the deadline may have ended between two attempts
 */
public record LlmResult(LlmOutcome outcome, List<Attempt> attempts) {

  public LlmResult {
    attempts = List.copyOf(attempts);
  }

  /**
   * One request that was sent to an endpoint.
   *
   * @param model the model that was asked, which identifies the endpoint too
   * @param outcome what the call's outcome would be without further attempts
   */
  public record Attempt(String model, LlmOutcome outcome) {}
}
