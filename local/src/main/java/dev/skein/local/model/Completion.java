package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The stand-in's answer to one request, and its two renderings.
 *
 * @param cut whether {@code max_tokens} ended it
 */
record Completion(String text, boolean cut, int promptTokens, int completionTokens) {
  /** What the stand-in calls itself, whatever model was asked for. */
  static final String MODEL = "skein-offline";

  static Completion of(ChatRequest request) {
    String whole = Task.of(request.system()).answer(request.lastUserMessage());
    String text = Tokens.first(request.maxTokens(), whole);
    int prompt =
        request.messages().stream().mapToInt(message -> Tokens.count(message.content())).sum();
    return new Completion(text, text.length() < whole.length(), prompt, Tokens.count(text));
  }

  /** One object. */
  ObjectNode json() {
    ObjectNode root = head("chat.completion");
    ObjectNode choice = root.putArray("choices").addObject();
    choice.put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", text);
    choice.put("finish_reason", finishReason());
    root.set("usage", usage());
    return root;
  }

  /** The same answer as the events of a stream, without the closing {@code [DONE]}. */
  List<ObjectNode> chunks(boolean includeUsage) {
    var chunks = new ArrayList<ObjectNode>();
    chunks.add(chunk(delta().put("role", "assistant").put("content", "")));
    Tokens.pieces(text).forEach(piece -> chunks.add(chunk(delta().put("content", piece))));
    ObjectNode last = chunk(delta());
    ((ObjectNode) last.withArray("choices").get(0)).put("finish_reason", finishReason());
    chunks.add(last);
    if (includeUsage) {
      chunks.forEach(chunk -> chunk.putNull("usage"));
      ObjectNode counted = head("chat.completion.chunk");
      counted.putArray("choices");
      chunks.add(counted.set("usage", usage()));
    }
    return chunks;
  }

  private ObjectNode chunk(ObjectNode delta) {
    ObjectNode root = head("chat.completion.chunk");
    ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("finish_reason");
    return root;
  }

  /** Nothing random and no clock: the same request has the same answer, byte for byte. */
  private ObjectNode head(String object) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", "chatcmpl-" + Integer.toHexString(text.hashCode()))
        .put("object", object)
        .put("created", 0)
        .put("model", MODEL);
  }

  private static ObjectNode delta() {
    return JsonNodeFactory.instance.objectNode();
  }

  private String finishReason() {
    return cut ? "length" : "stop";
  }

  private ObjectNode usage() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }
}
