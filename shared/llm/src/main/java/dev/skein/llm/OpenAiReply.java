package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Interprets replies of the chat completions API.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">OpenAI API reference, Chat</a>
 */
final class OpenAiReply {
  // Without a reason nobody can tell a complete text from a part of one.
  private static final String UNFINISHED = "the reply's finish_reason is missing";

  /** A well-formed reply without content. */
  static final Malformed NO_CONTENT = new Malformed("the reply has no content");

  private OpenAiReply() {}

  /** What a complete reply contains. */
  record Content(
      String text, String finishReason, boolean refused, String model, Optional<Usage> usage) {}

  /** The outcome of the call if nothing follows this attempt. */
  static LlmOutcome outcome(AttemptResult attempt, ReplyMode mode, Instant now) {
    return switch (attempt) {
      case AttemptResult.Answered answer ->
          answer.status() == 200
              ? completion(answer.headers(), answer.body(), mode)
              : ErrorReply.outcome(answer, now);
      case AttemptResult.Streamed(LlmOutcome outcome) -> outcome;
      case AttemptResult.BrokenOff(String what) -> new Cut(what);
      case AttemptResult.Garbled() -> new Malformed("the reply is not HTTP");
      case AttemptResult.TooLarge() -> new Malformed("the reply is larger than the limit");
      case AttemptResult.Unreached(Cause cause) -> unreached(cause);
      case AttemptResult.Stopped(LlmOutcome outcome) -> outcome;
    };
  }

  private static LlmOutcome unreached(Cause cause) {
    return switch (cause) {
      case CONNECT -> new Unavailable(NoReply.NOT_CONNECTED, Optional.empty());
      case TLS -> new Unavailable(NoReply.TLS_FAILED, Optional.empty());
      case CLOSED -> new Unavailable(NoReply.CONNECTION_CLOSED, Optional.empty());
      case SILENT -> new TimedOut(Limit.FIRST_BYTE);
    };
  }

  /** Whether the body has a content coding, which we never ask for. */
  static boolean isCompressed(HttpHeaders headers) {
    return headers.firstValue("content-encoding").filter(it -> !it.equals("identity")).isPresent();
  }

  private static LlmOutcome completion(HttpHeaders headers, ByteBuffer body, ReplyMode mode) {
    if (isCompressed(headers)) {
      return new Malformed("the reply is compressed, which was not asked for");
    }
    if (headers.allValues("content-length").stream().distinct().count() > 1) {
      // RFC 9112, 6.3: where such a reply ends is ambiguous; the JDK takes the first length.
      return new Malformed("the reply has two lengths");
    }
    try {
      var outcome = completion(Json.STRICT.parse(body), mode);
      return mode == ReplyMode.PASS_THROUGH && outcome instanceof Completed completed
          ? completed.withBody(StandardCharsets.UTF_8.decode(body.duplicate()).toString())
          : outcome;
    } catch (MalformedJsonException e) {
      return new Malformed("the reply " + e.getMessage());
    }
  }

  private static LlmOutcome completion(JsonNode reply, ReplyMode mode) {
    if (reply.hasNonNull("error")) {
      return new Malformed("an error object behind status 200" + ErrorReply.codeClause(reply));
    }
    JsonNode choice = reply.path("choices").path(0);
    JsonNode message = choice.path("message");
    if (!message.isObject()) {
      return new Malformed("the reply has no message");
    }
    var content =
        new Content(
            message.path("content").asText(""),
            choice.path("finish_reason").asText(""),
            message.hasNonNull("refusal"),
            reply.path("model").asText(""),
            usage(reply.path("usage")));
    return outcome(content, mode);
  }

  /** The outcome of a complete reply. */
  static LlmOutcome outcome(Content content, ReplyMode mode) {
    var completed =
        new Completed(content.text(), content.finishReason(), content.model(), content.usage());
    if (mode == ReplyMode.PASS_THROUGH) {
      return content.finishReason().isEmpty() ? new Malformed(UNFINISHED) : completed;
    }
    if (content.refused() || content.finishReason().equals("content_filter")) {
      return new Refused(content.usage());
    }
    return switch (content.finishReason()) {
      case "length" ->
          content.text().isEmpty() ? new LlmOutcome.OutOfTokens(content.usage()) : completed;
      case "stop", "unknown" -> content.text().isEmpty() ? NO_CONTENT : completed;
      default -> new Malformed("the reply's finish_reason is neither stop nor length");
    };
  }

  /**
   * A whole reply as the one chunk of a stream, for a caller who asked for a stream.
   *
   * @param body a reply that was parsed before
   */
  static String asChunk(String body) {
    try {
      ObjectNode chunk = (ObjectNode) Json.STRICT.parse(body);
      chunk.put("object", "chat.completion.chunk");
      for (JsonNode choice : chunk.path("choices")) {
        if (choice instanceof ObjectNode fields) {
          fields.set("delta", fields.remove("message"));
          index(fields.path("delta").path("tool_calls"));
        }
      }
      return Json.STRICT.write(chunk);
    } catch (MalformedJsonException e) {
      throw new IllegalStateException("a reply that was parsed before", e);
    }
  }

  /** In a stream, tool calls have a position. */
  private static void index(JsonNode toolCalls) {
    int index = 0;
    for (JsonNode call : toolCalls) {
      if (call instanceof ObjectNode fields) {
        fields.put("index", index++);
      }
    }
  }

  static Optional<Usage> usage(JsonNode usage) {
    JsonNode prompt = usage.path("prompt_tokens");
    JsonNode completion = usage.path("completion_tokens");
    JsonNode total = usage.path("total_tokens");
    boolean known = isCount(prompt) && isCount(completion) && isCount(total);
    return known
        ? Optional.of(new Usage(prompt.longValue(), completion.longValue(), total.longValue()))
        : Optional.empty();
  }

  private static boolean isCount(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0;
  }
}
