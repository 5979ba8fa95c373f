package dev.skein.llm;

/**
 * The events of one call, pulled one by one. A reader that does not pull is not flooded: no more is
 * read from the provider than the next events need, and the provider's silence is then not counted.
 *
 * <p>One thread reads; any thread may call {@link #close}.
 */
public interface LlmStream extends AutoCloseable {

  /**
   * Waits for the next event, no longer than the call's deadline. After {@link LlmEvent.End} it
   * returns the same end again.
   *
   * @throws RuntimeException only for a bug, or when the waiting thread is interrupted
   */
  LlmEvent next();

  /** Ends the call: its connection is closed at once, and no attempt follows. */
  @Override
  void close();
}
