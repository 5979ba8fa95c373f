package dev.skein.llm;

import dev.skein.base.Deadline;
import java.util.concurrent.CompletableFuture;

/**
 * Asks a model. Thread-safe; one client serves an environment for its whole life.
 *
 * <p>The contract of every implementation: the method returns at once and never throws; the future
 * completes normally, with exactly one outcome, no later than the deadline; cancelling the future
 * ends the exchange on the wire, and no later attempt is made.
 */
@FunctionalInterface
public interface LlmClient {

  /**
   * Starts one completion.
   *
   * @param deadline the end of everything that belongs to this call: connecting, every attempt, the
   *     waits between them, and the last byte of the reply
   */
  CompletableFuture<LlmOutcome> complete(LlmRequest request, Deadline deadline);
}
