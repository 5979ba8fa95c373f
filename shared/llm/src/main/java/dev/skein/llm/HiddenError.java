package dev.skein.llm;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;

/** Recognizes an error in a reply, or in an event of a stream, whose status is a success. */
final class HiddenError {
  /** OpenAI's member, which OpenRouter also puts into a choice; FastChat's and MiniMax's codes. */
  private static final List<JsonPointer> MEMBERS =
      Stream.of("/error", "/choices/0/error", "/error_code", "/base_resp/status_code")
          .map(JsonPointer::compile)
          .toList();

  private HiddenError() {}

  /** Whether a member says that there was an error: some servers always send it, but empty. */
  static boolean isIn(JsonNode reply) {
    return reply.path("object").asText("").equals("error")
        || MEMBERS.stream().anyMatch(member -> saysSomething(reply.at(member)));
  }

  private static boolean saysSomething(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> !node.textValue().isBlank();
      case NUMBER -> node.doubleValue() != 0;
      case BOOLEAN -> node.booleanValue();
      case ARRAY, OBJECT -> node.valueStream().anyMatch(HiddenError::saysSomething);
      case NULL, MISSING, BINARY, POJO -> false;
    };
  }
}
