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
}
