package dev.skein.llm;

/** What a call yields: any number of deltas, then one end. */
public sealed interface LlmEvent {

  /**
   * A piece of the answer, as the model wrote it. A call that has yielded one is never repeated.
   *
   * @param text what it adds to the answer's text; empty only where {@link LlmRequest.Answer#ANY}
   *     answer is taken, whose pieces need not be text
   * @param chunk the API's own chunk of JSON as it came; it may hold line ends
   */
  record Delta(String text, String chunk) implements LlmEvent {}

  /** The end, of which a completion holds the whole text once more. */
  record End(LlmResult result) implements LlmEvent {}
}
