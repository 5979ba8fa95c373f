package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Interprets replies of the chat completions API.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">OpenAI API reference, Chat</a>
 */
final class OpenAiReply {
  /** A code is a machine-readable word; anything else may be prose, and is not passed on. */
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** With a 429 these mean that waiting will not help. */
  private static final Set<String> QUOTA_CODES =
      Set.of("insufficient_quota", "billing_not_active", "billing_hard_limit_reached");

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
      case AttemptResult.Answered answer -> outcome(answer, mode, now);
      case AttemptResult.Streamed(LlmOutcome outcome) -> outcome;
      case AttemptResult.BrokenOff(String what) -> new Cut(what);
      case AttemptResult.Garbled() -> new Malformed("the reply is not HTTP");
      case AttemptResult.TooLarge() -> new Malformed("the reply is larger than the limit");
      case AttemptResult.Unreached(Cause cause) ->
          cause == Cause.SILENT ? new TimedOut() : new Unavailable(Optional.empty());
      case AttemptResult.Stopped(LlmOutcome outcome) -> outcome;
    };
  }

  private static LlmOutcome outcome(AttemptResult.Answered answer, ReplyMode mode, Instant now) {
    int status = answer.status();
    if (status == 200) {
      return completion(answer.headers(), answer.body(), mode);
    }
    var retryAfter = RetryAfter.read(answer.headers(), now);
    Optional<String> code = errorCode(answer.body());
    if (status == 401 || status == 403 || (status == 429 && isQuota(code))) {
      return new Rejected(Reason.CREDENTIALS, status, code);
    }
    if (status == 429) {
      return new RateLimited(retryAfter);
    }
    if (status >= 500 || status == 408 || status == 409) {
      return new Unavailable(retryAfter);
    }
    if (status == 404 || status == 405) {
      return new Rejected(Reason.ENDPOINT, status, code);
    }
    if (status >= 400) {
      return new Rejected(Reason.REQUEST, status, code);
    }
    // Following a redirect would hand the prompt and the key to another origin.
    return new Malformed("status " + status);
  }

  static boolean isQuota(AttemptResult.Answered answer) {
    return isQuota(errorCode(answer.body()));
  }

  private static boolean isQuota(Optional<String> code) {
    return code.filter(QUOTA_CODES::contains).isPresent();
  }

  private static Optional<String> errorCode(ByteBuffer body) {
    try {
      return errorCode(Json.STRICT.parse(body));
    } catch (MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> errorCode(JsonNode reply) {
    JsonNode error = reply.path("error");
    String code = error.path("code").asText(error.path("type").asText(""));
    return Optional.of(code).filter(word -> CODE.matcher(word).matches());
  }

  /** The code of an error object, as a clause to end a sentence with. */
  static String codeClause(JsonNode reply) {
    return errorCode(reply).map(code -> ", code " + code).orElse("");
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
      return new Malformed("an error object behind status 200" + codeClause(reply));
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
      case "length" -> completed;
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
