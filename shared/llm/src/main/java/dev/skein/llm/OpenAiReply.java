package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.Attempt.Cause;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmRequest.Answer;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an answer of the chat completions API means.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">OpenAI API reference, Chat</a>
 */
final class OpenAiReply {
  /** A code is a word for machines; anything else may be prose, and stays here. */
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** Behind a 429 these mean that no wait will help. */
  private static final Set<String> QUOTA_CODES =
      Set.of("insufficient_quota", "billing_not_active", "billing_hard_limit_reached");

  // Without a reason nobody can tell a whole text from a part of one.
  private static final String UNFINISHED = "the reply's finish_reason is missing";

  /** A reply in due form that says nothing. */
  static final Malformed NOTHING = new Malformed("the reply has no content");

  private OpenAiReply() {}

  /** What a reply says that came whole. */
  record Said(
      String text, String finishReason, boolean refused, String model, Optional<Usage> usage) {}

  /** The outcome of the call if nothing follows this attempt. */
  static LlmOutcome outcome(Attempt attempt, Answer taken, Instant now) {
    return switch (attempt) {
      case Attempt.Answered answer -> outcome(answer, taken, now);
      case Attempt.Streamed(LlmOutcome outcome) -> outcome;
      case Attempt.BrokenOff(String what) -> new Cut(what);
      case Attempt.Garbled() -> new Malformed("the reply is not HTTP");
      case Attempt.TooLarge() -> new Malformed("the reply is larger than any that is taken");
      case Attempt.Unreached(Cause cause) ->
          cause == Cause.SILENT ? new TimedOut() : new Unavailable(Optional.empty());
    };
  }

  private static LlmOutcome outcome(Attempt.Answered answer, Answer taken, Instant now) {
    int status = answer.status();
    if (status == 200) {
      return completion(answer.headers(), answer.body(), taken);
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

  static boolean isQuota(Attempt.Answered answer) {
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

  /** The code of an error object, to stand at a sentence's end. */
  static String codeInWords(JsonNode reply) {
    return errorCode(reply).map(code -> ", code " + code).orElse("");
  }

  /** Whether the body is in a coding that we never asked for. */
  static boolean isCompressed(HttpHeaders headers) {
    return headers.firstValue("content-encoding").filter(it -> !it.equals("identity")).isPresent();
  }

  private static LlmOutcome completion(HttpHeaders headers, ByteBuffer body, Answer taken) {
    if (isCompressed(headers)) {
      return new Malformed("the reply is compressed, which was not asked for");
    }
    if (headers.allValues("content-length").stream().distinct().count() > 1) {
      // RFC 9112, 6.3: nobody can tell where such a reply ends; the JDK takes the first.
      return new Malformed("the reply has two lengths");
    }
    try {
      var outcome = completion(Json.STRICT.parse(body), taken);
      return taken == Answer.ANY && outcome instanceof Completed completed
          ? completed.withBody(StandardCharsets.UTF_8.decode(body.duplicate()).toString())
          : outcome;
    } catch (MalformedJsonException e) {
      return new Malformed("the reply " + e.getMessage());
    }
  }

  private static LlmOutcome completion(JsonNode reply, Answer taken) {
    if (reply.hasNonNull("error")) {
      return new Malformed("an error object behind status 200" + codeInWords(reply));
    }
    JsonNode choice = reply.path("choices").path(0);
    JsonNode message = choice.path("message");
    if (!message.isObject()) {
      return new Malformed("the reply has no message");
    }
    var said =
        new Said(
            message.path("content").asText(""),
            choice.path("finish_reason").asText(""),
            message.hasNonNull("refusal"),
            reply.path("model").asText(""),
            usage(reply.path("usage")));
    return meaning(said, taken);
  }

  /** What a reply means that came whole. */
  static LlmOutcome meaning(Said said, Answer taken) {
    var completed = new Completed(said.text(), said.finishReason(), said.model(), said.usage());
    if (taken == Answer.ANY) {
      return said.finishReason().isEmpty() ? new Malformed(UNFINISHED) : completed;
    }
    if (said.refused() || said.finishReason().equals("content_filter")) {
      return new Refused(said.usage());
    }
    return switch (said.finishReason()) {
      case "length" -> completed;
      case "stop", "unknown" -> said.text().isEmpty() ? NOTHING : completed;
      default -> new Malformed("the reply's finish_reason is neither stop nor length");
    };
  }

  /**
   * A whole reply as the one chunk of a stream, for a caller who asked for a stream.
   *
   * @param body a reply that was understood
   */
  static String asChunk(String body) {
    try {
      ObjectNode chunk = (ObjectNode) Json.STRICT.parse(body);
      chunk.put("object", "chat.completion.chunk");
      for (JsonNode choice : chunk.path("choices")) {
        ObjectNode fields = (ObjectNode) choice;
        fields.set("delta", fields.remove("message"));
        int index = 0;
        for (JsonNode call : fields.path("delta").path("tool_calls")) {
          ((ObjectNode) call).put("index", index++);
        }
      }
      return Json.STRICT.write(chunk);
    } catch (MalformedJsonException e) {
      throw new IllegalStateException("a reply that was understood", e);
    }
  }

  static Optional<Usage> usage(JsonNode usage) {
    JsonNode prompt = usage.path("prompt_tokens");
    JsonNode completion = usage.path("completion_tokens");
    JsonNode total = usage.path("total_tokens");
    boolean told = isCount(prompt) && isCount(completion) && isCount(total);
    return told
        ? Optional.of(new Usage(prompt.longValue(), completion.longValue(), total.longValue()))
        : Optional.empty();
  }

  private static boolean isCount(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0;
  }
}
