package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The chat completions format: our request as its JSON, and its answer as our outcome.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat">OpenAI API reference, Chat</a>
 */
final class OpenAiFormat {
  /** A code is a word for machines; anything else may be prose, and stays here. */
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** Behind a 429 these mean that no wait will help. */
  private static final Set<String> QUOTA_CODES =
      Set.of("insufficient_quota", "billing_not_active", "billing_hard_limit_reached");

  private OpenAiFormat() {}

  static String request(LlmRequest request) {
    var body = Json.object();
    body.put("model", request.model());
    var messages = body.putArray("messages");
    for (var message : request.messages()) {
      messages.addObject().put("role", message.role().wireName()).put("content", message.content());
    }
    body.put("temperature", request.temperature());
    body.put("max_tokens", request.maxTokens());
    return Json.STRICT.write(body);
  }

  /** The outcome of the call if no further attempt follows this one. */
  static LlmOutcome outcome(Attempt attempt, int attempts, Instant now) {
    return switch (attempt) {
      case Attempt.Answered answer -> outcome(answer, attempts, now);
      case Attempt.BrokenOff() -> new Cut(attempts);
      case Attempt.TooLarge() -> new Malformed("the reply is larger than 1 MiB", attempts);
      case Attempt.Unreached(boolean _) -> new Unavailable(Optional.empty(), attempts);
    };
  }

  private static LlmOutcome outcome(Attempt.Answered answer, int attempts, Instant now) {
    int status = answer.status();
    var retryAfter = RetryAfter.read(answer.headers(), now);
    Optional<String> code = errorCode(answer.body());
    if (status == 200) {
      return completion(answer.headers(), answer.body(), attempts);
    }
    if (status == 401 || status == 403 || (status == 429 && isQuota(code))) {
      return new Rejected(Reason.CREDENTIALS, status, code, attempts);
    }
    if (status == 429) {
      return new RateLimited(retryAfter, attempts);
    }
    if (status >= 500 || status == 408 || status == 409) {
      return new Unavailable(retryAfter, attempts);
    }
    if (status == 404 || status == 405) {
      return new Rejected(Reason.ENDPOINT, status, code, attempts);
    }
    if (status >= 400) {
      return new Rejected(Reason.REQUEST, status, code, attempts);
    }
    // Following a redirect would hand the prompt and the key to another origin.
    return new Malformed("status " + status, attempts);
  }

  static boolean isQuota(Attempt.Answered answer) {
    return isQuota(errorCode(answer.body()));
  }

  private static boolean isQuota(Optional<String> code) {
    return code.filter(QUOTA_CODES::contains).isPresent();
  }

  private static Optional<String> errorCode(ByteBuffer body) {
    try {
      JsonNode error = Json.STRICT.parse(body).path("error");
      String code = error.path("code").asText(error.path("type").asText(""));
      return Optional.of(code).filter(word -> CODE.matcher(word).matches());
    } catch (MalformedJsonException e) {
      return Optional.empty();
    }
  }

  private static LlmOutcome completion(HttpHeaders headers, ByteBuffer body, int attempts) {
    if (headers.firstValue("content-encoding").filter(it -> !it.equals("identity")).isPresent()) {
      return new Malformed("the reply is compressed, which was not asked for", attempts);
    }
    try {
      return completion(Json.STRICT.parse(body), attempts);
    } catch (MalformedJsonException e) {
      return new Malformed("the reply " + e.getMessage(), attempts);
    }
  }

  private static LlmOutcome completion(JsonNode reply, int attempts) {
    if (reply.hasNonNull("error")) {
      return new Malformed("an error object behind status 200", attempts);
    }
    JsonNode choice = reply.path("choices").path(0);
    JsonNode message = choice.path("message");
    String finishReason = choice.path("finish_reason").asText("");
    String text = message.path("content").asText("");
    Optional<Usage> usage = usage(reply.path("usage"));
    if (!message.isObject()) {
      return new Malformed("the reply has no message", attempts);
    }
    if (finishReason.equals("content_filter") || message.hasNonNull("refusal")) {
      return new Refused(usage, attempts);
    }
    boolean mayBeEmpty = finishReason.equals("length");
    if (text.isEmpty() && !mayBeEmpty) {
      return new Malformed("the reply has no content", attempts);
    }
    if (!mayBeEmpty && !finishReason.equals("stop")) {
      // Without a reason nobody can tell a whole text from a part of one.
      return new Malformed("the reply's finish_reason is neither stop nor length", attempts);
    }
    return new Completed(text, finishReason, reply.path("model").asText(""), usage, attempts);
  }

  private static Optional<Usage> usage(JsonNode usage) {
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
