package dev.skein.llm;

import dev.skein.llm.ModelProfile.Setting;
import java.util.List;
import java.util.Map;

/**
 * A call's one outcome, and the attempts behind it.
 *
 * @param attempts every request that was sent, in order; the last one's outcome need not be the
 *     call's, which the deadline may have ended between two attempts
 * @param skipped the model of each endpoint that was not asked because its circuit breaker was open
 * @param details what the last attempt's reply says about itself
 */
public record LlmResult(
    LlmOutcome outcome, List<Attempt> attempts, List<String> skipped, ReplyDetails details) {

  public LlmResult {
    attempts = List.copyOf(attempts);
    skipped = List.copyOf(skipped);
  }

  /** A call that skipped no endpoint, and whose reply says nothing about itself. */
  public LlmResult(LlmOutcome outcome, List<Attempt> attempts) {
    this(outcome, attempts, List.of(), ReplyDetails.NONE);
  }

  /**
   * One request that was sent to an endpoint.
   *
   * @param model the model that was asked, which identifies the endpoint too
   * @param outcome what the call's outcome would be without further attempts
   * @param learned what this environment found out about the model by this attempt, and did not
   *     know before
   * @param keyReplaced whether the endpoint refused the API key, and the next attempt has another
   */
  public record Attempt(
      String model, LlmOutcome outcome, Map<Setting, String> learned, boolean keyReplaced) {

    public Attempt {
      learned = Map.copyOf(learned);
    }

    /** An attempt from which nothing was learned. */
    public Attempt(String model, LlmOutcome outcome) {
      this(model, outcome, Map.of());
    }

    /** An attempt after which the endpoint's key stayed the same. */
    public Attempt(String model, LlmOutcome outcome, Map<Setting, String> learned) {
      this(model, outcome, learned, false);
    }
  }
}
