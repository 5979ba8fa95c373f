package dev.skein.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.Unavailable;
import java.time.Instant;

/** Interprets replies whose status is not a success. */
final class ErrorReply {
  private ErrorReply() {}

  /** The outcome of the call if nothing follows this attempt. */
  static LlmOutcome outcome(AttemptResult.Answered answer, Instant now) {
    if (answer.status() < 400) {
      // Following a redirect would hand the prompt and the key to another origin.
      return new Malformed("status " + answer.status());
    }
    ErrorBody body = ErrorBody.read(answer.body());
    ProviderError error = body.error(answer.status());
    var retryAfter = RetryAfter.read(answer, now);
    return switch (Blame.of(answer.status(), body)) {
      case CREDENTIALS -> new Rejected(Reason.CREDENTIALS, error);
      case ENDPOINT -> new Rejected(Reason.ENDPOINT, error);
      case REQUEST ->
          new Rejected(
              Reason.REQUEST, error, RequestFault.parameter(body), RequestFault.tokenLimit(body));
      case RATE_LIMIT -> new RateLimited(error, retryAfter);
      case PROVIDER -> new Unavailable(error, retryAfter);
    };
  }

  /** Who is to blame for a reply whose status is 400 or more. */
  static Blame blame(AttemptResult.Answered answer) {
    return Blame.of(answer.status(), ErrorBody.read(answer.body()));
  }

  /**
   * Whether this is a 5xx whose body says that the request is at fault. It says nothing about the
   * endpoint's health, and is worth one retry at most.
   */
  static boolean blamesRequest(AttemptResult.Answered answer) {
    return answer.status() >= 500 && Blame.blamesRequest(ErrorBody.read(answer.body()));
  }

  /** The word of an error object, as a clause to end a sentence with. */
  static String codeClause(JsonNode reply) {
    ProviderError error = ErrorBody.read(reply).error(200);
    return error.word().map(word -> ", code " + word).orElse("");
  }
}
