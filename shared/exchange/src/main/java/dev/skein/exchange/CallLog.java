package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Log;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmResult;
import java.util.HashSet;

/** What the log tells of one request's model calls. */
record CallLog(Log log) {
  private static final String REFUSED_METRIC = "ModelCredentialsRefused";

  void tell(Ending ending) {
    String requestId = ending.intent().requestId();
    ending.results().forEach(result -> failure(result.outcome(), requestId));
    refusedCredentials(ending, requestId);
    var attempts = ending.attempts();
    log.info(
        "model_calls",
        line -> {
          line.put("request_id", requestId);
          line.put("audit_id", ending.intent().auditId());
          line.put("calls", ending.results().size());
          line.put(
              "ok",
              ending.results().stream().filter(it -> it.outcome() instanceof Completed).count());
          line.put("attempts", attempts.count());
          line.put("tried", attempts.text());
        });
  }

  private void failure(LlmOutcome outcome, String requestId) {
    OutcomeProblems.of(outcome)
        .ifPresent(
            problem ->
                log.warn(
                    "model_call_failed",
                    line -> {
                      line.put("request_id", requestId);
                      line.put("error", problem.name());
                      details(outcome, line);
                    }));
  }

  private static void details(LlmOutcome outcome, ObjectNode line) {
    switch (outcome) {
      case Rejected rejected -> line.put("upstream_status", rejected.status());
      case Malformed malformed -> line.put("reason", malformed.what());
      case Cut cut -> line.put("reason", cut.what());
      case Completed _,
          LlmOutcome.Refused _,
          LlmOutcome.RateLimited _,
          LlmOutcome.TimedOut _,
          LlmOutcome.Unavailable _,
          LlmOutcome.Overloaded _,
          LlmOutcome.Abandoned _ -> {
        // The problem's name says it all.
      }
    }
  }

  /** The caller may have its answer from another endpoint, and nobody else would notice. */
  private void refusedCredentials(Ending ending, String requestId) {
    var told = new HashSet<String>();
    for (LlmResult result : ending.results()) {
      for (var attempt : result.tried()) {
        if (attempt.outcome() instanceof Rejected rejected
            && rejected.reason() == Reason.CREDENTIALS
            && told.add(attempt.model())) {
          refusedCredentials(attempt.model(), rejected, requestId);
        }
      }
    }
  }

  private void refusedCredentials(String model, Rejected rejected, String requestId) {
    log.alarm(
        "model_credentials_refused",
        REFUSED_METRIC,
        line -> {
          line.put("request_id", requestId);
          line.put("model", model);
          line.put("upstream_status", rejected.status());
          rejected.code().ifPresent(code -> line.put("code", code));
        });
  }
}
