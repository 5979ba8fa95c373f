package dev.skein.llm;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.ReplyMode;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Interprets replies of the provider's APIs.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">OpenAI API reference, Chat</a>
 */
final class OpenAiReply {
  // Without a reason nobody can tell a complete text from a part of one.
  private static final String UNFINISHED = "the reply's finish_reason is missing";

  /** Why a reply is no answer whose model stopped because the provider failed. */
  static final String FAILED = "the reply's finish_reason names a failure";

  /** The data of the last event of a stream. */
  static final String END_MARK = "[DONE]";

  /** A well-formed reply without content. */
  static final Malformed NO_CONTENT = new Malformed("the reply has no content");

  /** Of a model's name, in characters: it goes into headers, records and log lines. */
  private static final int MAX_MODEL = 256;

  private OpenAiReply() {}

  /** Of a body; others, such as {@code none} or the name of a character set, code nothing. */
  private static final Set<String> CONTENT_CODINGS =
      Set.of("gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress");

  /**
   * What a complete reply contains.
   *
   * @param finishReason in the API's own word
   * @param reasoned whether there is reasoning beside the text
   */
  record Content(
      String text,
      String finishReason,
      boolean refused,
      boolean reasoned,
      String model,
      Optional<Usage> usage) {}

  /**
   * The outcome of the call if nothing follows this attempt.
   *
   * @param details collects what a whole reply says about itself
   */
  static LlmOutcome outcome(
      AttemptResult attempt, LlmRequest request, Instant now, DetailsCollector details) {
    return switch (attempt) {
      case AttemptResult.Answered answer ->
          isSuccess(answer.status())
              ? success(answer.headers(), answer.body(), request, details)
              : error(answer, now, details);
      case AttemptResult.Streamed(LlmOutcome outcome) -> outcome;
      case AttemptResult.BrokenOff(String what) -> new Cut(what);
      case AttemptResult.Garbled() -> new Malformed("the reply is not HTTP");
      case AttemptResult.TooLarge(long size, long limit) -> Malformed.tooLarge(size, limit);
      case AttemptResult.Unreached(Cause cause) -> unreached(cause);
      case AttemptResult.Silent(Limit limit) -> new TimedOut(limit);
      case AttemptResult.Stopped(LlmOutcome outcome) -> outcome;
    };
  }

  private static LlmOutcome error(
      AttemptResult.Answered answer, Instant now, DetailsCollector details) {
    String text = StandardCharsets.UTF_8.decode(answer.body().duplicate()).toString();
    if (text.contains("\"usage\"")) {
      try {
        // An error that a model ran into has been billed.
        details.report(Json.PROVIDER.parse(text), false, true);
      } catch (MalformedJsonException e) {
        // It is an error all the same.
      }
    }
    return ErrorReply.outcome(answer, now);
  }

  private static LlmOutcome unreached(Cause cause) {
    return switch (cause) {
      case CONNECT -> new Unavailable(NoReply.NOT_CONNECTED, Optional.empty());
      case TLS -> new Unavailable(NoReply.TLS_FAILED, Optional.empty());
      case CLOSED -> new Unavailable(NoReply.CONNECTION_CLOSED, Optional.empty());
    };
  }

  static boolean isSuccess(int status) {
    return status / 100 == 2;
  }

  /** Whether the body has a content coding, which we never ask for. */
  static boolean isCompressed(HttpHeaders headers) {
    return headers.allValues("content-encoding").stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .anyMatch(coding -> CONTENT_CODINGS.contains(coding.strip().toLowerCase(Locale.ROOT)));
  }

  private static LlmOutcome success(
      HttpHeaders headers, ByteBuffer body, LlmRequest request, DetailsCollector details) {
    if (isCompressed(headers)) {
      return new Malformed("the reply is compressed, which was not asked for");
    }
    if (headers.allValues("content-length").stream().distinct().count() > 1) {
      // RFC 9112, 6.3: where such a reply ends is ambiguous; the JDK takes the first length.
      return new Malformed("the reply has two lengths");
    }
    try {
      String text = withoutEndMark(Json.PROVIDER.text(body));
      var outcome = success(Json.PROVIDER.parse(text), request, details);
      return request.replyMode() == ReplyMode.PASS_THROUGH && outcome instanceof Completed completed
          ? completed.withBody(text)
          : outcome;
    } catch (MalformedJsonException e) {
      return new Malformed("the reply " + e.getMessage());
    }
  }

  /** Some gateways end even a whole reply like a stream. */
  private static String withoutEndMark(String body) {
    String text = body.stripTrailing();
    String json =
        text.endsWith(END_MARK) ? text.substring(0, text.length() - END_MARK.length()) : "";
    json = json.stripTrailing();
    return json.endsWith("data:") ? json.substring(0, json.length() - "data:".length()) : body;
  }

  private static LlmOutcome success(JsonNode reply, LlmRequest request, DetailsCollector details) {
    details.report(reply, false, true);
    if (HiddenError.isIn(reply)) {
      return new Malformed("an error object behind status 200" + ErrorReply.codeClause(reply));
    }
    JsonNode choice = reply.path("choices").path(0);
    return switch (request.api()) {
      case CHAT_COMPLETIONS ->
          completion(choice, choice.path("message"), request.replyMode(), details);
      case COMPLETIONS -> completion(choice, textAsMessage(choice), request.replyMode(), details);
      case EMBEDDINGS -> EmbeddingsReply.outcome(reply, request.fields().path("input"), details);
    };
  }

  /** The choice of a legacy completion, or a part of one, as a message or its delta. */
  static JsonNode textAsMessage(JsonNode choice) {
    return choice.has("text")
        ? Json.object().set("content", choice.path("text"))
        : MissingNode.getInstance();
  }

  private static LlmOutcome completion(
      JsonNode choice, JsonNode message, ReplyMode mode, DetailsCollector details) {
    String reason = AnswerText.unicode(choice.path("finish_reason").asText(""));
    details.choice(reason, message);
    // When reasoning has used up all tokens, some servers send no message at all.
    if (!message.isObject() && FinishReason.of(reason) != FinishReason.LENGTH) {
      return new Malformed("the reply has no message");
    }
    var text = new AnswerText(mode == ReplyMode.TEXT_ONLY, LlmLimits.maxReplyBytes(mode));
    text.add(text(message.path("content")));
    text.rest();
    var content =
        new Content(
            text.toString(),
            reason,
            hasValue(message.path("refusal")),
            text.hasReasoning() || isReasoning(message),
            details.model(),
            details.usage());
    return outcome(content, mode);
  }

  /** The text of a content, which may be a list of parts: reasoning is one of another type. */
  static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    var text = new StringBuilder();
    for (JsonNode part : content) {
      boolean isText = part.path("type").asText("text").equals("text");
      text.append(part.isTextual() ? part.textValue() : isText ? part.path("text").asText("") : "");
    }
    return text.toString();
  }

  /** The model that answered; empty when the reply does not say. */
  static String model(JsonNode reply) {
    String model = reply.path("model").asText("");
    return AnswerText.unicode(model.substring(0, Math.min(model.length(), MAX_MODEL)));
  }

  /** Whether a message, or a part of one, has reasoning. */
  static boolean isReasoning(JsonNode message) {
    return hasValue(message.path("reasoning_content")) || hasValue(message.path("reasoning"));
  }

  static List<JsonPointer> pointers(String... paths) {
    return Stream.of(paths).map(JsonPointer::compile).toList();
  }

  /** Whether a member is present, and neither null, false nor empty. */
  static boolean hasValue(JsonNode member) {
    return switch (member.getNodeType()) {
      case ARRAY, OBJECT -> !member.isEmpty();
      case STRING -> !member.textValue().isEmpty();
      case BOOLEAN -> member.booleanValue();
      case NUMBER -> true;
      case NULL, MISSING, BINARY, POJO -> false;
    };
  }

  /** The outcome of a complete reply. */
  static LlmOutcome outcome(Content content, ReplyMode mode) {
    FinishReason reason = FinishReason.of(content.finishReason());
    if (reason == FinishReason.NONE) {
      return new Malformed(UNFINISHED);
    }
    if (reason == FinishReason.FAILED) {
      return new Malformed(FAILED);
    }
    if (mode == ReplyMode.PASS_THROUGH) {
      return completed(content, content.finishReason());
    }
    if (content.refused() || reason == FinishReason.REFUSED) {
      return new Refused(content.usage());
    }
    if (reason == FinishReason.TOOL_CALLS) {
      return new Malformed("the reply is a tool call");
    }
    if (content.text().isEmpty()) {
      boolean usedUp = reason == FinishReason.LENGTH || content.reasoned();
      return usedUp ? new OutOfTokens(content.usage()) : NO_CONTENT;
    }
    return completed(
        content,
        switch (reason) {
          case STOP -> "stop";
          case LENGTH -> "length";
          default -> "unknown";
        });
  }

  private static Completed completed(Content content, String finishReason) {
    return new Completed(content.text(), finishReason, content.model(), content.usage());
  }
}
