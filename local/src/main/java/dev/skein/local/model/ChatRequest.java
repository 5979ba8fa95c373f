package dev.skein.local.model;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The part of a chat completion request that the stand-in understands; it ignores other fields.
 *
 * @param maxTokens at least 1; {@link Integer#MAX_VALUE} if the caller sets no limit
 * @param reasoningTokens what the model thinks before it answers, if it has no limit; empty if it
 *     is not a model that thinks
 */
record ChatRequest(
    List<Message> messages,
    int maxTokens,
    OptionalInt reasoningTokens,
    boolean stream,
    boolean includeUsage,
    Tools tools,
    ResponseFormat format) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  ChatRequest {
    messages = List.copyOf(messages);
  }

  /**
   * @param calls the names of the functions that an assistant's message calls
   */
  record Message(String role, String content, List<String> calls) {
    Message {
      calls = List.copyOf(calls);
    }
  }

  /**
   * @param thinks whether the model thinks before it answers
   * @throws ApiException if the request is invalid, or the model does not support it
   */
  static ChatRequest parse(byte[] body, boolean thinks) {
    JsonNode root = json(body);
    List<Message> messages = messages(root.path("messages"));
    String prompt = messages.stream().map(Message::content).collect(Collectors.joining("\n"));
    return new ChatRequest(
        messages,
        maxTokens(root),
        thinks ? OptionalInt.of(ReasoningEffort.of(root).tokens()) : OptionalInt.empty(),
        root.path("stream").asBoolean(),
        root.path("stream_options").path("include_usage").asBoolean(),
        Tools.of(root),
        ResponseFormat.of(root, prompt));
  }

  /** The JSON object in a body of any route. */
  static JsonNode json(byte[] body) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (IOException e) {
      throw new ApiException(400, "invalid_json", "The body is not JSON.");
    }
    if (root == null || !root.isObject()) {
      throw new ApiException(400, "invalid_json", "The body is not a JSON object.");
    }
    return root;
  }

  private static List<Message> messages(JsonNode list) {
    if (!list.isArray() || list.isEmpty()) {
      throw ApiException.field("messages", "\"messages\" must contain at least one message.");
    }
    var messages = new ArrayList<Message>();
    for (JsonNode message : list) {
      if (!message.path("role").isTextual()) {
        throw ApiException.field("messages", "Every message needs a \"role\".");
      }
      String role = message.path("role").textValue();
      messages.add(new Message(role, content(message.path("content")), calls(message)));
    }
    return messages;
  }

  private static List<String> calls(JsonNode message) {
    return StreamSupport.stream(message.path("tool_calls").spliterator(), false)
        .map(call -> call.at("/function/name").asText())
        .toList();
  }

  private static int maxTokens(JsonNode root) {
    for (String name : List.of("max_completion_tokens", "max_tokens")) {
      JsonNode limit = root.path(name);
      if (limit.isIntegralNumber() && limit.canConvertToInt() && limit.intValue() >= 1) {
        return limit.intValue();
      }
      if (!limit.isMissingNode() && !limit.isNull()) {
        throw ApiException.field(name, "\"" + name + "\" must be an integer of at least 1.");
      }
    }
    return Integer.MAX_VALUE;
  }

  /** A string, or the text of the list's parts. */
  private static String content(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    return StreamSupport.stream(content.spliterator(), false)
        .map(part -> part.path("text").asText(""))
        .collect(Collectors.joining("\n"));
  }

  /** The messages of role {@code system} or {@code developer}. */
  String system() {
    return messages.stream()
        .filter(message -> message.role().equals("system") || message.role().equals("developer"))
        .map(Message::content)
        .collect(Collectors.joining("\n"));
  }

  /** The last message of role {@code user}, or an empty string. */
  String lastUserMessage() {
    return messages.stream()
        .filter(message -> message.role().equals("user"))
        .map(Message::content)
        .reduce("", (earlier, later) -> later);
  }

  /**
   * The functions to call. The result of a function is answered with text, unless a call is
   * required and a function is left that was not called since the user's last message.
   */
  List<Tools.Function> called() {
    return messages.getLast().role().equals("tool")
        ? tools.requiredAfter(callsOfThisTurn())
        : tools.called(lastUserMessage());
  }

  private List<String> callsOfThisTurn() {
    return messages.reversed().stream()
        .takeWhile(message -> !message.role().equals("user"))
        .flatMap(message -> message.calls().stream())
        .toList();
  }
}
