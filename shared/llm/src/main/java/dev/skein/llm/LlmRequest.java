package dev.skein.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.List;
import java.util.Locale;

/**
 * One completion to ask for.
 *
 * @param model the name by which the API knows the model
 * @param fields the body of the request as the API defines it, without {@code model} and {@code
 *     stream}, which the client sets; not to be modified afterwards
 * @param replyMode which replies count as an answer
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">OpenAI API reference,
 *     Create chat completion</a>
 */
public record LlmRequest(String model, ObjectNode fields, ReplyMode replyMode) {

  public LlmRequest {
    if (fields.path("messages").isEmpty() || fields.has("model") || fields.has("stream")) {
      throw new IllegalArgumentException("a request has messages, and neither model nor stream");
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
    this(model, fields(messages, temperature, maxTokens), ReplyMode.TEXT_ONLY);
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

  /** Whether the caller asked for the usage of a stream. */
  boolean asksForUsage() {
    return fields.path("stream_options").path("include_usage").asBoolean(false);
  }

  /** Which replies count as an answer. */
  public enum ReplyMode {
    /** A text that the model finished or that hit its token limit. Anything else is an error. */
    TEXT_ONLY,
    /** Every complete reply of the API: tool calls and refusals are left to the caller. */
    PASS_THROUGH
  }

  /**
   * One message of the conversation. An instruction and the text that it applies to are two
   * messages, so that the text cannot pass for the instruction.
   */
  public record Message(Role role, String content) {}

  /** The author of a message. */
  public enum Role {
    SYSTEM,
    USER;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
