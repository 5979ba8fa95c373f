package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What the log says about the model calls of one request. */
final class ModelCallLog {
  private static final String REFUSED_METRIC = "ModelCredentialsRefused";

  /** Failures of more kinds than this are only counted, in one last line. */
  private static final int MAX_LINES = 20;

  private ModelCallLog() {}

  static void write(ExchangeResult result, Log log) {
    String requestId = result.intent().requestId();
    var calls = result.results();
    counted(calls.stream().flatMap(call -> call.attempts().stream()).flatMap(ModelCallLog::failed))
        .forEach(fields -> log.warn("model_attempt_failed", line(requestId, fields)));
    counted(calls.stream().flatMap(call -> call.skipped().stream()).map(ModelCallLog::skipped))
        .forEach(fields -> log.warn("model_call_skipped", line(requestId, fields)));
    counted(calls.stream().map(LlmResult::outcome).flatMap(ModelCallLog::failed))
        .forEach(fields -> log.warn("model_call_failed", line(requestId, fields)));
    calls.stream()
        .flatMap(call -> call.attempts().stream())
        .filter(attempt -> !attempt.learned().isEmpty())
        .forEach(attempt -> log.info("model_profile_learned", line(requestId, learned(attempt))));
    refusedCredentials(result, requestId, log);
    var attempts = result.attempts();
    log.info(
        "model_calls",
        line -> {
          line.put("request_id", requestId);
          line.put("audit_id", result.intent().auditId());
          line.put("calls", calls.size());
          line.put("ok", calls.stream().filter(it -> it.outcome() instanceof Completed).count());
          line.put("attempts", attempts.count());
          line.put("tried", attempts.text());
          result
              .usage()
              .ifPresent(
                  usage -> {
                    line.put("prompt_tokens", usage.promptTokens());
                    line.put("completion_tokens", usage.completionTokens());
                  });
        });
  }

  private static Stream<ObjectNode> failed(Attempt attempt) {
    return failed(attempt.outcome())
        .map(fields -> Json.object().put("model", attempt.model()).<ObjectNode>setAll(fields));
  }

  private static Stream<ObjectNode> failed(LlmOutcome outcome) {
    return OutcomeProblems.of(outcome).stream()
        .map(
            problem -> {
              var fields = Json.object().put("error", problem.name());
              OutcomeFields.put(outcome, fields);
              return fields;
            });
  }

  private static ObjectNode learned(Attempt attempt) {
    var fields = Json.object().put("model", attempt.model());
    attempt.learned().forEach((setting, value) -> fields.put(setting.jsonName(), value));
    return fields;
  }

  private static ObjectNode skipped(String model) {
    return Json.object().put("model", model).put("reason", "circuit_open");
  }

  /**
   * Equal failures share a line: a refused key fails a hundred calls of a batch in the same way.
   */
  private static Stream<ObjectNode> counted(Stream<ObjectNode> failures) {
    var counts = new LinkedHashMap<ObjectNode, Integer>();
    failures.forEach(fields -> counts.merge(fields, 1, Integer::sum));
    int omitted = counts.values().stream().skip(MAX_LINES).mapToInt(Integer::intValue).sum();
    return Stream.concat(
        counts.entrySet().stream().limit(MAX_LINES).map(ModelCallLog::counted),
        omitted == 0 ? Stream.empty() : Stream.of(Json.object().put("omitted", omitted)));
  }

  private static ObjectNode counted(Map.Entry<ObjectNode, Integer> entry) {
    return entry.getKey().deepCopy().put("count", entry.getValue());
  }

  private static Consumer<ObjectNode> line(String requestId, ObjectNode fields) {
    return line -> line.put("request_id", requestId).setAll(fields);
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
          OutcomeFields.put(rejected, line);
        });
  }
}
