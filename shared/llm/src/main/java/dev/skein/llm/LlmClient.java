package dev.skein.llm;

import dev.skein.base.Deadline;
import java.util.concurrent.CompletableFuture;

/**
 * Sends requests to a model. Thread-safe; one client serves an environment for its whole life.
 *
 * <p>The contract of every implementation: the methods return at once and never throw; a call has
 * exactly one outcome, no later than its deadline, and nothing of it keeps running after that.
 * (Only the connection of a complete stream may take another second until it can be reused.)
 */
public interface LlmClient extends AutoCloseable {

  /**
   * Starts a call whose text is available as the model writes it.
   *
   * @param deadline the end of everything that belongs to this call: connecting, every attempt at
   *     every endpoint, the delays between them, and the last byte
   */
  default LlmStream stream(LlmRequest request, Deadline deadline) {
    return stream(request, deadline, deadline);
  }

  /**
   * As {@link #stream(LlmRequest, Deadline)}, for a reader that does not wait long for the first
   * text.
   *
   * @param firstText when the call ends if no text has come, no later than {@code deadline}
   */
  LlmStream stream(LlmRequest request, Deadline firstText, Deadline deadline);

  /**
   * Starts a call whose text is available only with its result.
   *
   * @param deadline as for {@link #stream}
   * @return cancelling it closes the connection at once, and no attempt follows
   */
  CompletableFuture<LlmResult> complete(LlmRequest request, Deadline deadline);

  /**
   * Ends every call at once, as {@link LlmOutcome.Unavailable}: for an environment that is shut
   * down. Calls that are started later end in the same way.
   */
  @Override
  void close();
}
