package dev.skein.local.model;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What the stand-in understands of a chat completion request; it ignores every other field.
 *
 * @param maxTokens at least 1; {@link Integer#MAX_VALUE} when the caller sets no limit
 */
record ChatRequest(
    List<Message> messages,
    int maxTokens,
    boolean stream,
    boolean includeUsage,
    Tools tools,
    ResponseFormat format)
    implements ParseResult {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  ChatRequest {
    messages = List.copyOf(messages);
  }

  record Message(String role, String content) {}

  static ParseResult parse(byte[] body) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (IOException e) {
      return ApiError.of(400, "invalid_json", "The body is not JSON.");
    }
    if (root == null || !root.isObject()) {
      return ApiError.of(400, "invalid_json", "The body is not a JSON object.");
    }
    JsonNode messages = root.path("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      return ApiError.field("messages", "\"messages\" must be a list of at least one message.");
    }
    var read = new ArrayList<Message>();
    for (JsonNode message : messages) {
      if (!message.path("role").isTextual()) {
        return ApiError.field("messages", "Every message needs a \"role\".");
      }
      read.add(new Message(message.path("role").textValue(), content(message.path("content"))));
    }
    return options(root, read);
  }

  private static ParseResult options(JsonNode root, List<Message> messages) {
    JsonNode limit = root.path("max_completion_tokens");
    String name = "max_completion_tokens";
    if (limit.isMissingNode() || limit.isNull()) {
      name = "max_tokens";
      limit = root.path(name);
    }
    boolean unlimited = limit.isMissingNode() || limit.isNull();
    if (!unlimited
        && !(limit.canConvertToInt() && limit.isIntegralNumber() && limit.intValue() >= 1)) {
      return ApiError.field(name, "\"" + name + "\" must be an integer of at least 1.");
    }
    Tools tools = Tools.of(root);
    ResponseFormat format = ResponseFormat.of(root);
    Optional<ApiError> fault = tools.fault().or(format::fault);
    if (fault.isPresent()) {
      return fault.get();
    }
    return new ChatRequest(
        messages,
        unlimited ? Integer.MAX_VALUE : limit.intValue(),
        root.path("stream").asBoolean(),
        root.path("stream_options").path("include_usage").asBoolean(),
        tools,
        format);
  }

  /** A plain string, or the texts of a list of parts. */
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

  /** The function to call, if any: what a function has returned is answered by a text. */
  Optional<Tools.Function> called() {
    return messages.getLast().role().equals("tool")
        ? Optional.empty()
        : tools.called(lastUserMessage());
  }
}
