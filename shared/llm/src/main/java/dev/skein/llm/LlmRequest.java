package dev.skein.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.List;
import java.util.Locale;

/**
 * One completion to ask for.
 *
 * @param model the name by which the API knows the model
 * @param fields the body of the request in the API's own words, without {@code model} and {@code
 *     stream}, which are the client's; not to be changed after it was handed over
 * @param answer what is taken for an answer
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">OpenAI API reference,
 *     Create chat completion</a>
 */
public record LlmRequest(String model, ObjectNode fields, Answer answer) {

  public LlmRequest {
    if (fields.path("messages").isEmpty()) {
      throw new IllegalArgumentException("a request needs a message");
    }
  }

  /**
   * A request for a text.
   *
   * @param messages in order, at least one
   * @param temperature 0 to 2
   * @param maxTokens the most tokens that the reply may have, at least 1
   */
  public LlmRequest(String model, List<Message> messages, double temperature, int maxTokens) {
    this(model, fields(messages, temperature, maxTokens), Answer.TEXT);
  }

  private static ObjectNode fields(List<Message> messages, double temperature, int maxTokens) {
    ObjectNode fields = Json.object();
    var list = fields.putArray("messages");
    for (var message : messages) {
      list.addObject().put("role", message.role().wireName()).put("content", message.content());
    }
    fields.put("temperature", temperature);
    return fields.put("max_tokens", maxTokens);
  }

  /** Whether whoever asks wants a stream to tell its usage. */
  boolean asksForUsage() {
    return fields.path("stream_options").path("include_usage").asBoolean(false);
  }

  /** What is taken for an answer. */
  public enum Answer {
    /** A text that the model ended, or its token bound. Anything else is an error. */
    TEXT,
    /** Whatever the API ends in due form: tool calls and refusals are the caller's to read. */
    ANY
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
