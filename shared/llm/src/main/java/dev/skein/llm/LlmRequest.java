package dev.skein.llm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One reply to ask a model for.
 *
 * @param api the provider's API that is called
 * @param model the name by which the API knows the model
 * @param fields the body of the request as the API defines it and the caller wants it, without
 *     {@code model} and {@code stream}, which the client sets; not to be modified afterwards
 * @param replyMode which replies count as an answer
 * @param defaults what is added to the fields where they lack it
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">OpenAI API reference,
 *     Create chat completion</a>
 */
public record LlmRequest(
    LlmApi api, String model, ObjectNode fields, ReplyMode replyMode, Defaults defaults) {

  public LlmRequest {
    if (!fields.has(api.input()) || fields.has("model") || fields.has("stream")) {
      throw new IllegalArgumentException(
          "a request has %s, and neither model nor stream".formatted(api.input()));
    }
    if (api != LlmApi.CHAT_COMPLETIONS && replyMode != ReplyMode.PASS_THROUGH) {
      throw new IllegalArgumentException("only a chat completion can be text only");
    }
  }

  /** A request whose reply is passed on, whatever it contains. */
  public static LlmRequest passThrough(
      LlmApi api, String model, ObjectNode fields, Defaults defaults) {
    return new LlmRequest(api, model, fields, ReplyMode.PASS_THROUGH, defaults);
  }

  /**
   * A request for a text.
   *
   * @param messages in order, at least one
   * @param defaults the temperature and the token limit
   */
  public LlmRequest(String model, List<Message> messages, Defaults defaults) {
    this(LlmApi.CHAT_COMPLETIONS, model, fields(messages), ReplyMode.TEXT_ONLY, defaults);
  }

  private static ObjectNode fields(List<Message> messages) {
    ObjectNode fields = Json.object();
    var list = fields.putArray("messages");
    for (var message : messages) {
      list.addObject().put("role", message.role().wireName()).put("content", message.content());
    }
    return fields;
  }

  /** This request with a temperature that the caller chose, from 0 to 2. */
  public LlmRequest withTemperature(double temperature) {
    return new LlmRequest(
        api, model, fields.deepCopy().put("temperature", temperature), replyMode, defaults);
  }

  /** This request with a token limit that the caller chose, at least 1. */
  public LlmRequest withMaxTokens(int maxTokens) {
    return new LlmRequest(
        api, model, fields.deepCopy().put("max_tokens", maxTokens), replyMode, defaults);
  }

  /** Whether it is for chat completions, the one API whose requests are adapted to the model. */
  boolean isChat() {
    return api == LlmApi.CHAT_COMPLETIONS;
  }

  /** Whether the caller asked for the usage of a stream. */
  boolean asksForUsage() {
    return fields.path("stream_options").path("include_usage").asBoolean(false);
  }

  /**
   * What Skein adds to a request. Unlike the caller's fields, it is dropped or changed where the
   * model does not accept it.
   *
   * @param temperature 0 to 2
   * @param maxTokens the token limit, at least 1
   * @param shortAnswer whether the limit is meant for the visible answer alone: a model that thinks
   *     is asked to think as little as it can, and gets more tokens for its thinking
   */
  public record Defaults(OptionalDouble temperature, OptionalInt maxTokens, boolean shortAnswer) {
    /** Nothing is added. */
    public static final Defaults NONE =
        new Defaults(OptionalDouble.empty(), OptionalInt.empty(), false);

    /** Nothing but a token limit. */
    public static Defaults maxTokens(int maxTokens) {
      return new Defaults(OptionalDouble.empty(), OptionalInt.of(maxTokens), false);
    }

    /** A temperature and a token limit. */
    public static Defaults of(double temperature, int maxTokens) {
      return new Defaults(OptionalDouble.of(temperature), OptionalInt.of(maxTokens), false);
    }

    /** An answer of few tokens, at temperature 0. */
    public static Defaults shortAnswer(int maxTokens) {
      return new Defaults(OptionalDouble.of(0), OptionalInt.of(maxTokens), true);
    }
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
