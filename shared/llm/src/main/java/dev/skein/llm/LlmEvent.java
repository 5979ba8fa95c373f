package dev.skein.llm;

/** What a call yields: any number of deltas, then one end. */
public sealed interface LlmEvent {

  /**
   * A piece of the answer's text, as the model wrote it. A call that has yielded one is never
   * repeated.
   *
   * @param text never empty
   */
  record Delta(String text) implements LlmEvent {}

  /** The end, of which a completion holds the whole text once more. */
  record End(LlmResult result) implements LlmEvent {}
}
