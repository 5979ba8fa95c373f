package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The stand-in's reply to a request, as one object or as the chunks of a stream.
 *
 * @param function the name of the function that it calls, if any
 * @param text the answer, or the arguments of the call
 * @param cut whether it hit the token limit
 * @param reasoningTokens how much it thought; empty if it is not a model that thinks
 * @param completionTokens including those of the reasoning
 */
record OfflineCompletion(
    Optional<String> function,
    String text,
    boolean cut,
    int promptTokens,
    OptionalInt reasoningTokens,
    int completionTokens) {
  /** The stand-in's own name, whichever model was requested. */
  static final String MODEL = "skein-offline";

  static OfflineCompletion of(ChatRequest request) {
    Optional<Tools.Function> function = request.called();
    String whole = function.map(Tools.Function::arguments).orElseGet(() -> text(request));
    int reasoning = Math.min(request.reasoningTokens().orElse(0), request.maxTokens());
    String text = Tokens.first(request.maxTokens() - reasoning, whole);
    int prompt =
        request.messages().stream().mapToInt(message -> Tokens.count(message.content())).sum();
    return new OfflineCompletion(
        function.map(Tools.Function::name),
        text,
        text.length() < whole.length(),
        prompt,
        request.reasoningTokens().isPresent() ? OptionalInt.of(reasoning) : OptionalInt.empty(),
        reasoning + Tokens.count(text));
  }

  private static String text(ChatRequest request) {
    return request
        .format()
        .rendered(OfflineTask.of(request.system()).answer(request.lastUserMessage()));
  }

  ObjectNode json() {
    ObjectNode root = head("chat.completion");
    ObjectNode choice = root.putArray("choices").addObject();
    choice.put("index", 0);
    ObjectNode message = choice.putObject("message").put("role", "assistant");
    function.ifPresentOrElse(
        name -> call(message.putNull("content"), name).put("arguments", text),
        () -> message.put("content", text));
    choice.put("finish_reason", finishReason());
    root.set("usage", usage());
    return root;
  }

  /** The chunks of a stream, without the final {@code [DONE]}. */
  List<ObjectNode> chunks(boolean includeUsage) {
    var chunks = new ArrayList<ObjectNode>();
    ObjectNode first = delta().put("role", "assistant");
    chunks.add(chunk(function.isPresent() ? first.putNull("content") : first.put("content", "")));
    function.ifPresent(name -> chunks.add(chunk(callStart(name))));
    Tokens.pieces(text).forEach(piece -> chunks.add(chunk(delta(piece))));
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

  /** No random numbers and no clock: the same request gets the same bytes. */
  private ObjectNode head(String object) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", "chatcmpl-" + Integer.toHexString(text.hashCode()))
        .put("object", object)
        .put("created", 0)
        .put("model", MODEL);
  }

  private ObjectNode delta(String piece) {
    ObjectNode delta = delta();
    if (function.isEmpty()) {
      return delta.put("content", piece);
    }
    firstCall(delta).put("index", 0).putObject("function").put("arguments", piece);
    return delta;
  }

  private ObjectNode callStart(String name) {
    ObjectNode delta = delta();
    call(delta, name).put("arguments", "");
    ((ObjectNode) delta.path("tool_calls").path(0)).put("index", 0);
    return delta;
  }

  /** Adds the call of a function, and returns the object for its arguments. */
  private ObjectNode call(ObjectNode message, String name) {
    return firstCall(message)
        .put("id", "call_" + Integer.toHexString((name + text).hashCode()))
        .put("type", "function")
        .putObject("function")
        .put("name", name);
  }

  private static ObjectNode firstCall(ObjectNode message) {
    return message.putArray("tool_calls").addObject();
  }

  private static ObjectNode delta() {
    return JsonNodeFactory.instance.objectNode();
  }

  private String finishReason() {
    if (cut) {
      return "length";
    }
    return function.isPresent() ? "tool_calls" : "stop";
  }

  private ObjectNode usage() {
    ObjectNode usage =
        JsonNodeFactory.instance
            .objectNode()
            .put("prompt_tokens", promptTokens)
            .put("completion_tokens", completionTokens)
            .put("total_tokens", promptTokens + completionTokens);
    reasoningTokens.ifPresent(
        tokens -> usage.putObject("completion_tokens_details").put("reasoning_tokens", tokens));
    return usage;
  }
}
