package dev.skein.llm;

import java.util.List;

/**
 * A call's one outcome, and everything that was tried for it.
 *
 * @param tried each exchange on the wire, in order; the last one's outcome need not be the call's,
 *     which the deadline may have ended between two
 */
public record LlmResult(LlmOutcome outcome, List<Tried> tried) {

  public LlmResult {
    tried = List.copyOf(tried);
  }

  /** How often the request was sent. */
  public int attempts() {
    return tried.size();
  }

  /**
   * One exchange on the wire.
   *
   * @param model the model that was asked for, which tells the endpoint too
   * @param outcome what the call's outcome would be if nothing had followed
   */
  public record Tried(String model, LlmOutcome outcome) {}
}
