package dev.skein.llm;

import java.util.List;
import java.util.Locale;

/**
 * One completion to ask for.
 *
 * @param model the name by which the API knows the model
 * @param messages in order, at least one
 * @param temperature 0 to 2
 * @param maxTokens the most tokens that the reply may have, at least 1
 */
public record LlmRequest(String model, List<Message> messages, double temperature, int maxTokens) {

  public LlmRequest {
    messages = List.copyOf(messages);
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("a request needs a message");
    }
  }

  /**
   * One message of the conversation. An instruction and the text it works on are two messages, so
   * that a text cannot pose as the instruction.
   */
  public record Message(Role role, String content) {}

  /** Who speaks. */
  public enum Role {
    SYSTEM,
    USER;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
