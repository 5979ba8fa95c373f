package dev.skein.llm;

import java.util.concurrent.CompletableFuture;

/**
 * The events of one call, pulled one by one. Who does not pull is not flooded: no more is read from
 * the provider than the next events need, and its silence is then not held against it.
 *
 * <p>One reader at a time; {@link #close} may be called by any thread.
 */
public interface LlmStream extends AutoCloseable {

  /**
   * The next event. After {@link LlmEvent.End} the same end again.
   *
   * @return never fails, and completes no later than the call's deadline; cancelling it does
   *     nothing, {@link #close} does. Not to be called again before it has completed.
   */
  CompletableFuture<LlmEvent> next();

  /** Ends the exchange on the wire, if one is left; no later attempt is made. */
  @Override
  void close();
}
