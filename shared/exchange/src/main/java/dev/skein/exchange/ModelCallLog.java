package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord.CostBounds;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;

/** What the log says about the model calls of one request. */
final class ModelCallLog {
  private static final String REFUSED_METRIC = "ModelCredentialsRefused";
  private static final String SKIPPED_METRIC = "ModelCallsSkipped";

  /** Failures of more kinds than this are only counted, in one last line. */
  private static final int MAX_LINES = 20;

  private static final String COUNT = "count";
  private static final String OMITTED = "omitted";

  private ModelCallLog() {}

  /**
   * Writes the lines.
   *
   * @param log the request's
   */
  static void write(ExchangeResult result, Log log) {
    // Loops instead of streams: most requests have nothing but the last line, and each lambda would
    // be one more class of the cold start.
    for (ObjectNode fields : counted(failedAttempts(result))) {
      log.warn("model_attempt_failed", line(fields));
    }
    for (ObjectNode fields : counted(skips(result))) {
      int count = fields.path(fields.has(OMITTED) ? OMITTED : COUNT).intValue();
      log.warn("model_call_skipped", SKIPPED_METRIC, count, line(fields));
    }
    for (ObjectNode fields : counted(failedCalls(result))) {
      log.warn("model_call_failed", line(fields));
    }
    for (Attempt attempt : attempts(result)) {
      if (!attempt.learned().isEmpty()) {
        log.info("model_profile_learned", line(learned(attempt)));
      }
    }
    refusedCredentials(result, log);
    log.info("model_calls", line(summary(result)));
  }

  private static List<Attempt> attempts(ExchangeResult result) {
    var attempts = new ArrayList<Attempt>();
    for (LlmResult call : result.results()) {
      attempts.addAll(call.attempts());
    }
    return attempts;
  }

  private static List<ObjectNode> failedAttempts(ExchangeResult result) {
    var failures = new ArrayList<ObjectNode>();
    for (Attempt attempt : attempts(result)) {
      if (!(attempt.outcome() instanceof Completed)) {
        var fields = Json.object().put("model", attempt.model());
        failures.add(fields.setAll(failure(attempt.outcome())));
      }
    }
    return failures;
  }

  private static List<ObjectNode> skips(ExchangeResult result) {
    var skips = new ArrayList<ObjectNode>();
    for (LlmResult call : result.results()) {
      for (String model : call.skipped()) {
        skips.add(Json.object().put("model", model).put("reason", "circuit_open"));
      }
    }
    return skips;
  }

  private static List<ObjectNode> failedCalls(ExchangeResult result) {
    var failures = new ArrayList<ObjectNode>();
    for (LlmResult call : result.results()) {
      if (!(call.outcome() instanceof Completed)) {
        failures.add(failure(call.outcome()));
      }
    }
    return failures;
  }

  private static ObjectNode summary(ExchangeResult result) {
    var attempts = result.attempts();
    var fields =
        Json.object()
            .put("audit_id", result.intent().auditId())
            .put("calls", result.results().size())
            .put("ok", result.answers().size())
            .put("attempts", attempts.count())
            .put("tried", attempts.text());
    var usage = result.usage();
    if (usage.isPresent()) {
      fields.put("prompt_tokens", usage.get().promptTokens());
      fields.put("completion_tokens", usage.get().completionTokens());
    }
    var cost = result.cost().forRecord();
    if (cost.usd().isPresent()) {
      fields.put("cost_usd", cost.usd().get());
    }
    if (cost.discarded().isPresent()) {
      CostBounds bounds = cost.discarded().get();
      fields.putObject("discarded_cost_usd").put("low", bounds.low()).put("high", bounds.high());
    }
    return fields;
  }

  private static ObjectNode failure(LlmOutcome outcome) {
    String error = OutcomeProblems.of(outcome).orElseThrow().name();
    var fields = Json.object().put("error", error);
    OutcomeFields.put(outcome, fields);
    return fields;
  }

  private static ObjectNode learned(Attempt attempt) {
    var fields = Json.object().put("model", attempt.model());
    attempt.learned().forEach((setting, value) -> fields.put(setting.jsonName(), value));
    return fields;
  }

  /**
   * Equal failures share a line: a refused key fails a hundred calls of a batch in the same way.
   */
  private static List<ObjectNode> counted(List<ObjectNode> failures) {
    var counts = new LinkedHashMap<ObjectNode, Integer>();
    for (ObjectNode fields : failures) {
      counts.merge(fields, 1, Integer::sum);
    }
    var lines = new ArrayList<ObjectNode>();
    int omitted = 0;
    for (var entry : counts.entrySet()) {
      if (lines.size() < MAX_LINES) {
        lines.add(entry.getKey().deepCopy().put(COUNT, entry.getValue()));
      } else {
        omitted += entry.getValue();
      }
    }
    if (omitted > 0) {
      lines.add(Json.object().put(OMITTED, omitted));
    }
    return lines;
  }

  private static Consumer<ObjectNode> line(ObjectNode fields) {
    return line -> line.setAll(fields);
  }

  /**
   * An alarm even when another endpoint answered: nobody else would notice. None for a key that was
   * rotated, and replaced.
   */
  private static void refusedCredentials(ExchangeResult result, Log log) {
    var models = new HashSet<String>();
    for (Attempt attempt : attempts(result)) {
      if (attempt.outcome() instanceof Rejected rejected
          && rejected.reason() == Reason.CREDENTIALS
          && !attempt.keyReplaced()
          && models.add(attempt.model())) {
        refusedCredentials(attempt.model(), rejected, log);
      }
    }
  }

  private static void refusedCredentials(String model, Rejected rejected, Log log) {
    log.alarm(
        "model_credentials_refused",
        REFUSED_METRIC,
        line -> {
          line.put("model", model);
          OutcomeFields.put(rejected, line);
        });
  }
}
