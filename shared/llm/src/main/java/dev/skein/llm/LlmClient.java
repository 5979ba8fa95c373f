package dev.skein.llm;

import dev.skein.base.Deadline;
import java.util.concurrent.CompletableFuture;

/**
 * Asks a model. Thread-safe; one client serves an environment for its whole life.
 *
 * <p>The contract of every implementation: the methods return at once and never throw; a call has
 * exactly one outcome, no later than its deadline, and nothing of it runs on after that.
 */
public interface LlmClient {

  /**
   * Starts a call whose text comes as the model writes it.
   *
   * @param deadline the end of everything that belongs to this call: waiting for a place,
   *     connecting, every attempt at every endpoint, the waits between them, and the last byte
   */
  LlmStream stream(LlmRequest request, Deadline deadline);

  /**
   * Starts a call and folds its events into their end.
   *
   * @param deadline as for {@link #stream}
   * @return cancelling it ends the exchange on the wire, and no later attempt is made
   */
  CompletableFuture<LlmResult> complete(LlmRequest request, Deadline deadline);
}
