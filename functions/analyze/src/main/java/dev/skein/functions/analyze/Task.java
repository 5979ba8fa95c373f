package dev.skein.functions.analyze;

import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.util.List;

/** What can be asked about a text, and in how many tokens. */
enum Task {
  SENTIMENT("Tell the sentiment of the user's text: positive, negative or neutral (one word).", 5),
  TOPICS("List 3 topics (comma-separated) of the user's text.", 30),
  SUMMARY("Summarize the user's text in one sentence.", 50),
  SUMMARY_IN_WORDS("Summarize the user's text in 5 words.", 20);

  private final String instruction;
  private final int maxTokens;

  Task(String instruction, int maxTokens) {
    this.instruction = instruction;
    this.maxTokens = maxTokens;
  }

  /** The text is data: it stands in a message of its own, and the instruction never holds it. */
  LlmRequest of(String text, String model) {
    return new LlmRequest(
        model,
        List.of(new Message(Role.SYSTEM, instruction), new Message(Role.USER, text)),
        Defaults.shortAnswer(maxTokens));
  }
}
