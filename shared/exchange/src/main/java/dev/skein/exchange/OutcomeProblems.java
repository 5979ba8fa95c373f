package dev.skein.exchange;

import dev.skein.api.Problem;
import dev.skein.api.Problem.Upstream;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.OutOfTokens;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one mapping from a model call's outcome to what the caller gets. The problem's name is also
 * the error class in the audit record.
 */
public final class OutcomeProblems {
  private OutcomeProblems() {}

  /** The problem for an outcome; empty for an answer. */
  public static Optional<Problem> of(LlmOutcome outcome) {
    return switch (outcome) {
      case Completed _ -> Optional.empty();
      case Refused _ ->
          problem("model-refused", "Refused by the model", 422, "The model declined to answer.");
      case OutOfTokens _ ->
          problem(
              "model-out-of-tokens",
              "Out of tokens",
              422,
              "The model used its tokens for thinking, and none were left for the answer. Request"
                  + " more tokens.");
      case Cut _ ->
          problem(
              "model-cut",
              "Reply cut off",
              502,
              "The model's reply broke off before it was complete.");
      case RateLimited limited ->
          withRetryAfter(
              "model-rate-limited",
              "Model rate limit",
              429,
              OutcomeDetails.rateLimited(limited.error()),
              limited.retryAfter());
      case TimedOut(Limit limit) ->
          problem("model-timed-out", "Model timed out", 504, OutcomeDetails.timedOut(limit));
      case Rejected rejected -> rejected(rejected);
      case Unavailable unavailable ->
          withRetryAfter(
              "model-unavailable",
              "Model unavailable",
              503,
              OutcomeDetails.unavailable(unavailable.failure()),
              unavailable.retryAfter());
      case Abandoned _ ->
          problem(
              "caller-disconnected",
              "Caller disconnected",
              499,
              "The caller disconnected before the reply was complete.");
      case Malformed malformed ->
          problem("model-malformed", "Unusable reply", 502, OutcomeDetails.malformed(malformed));
    };
  }

  private static Optional<Problem> rejected(Rejected rejected) {
    String detail = OutcomeDetails.rejected(rejected);
    var upstream = new Upstream(OutcomeDetails.code(rejected), rejected.parameter());
    return rejected.reason() == Reason.REQUEST
        ? problem("model-rejected", "Rejected by the model's API", 422, detail, Map.of(), upstream)
        : problem("model-misconfigured", "Model misconfigured", 502, detail, Map.of(), upstream);
  }

  private static Optional<Problem> problem(String name, String title, int status, String detail) {
    return problem(name, title, status, detail, Map.of(), Upstream.NONE);
  }

  private static Optional<Problem> problem(
      String name,
      String title,
      int status,
      String detail,
      Map<String, String> headers,
      Upstream upstream) {
    var all = new HashMap<>(headers);
    // Skein has made the retries that were worth it.
    all.putAll(Problem.NO_RETRY);
    return Optional.of(new Problem(name, title, status, detail, List.of(), all, upstream));
  }

  private static Optional<Problem> withRetryAfter(
      String name, String title, int status, String detail, Optional<Duration> wait) {
    // Whole seconds, rounded up: a caller that came back sooner would be refused again.
    Map<String, String> headers =
        wait.map(it -> Map.of("Retry-After", Long.toString(it.plusMillis(999).toSeconds())))
            .orElse(Map.of());
    return problem(name, title, status, detail, headers, Upstream.NONE);
  }
}
