package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Interprets replies whose status is not a success: whose fault it is, and what its code says. */
final class ErrorReply {
  /** A code is a machine-readable word; anything else may be prose, and is not passed on. */
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** With a 429 these mean that waiting will not help. */
  private static final Set<String> QUOTA_CODES =
      Set.of("insufficient_quota", "billing_not_active", "billing_hard_limit_reached");

  private ErrorReply() {}

  /** The outcome of the call if nothing follows this attempt. */
  static LlmOutcome outcome(AttemptResult.Answered answer, Instant now) {
    int status = answer.status();
    var retryAfter = RetryAfter.read(answer.headers(), now);
    var error = error(status, answer.body());
    if (status == 401 || status == 403 || (status == 429 && isQuota(error.word()))) {
      return new Rejected(Reason.CREDENTIALS, error);
    }
    if (status == 429) {
      return new RateLimited(error, retryAfter);
    }
    if (status >= 500 || status == 408 || status == 409) {
      return new Unavailable(error, retryAfter);
    }
    if (status == 404 || status == 405) {
      return new Rejected(Reason.ENDPOINT, error);
    }
    if (status >= 400) {
      return new Rejected(Reason.REQUEST, error);
    }
    // Following a redirect would hand the prompt and the key to another origin.
    return new Malformed("status " + status);
  }

  static boolean isQuota(AttemptResult.Answered answer) {
    return isQuota(error(answer.status(), answer.body()).word());
  }

  private static boolean isQuota(Optional<String> code) {
    return code.filter(QUOTA_CODES::contains).isPresent();
  }

  private static ProviderError error(int status, ByteBuffer body) {
    try {
      return error(status, Json.STRICT.parse(body));
    } catch (MalformedJsonException e) {
      return new ProviderError(status);
    }
  }

  private static ProviderError error(int status, JsonNode reply) {
    JsonNode error = reply.path("error");
    return new ProviderError(status, word(error.path("type")), word(error.path("code")));
  }

  private static Optional<String> word(JsonNode value) {
    return Optional.of(value.asText("")).filter(text -> CODE.matcher(text).matches());
  }

  /** The code of an error object, as a clause to end a sentence with. */
  static String codeClause(JsonNode reply) {
    return error(200, reply).word().map(code -> ", code " + code).orElse("");
  }
}
