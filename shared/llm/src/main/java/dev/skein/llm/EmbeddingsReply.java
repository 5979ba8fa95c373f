package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Malformed;

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
   */
  static LlmOutcome outcome(JsonNode reply, JsonNode input) {
    int expected = inputs(input);
    // In either encoding: an array of numbers, or a string in base64.
    long vectors =
        reply
            .path("data")
            .valueStream()
            .filter(item -> OpenAiReply.hasValue(item.path("embedding")))
            .count();
    if (vectors != expected || reply.path("data").size() != expected) {
      return new Malformed(
          "the reply has %d embeddings for %d inputs".formatted(vectors, expected));
    }
    return new Completed("", "", OpenAiReply.model(reply), OpenAiReply.usage(reply.path("usage")));
  }

  /** A string and an array of tokens are one input each. */
  private static int inputs(JsonNode input) {
    return input.isArray() && !input.path(0).isNumber() ? input.size() : 1;
  }
}
