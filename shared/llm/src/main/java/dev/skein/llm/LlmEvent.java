package dev.skein.llm;

/** What a stream yields: any number of deltas, then one end. */
public sealed interface LlmEvent {

  /**
   * A piece of the answer, as the model wrote it. A call that has released one is never retried.
   *
   * @param text what it adds to the answer's text; empty only with {@link
   *     LlmRequest.ReplyMode#PASS_THROUGH}, whose chunks need not have text
   * @param chunk the API's own JSON chunk, unmodified; it may contain line breaks
   */
  record Delta(String text, String chunk) implements LlmEvent {}

  /** The end, whose result holds the whole text again. */
  record End(LlmResult result) implements LlmEvent {}
}
