package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stand-in's reply to a legacy text completion: every prompt is continued with the same
 * sentence.
 *
 * @param cut whether the sentence hit the token limit
 * @param includeUsage whether a stream reports its usage
 */
record OfflineText(
    String text, boolean cut, int promptTokens, boolean stream, boolean includeUsage) {
  /** OpenAI's. */
  private static final int DEFAULT_MAX_TOKENS = 16;

  private static final String CONTINUATION =
      " and so on, says Skein's offline stand-in, which is not a language model and continues every"
          + " text like this.";

  /**
   * @throws ApiException if the request is invalid
   */
  static OfflineText of(JsonNode request) {
    JsonNode prompt = request.path("prompt");
    int max = request.path("max_tokens").asInt(DEFAULT_MAX_TOKENS);
    if (prompt.isMissingNode() || prompt.isNull()) {
      throw ApiException.field("prompt", "\"prompt\" is required.");
    }
    if (max < 0) {
      throw ApiException.field("max_tokens", "\"max_tokens\" must be at least 0.");
    }
    String text = Tokens.first(max, CONTINUATION);
    return new OfflineText(
        text,
        text.length() < CONTINUATION.length(),
        OfflineEmbeddings.tokens(prompt),
        request.path("stream").asBoolean(),
        request.path("stream_options").path("include_usage").asBoolean());
  }

  ObjectNode json() {
    ObjectNode root = chunk(text, cut ? "length" : "stop");
    root.set("usage", usage());
    return root;
  }

  /** The chunks of a stream, without the final {@code [DONE]}. */
  List<ObjectNode> chunks() {
    var chunks = new ArrayList<ObjectNode>();
    Tokens.pieces(text).forEach(piece -> chunks.add(chunk(piece, null)));
    chunks.add(chunk("", cut ? "length" : "stop"));
    if (includeUsage) {
      ObjectNode counted = chunk("", null).set("usage", usage());
      counted.putArray("choices");
      chunks.add(counted);
    }
    return chunks;
  }

  private static ObjectNode chunk(String text, @Nullable String finishReason) {
    ObjectNode root =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", "cmpl-" + Integer.toHexString(CONTINUATION.hashCode()))
            .put("object", "text_completion")
            .put("created", 0)
            .put("model", OfflineCompletion.MODEL);
    root.putArray("choices")
        .addObject()
        .put("index", 0)
        .put("text", text)
        .putNull("logprobs")
        .put("finish_reason", finishReason);
    return root;
  }

  private ObjectNode usage() {
    return Tokens.usage(promptTokens, Tokens.count(text));
  }
}
