package dev.skein.faults;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A 200 with a chat completion of one choice, a legacy completion with the same text, or embeddings
 * of two dimensions, as the request's path demands. By default it ends with {@code stop}, has used
 * 10 and 5 tokens, and names the model that was asked for.
 *
 * @param model the model it claims to be, or empty for the one asked for
 */
public record ScriptedCompletion(
    String text, String finishReason, Optional<Usage> usage, Optional<String> model)
    implements ScriptedReply.Whole {

  /** Token counts; the total is their sum. */
  public record Usage(int prompt, int completion) {}

  static ScriptedCompletion of(String text) {
    return new ScriptedCompletion(text, "stop", Optional.of(new Usage(10, 5)), Optional.empty());
  }

  public ScriptedCompletion finishReason(String reason) {
    return new ScriptedCompletion(text, reason, usage, model);
  }

  public ScriptedCompletion usage(int prompt, int completion) {
    return new ScriptedCompletion(
        text, finishReason, Optional.of(new Usage(prompt, completion)), model);
  }

  public ScriptedCompletion noUsage() {
    return new ScriptedCompletion(text, finishReason, Optional.empty(), model);
  }

  public ScriptedCompletion model(String name) {
    return new ScriptedCompletion(text, finishReason, usage, Optional.of(name));
  }

  @Override
  public ScriptedResponse response(ModelRequest request) {
    return new ScriptedResponse(200, Map.of(), json(request).toString());
  }

  /** A request for a stream gets one, a word at a time. */
  @Override
  public List<Step> steps(ModelRequest request) {
    return request.json().path("stream").asBoolean()
        ? stream(request).steps(request)
        : response(request).steps();
  }

  private Chunks stream(ModelRequest request) {
    Chunks chunks = Chunks.of(text.split("(?<= )"));
    return (request.path().equals(ModelRequest.COMPLETIONS) ? chunks.legacy() : chunks)
        .replaced("\"scripted\"", "\"" + name(request) + "\"")
        .replaced("\"stop\"", "\"" + finishReason + "\"")
        .usage(usage);
  }

  private String name(ModelRequest request) {
    return model.orElseGet(() -> request.json().path("model").asText("scripted"));
  }

  static ObjectNode usageChunk(Usage usage) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putArray("choices");
    addUsage(usage, root);
    return root;
  }

  private static void addUsage(Usage counted, ObjectNode root) {
    root.putObject("usage")
        .put("prompt_tokens", counted.prompt())
        .put("completion_tokens", counted.completion())
        .put("total_tokens", counted.prompt() + counted.completion());
  }

  private ObjectNode json(ModelRequest request) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("id", "chatcmpl-" + request.number());
    root.put("object", "chat.completion");
    root.put("created", 1_750_000_000);
    root.put("model", name(request));
    if (request.path().equals(ModelRequest.EMBEDDINGS)) {
      addVectors(request, root);
    } else {
      addChoice(request, root);
    }
    usage.ifPresent(counted -> addUsage(counted, root));
    return root;
  }

  private void addChoice(ModelRequest request, ObjectNode root) {
    ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
    if (request.path().equals(ModelRequest.COMPLETIONS)) {
      root.put("object", "text_completion");
      choice.put("text", text);
    } else {
      choice.putObject("message").put("role", "assistant").put("content", text);
    }
    choice.put("finish_reason", finishReason);
  }

  private static void addVectors(ModelRequest request, ObjectNode root) {
    var data = root.put("object", "list").putArray("data");
    int inputs = Math.max(1, request.json().path("input").size());
    for (int i = 0; i < inputs; i++) {
      ObjectNode vector = data.addObject().put("object", "embedding").put("index", i);
      vector.putArray("embedding").add(0.6).add(0.8);
    }
  }
}
