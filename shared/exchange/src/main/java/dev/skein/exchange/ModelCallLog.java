package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.Problem;
import dev.skein.base.Log;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmResult;
import java.util.HashSet;
import java.util.LinkedHashMap;

/** What the log says about the model calls of one request. */
final class ModelCallLog {
  private static final String REFUSED_METRIC = "ModelCredentialsRefused";

  private ModelCallLog() {}

  static void write(ExchangeResult result, Log log) {
    String requestId = result.intent().requestId();
    failures(result, requestId, log);
    refusedCredentials(result, requestId, log);
    var attempts = result.attempts();
    log.info(
        "model_calls",
        line -> {
          line.put("request_id", requestId);
          line.put("audit_id", result.intent().auditId());
          line.put("calls", result.results().size());
          line.put(
              "ok",
              result.results().stream().filter(it -> it.outcome() instanceof Completed).count());
          line.put("attempts", attempts.count());
          line.put("tried", attempts.text());
        });
  }

  /**
   * Equal failures share a line: a refused key fails a hundred calls of a batch in the same way.
   */
  private static void failures(ExchangeResult result, String requestId, Log log) {
    var counts = new LinkedHashMap<LlmOutcome, Integer>();
    for (LlmResult call : result.results()) {
      if (!(call.outcome() instanceof Completed)) {
        counts.merge(call.outcome(), 1, Integer::sum);
      }
    }
    counts.forEach(
        (outcome, count) ->
            OutcomeProblems.of(outcome)
                .ifPresent(problem -> failure(outcome, problem, count, requestId, log)));
  }

  private static void failure(
      LlmOutcome outcome, Problem problem, int count, String requestId, Log log) {
    log.warn(
        "model_call_failed",
        line -> {
          line.put("request_id", requestId);
          line.put("error", problem.name());
          line.put("count", count);
          details(outcome, line);
        });
  }

  private static void details(LlmOutcome outcome, ObjectNode line) {
    switch (outcome) {
      case Rejected rejected -> line.put("upstream_status", rejected.error().status());
      case Malformed malformed -> line.put("reason", malformed.reason());
      case Cut cut -> line.put("reason", cut.reason());
      case Completed _,
          LlmOutcome.Refused _,
          LlmOutcome.OutOfTokens _,
          LlmOutcome.RateLimited _,
          LlmOutcome.TimedOut _,
          LlmOutcome.Unavailable _,
          LlmOutcome.Abandoned _ -> {
        // The problem's name says it all.
      }
    }
  }

  /** An alarm even when another endpoint answered: nobody else would notice. */
  private static void refusedCredentials(ExchangeResult result, String requestId, Log log) {
    var models = new HashSet<String>();
    for (LlmResult call : result.results()) {
      for (var attempt : call.attempts()) {
        if (attempt.outcome() instanceof Rejected rejected
            && rejected.reason() == Reason.CREDENTIALS
            && models.add(attempt.model())) {
          refusedCredentials(attempt.model(), rejected, requestId, log);
        }
      }
    }
  }

  private static void refusedCredentials(
      String model, Rejected rejected, String requestId, Log log) {
    log.alarm(
        "model_credentials_refused",
        REFUSED_METRIC,
        line -> {
          line.put("request_id", requestId);
          line.put("model", model);
          line.put("upstream_status", rejected.error().status());
          rejected.error().word().ifPresent(code -> line.put("code", code));
        });
  }
}
