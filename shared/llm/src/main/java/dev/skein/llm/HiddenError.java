package dev.skein.llm;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Recognizes an error in a reply, or in an event of a stream, whose status is a success. */
final class HiddenError {
  /** OpenAI's member, which OpenRouter also puts into a choice; FastChat's and MiniMax's codes. */
  private static final List<JsonPointer> MEMBERS =
      OpenAiReply.pointers("/error", "/choices/0/error", "/error_code", "/base_resp/status_code");

  /** Where OpenRouter and others put the status that they could not send any more. */
  private static final List<JsonPointer> STATUSES =
      OpenAiReply.pointers("/error/code", "/choices/0/error/code");

  /** The same in a reply that is nothing but an error. */
  private static final JsonPointer BARE_STATUS = JsonPointer.compile("/code");

  private HiddenError() {}

  /** Whether a member reports an error: some servers always send it, but empty or zero. */
  static boolean isIn(JsonNode reply) {
    return reply.path("object").asText("").equals("error")
        || MEMBERS.stream().anyMatch(member -> isMeaningful(reply.at(member)))
        || (!reply.has("choices") && status(reply).isPresent());
  }

  /** The status from 400 to 599 that the error would have had. */
  static Optional<Integer> status(JsonNode reply) {
    var bare = reply.has("choices") ? Stream.<JsonPointer>of() : Stream.of(BARE_STATUS);
    return Stream.concat(STATUSES.stream(), bare)
        .map(reply::at)
        .filter(code -> code.isInt() && code.intValue() >= 400 && code.intValue() < 600)
        .map(JsonNode::intValue)
        .findFirst();
  }

  /** As {@link #status(JsonNode)}, in the body of a whole reply. */
  static Optional<Integer> status(ByteBuffer body) {
    String text =
        new String(body.array(), body.arrayOffset(), body.limit(), StandardCharsets.UTF_8);
    if (!text.contains("\"error\"") && !text.contains("\"code\"")) {
      // Nearly every reply, which is not to be parsed twice.
      return Optional.empty();
    }
    try {
      return status(Json.PROVIDER.parse(text));
    } catch (MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static boolean isMeaningful(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> !node.textValue().isBlank();
      case NUMBER -> node.doubleValue() != 0;
      case BOOLEAN -> node.booleanValue();
      case ARRAY, OBJECT -> node.valueStream().anyMatch(HiddenError::isMeaningful);
      case NULL, MISSING, BINARY, POJO -> false;
    };
  }
}
