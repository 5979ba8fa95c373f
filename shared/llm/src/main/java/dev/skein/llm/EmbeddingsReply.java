package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Malformed;
import java.util.HashSet;

/**
 * Interprets replies of the embeddings API. A reply is complete when each input has its vector: it
 * has no choices and no {@code finish_reason}.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/embeddings">OpenAI API reference,
 *     Embeddings</a>
 */
final class EmbeddingsReply {
  private EmbeddingsReply() {}

  /**
   * The outcome of a reply without an error.
   *
   * @param input the request's
   * @param details has the model and the usage that the reply reports
   */
  static LlmOutcome outcome(JsonNode reply, JsonNode input, DetailsCollector details) {
    int expected = inputs(input);
    JsonNode data = reply.path("data");
    int vectors = 0;
    var indexes = new HashSet<Long>();
    for (JsonNode item : data) {
      // Some servers leave the index out, and mean the order.
      long index = item.path("index").asLong(vectors);
      if (isVector(item.path("embedding")) && indexes.add(index)) {
        vectors++;
      }
    }
    if (vectors != expected || data.size() != expected) {
      return new Malformed(
          "the reply has %d embeddings for %d inputs".formatted(vectors, expected));
    }
    return new Completed("", "", details.model(), details.usage());
  }

  /** In either encoding: numbers, or a string in base64. Null stands for what is not a number. */
  private static boolean isVector(JsonNode embedding) {
    return OpenAiReply.hasValue(embedding) && embedding.valueStream().noneMatch(JsonNode::isNull);
  }

  /** A string and an array of tokens are one input each. */
  private static int inputs(JsonNode input) {
    return input.isArray() && !input.path(0).isNumber() ? input.size() : 1;
  }
}
