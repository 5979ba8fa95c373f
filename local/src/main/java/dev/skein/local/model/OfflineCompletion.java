package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The stand-in's reply to a request, as one object or as the chunks of a stream.
 *
 * @param calls of functions; empty if it answers
 * @param text the answer; empty if it calls
 * @param cut whether it hit the token limit
 * @param reasoningTokens how much it thought; empty if it is not a model that thinks
 * @param completionTokens including those of the reasoning
 */
record OfflineCompletion(
    List<Call> calls,
    String text,
    boolean cut,
    int promptTokens,
    OptionalInt reasoningTokens,
    int completionTokens) {
  /** The stand-in's own name, whichever model was requested. */
  static final String MODEL = "skein-offline";

  OfflineCompletion {
    calls = List.copyOf(calls);
  }

  record Call(String name, String arguments) {}

  static OfflineCompletion of(ChatRequest request) {
    List<Tools.Function> functions = request.called();
    String answer = functions.isEmpty() ? text(request) : "";
    int reasoning = Math.min(request.reasoningTokens().orElse(0), request.maxTokens());
    int left = request.maxTokens() - reasoning;
    String text = Tokens.first(left, answer);
    List<Call> calls = calls(functions, left);
    int length = calls.stream().mapToInt(call -> call.arguments().length()).sum();
    int whole = functions.stream().mapToInt(function -> function.arguments().length()).sum();
    int prompt =
        request.messages().stream().mapToInt(message -> Tokens.count(message.content())).sum();
    return new OfflineCompletion(
        calls,
        text,
        text.length() < answer.length() || length < whole,
        prompt,
        request.reasoningTokens().isPresent() ? OptionalInt.of(reasoning) : OptionalInt.empty(),
        reasoning
            + Tokens.count(text)
            + calls.stream().mapToInt(call -> Tokens.count(call.arguments())).sum());
  }

  /** One call per function, as long as there are tokens left. */
  private static List<Call> calls(List<Tools.Function> functions, int tokens) {
    var calls = new ArrayList<Call>();
    int left = tokens;
    for (Tools.Function function : functions) {
      String arguments = Tokens.first(left, function.arguments());
      left -= Tokens.count(arguments);
      calls.add(new Call(function.name(), arguments));
    }
    return calls;
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
    if (calls.isEmpty()) {
      message.put("content", text);
    } else {
      message.putNull("content");
      calls.forEach(call -> function(message, call).put("arguments", call.arguments()));
    }
    choice.put("finish_reason", finishReason());
    root.set("usage", usage());
    return root;
  }

  /** The chunks of a stream, without the final {@code [DONE]}. */
  List<ObjectNode> chunks(boolean includeUsage) {
    var chunks = new ArrayList<ObjectNode>();
    ObjectNode first = delta().put("role", "assistant");
    chunks.add(chunk(calls.isEmpty() ? first.put("content", "") : first.putNull("content")));
    Tokens.pieces(text).forEach(piece -> chunks.add(chunk(delta().put("content", piece))));
    for (int i = 0; i < calls.size(); i++) {
      int index = i;
      chunks.add(chunk(callStart(index)));
      Tokens.pieces(calls.get(index).arguments())
          .forEach(piece -> chunks.add(chunk(arguments(index, piece))));
    }
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
        .put("id", "chatcmpl-" + Integer.toHexString((text + calls).hashCode()))
        .put("object", object)
        .put("created", 0)
        .put("model", MODEL);
  }

  private ObjectNode callStart(int index) {
    ObjectNode delta = delta();
    function(delta, calls.get(index)).put("arguments", "");
    ((ObjectNode) delta.path("tool_calls").path(0)).put("index", index);
    return delta;
  }

  private static ObjectNode arguments(int index, String piece) {
    ObjectNode delta = delta();
    delta.putArray("tool_calls").addObject().put("index", index);
    ((ObjectNode) delta.path("tool_calls").path(0)).putObject("function").put("arguments", piece);
    return delta;
  }

  /** Adds a call to a message, and returns the object for its arguments. */
  private static ObjectNode function(ObjectNode message, Call call) {
    return message
        .withArray("tool_calls")
        .addObject()
        .put("id", "call_" + Integer.toHexString((call.name() + call.arguments()).hashCode()))
        .put("type", "function")
        .putObject("function")
        .put("name", call.name());
  }

  private static ObjectNode delta() {
    return JsonNodeFactory.instance.objectNode();
  }

  private String finishReason() {
    if (cut) {
      return "length";
    }
    return calls.isEmpty() ? "stop" : "tool_calls";
  }

  private ObjectNode usage() {
    ObjectNode usage = Tokens.usage(promptTokens, completionTokens);
    reasoningTokens.ifPresent(
        tokens -> usage.putObject("completion_tokens_details").put("reasoning_tokens", tokens));
    return usage;
  }
}
