package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;

/** Finds what each chunk of a stream adds to the one choice that was asked for. Not thread-safe. */
final class StreamedChoice {
  private final boolean isChat;
  private int index = -1;
  private boolean hasDelta;

  /** The choice of a stream that has not begun. */
  StreamedChoice(boolean isChat) {
    this.isChat = isChat;
  }

  /** The choice in a chunk: where there are more, the first that begins. */
  JsonNode in(JsonNode chunk) {
    for (JsonNode choice : chunk.path("choices")) {
      int position = choice.path("index").asInt(0);
      index = index < 0 ? position : index;
      if (position == index) {
        return choice;
      }
    }
    return MissingNode.getInstance();
  }

  /** What a choice adds, as a message has it. */
  JsonNode delta(JsonNode choice) {
    if (!isChat) {
      return OpenAiReply.textAsMessage(choice);
    }
    hasDelta |= choice.has("delta");
    // Some servers send messages instead, and others the whole message after its deltas.
    return choice.path(hasDelta ? "delta" : "message");
  }

  /** The role comes first, and alone: a stream that has sent no more can still fail over. */
  static boolean hasContent(JsonNode delta) {
    for (var field : delta.properties()) {
      if (!field.getKey().equals("role") && OpenAiReply.hasValue(field.getValue())) {
        return true;
      }
    }
    return false;
  }
}
