package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import dev.skein.exchange.ModelJob.Rendered;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.Overloaded;
import dev.skein.llm.LlmOutcome.RateLimited;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmResult;
import dev.skein.llm.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The end of one exchange in its two forms: for the trail, and for the caller.
 *
 * @param streamed what of the reply had left before its end; empty where it leaves whole
 */
record Ending(
    AuditRecord intent,
    List<LlmResult> results,
    Rendered rendered,
    Duration latency,
    Optional<Streamed> streamed) {

  /**
   * A reply that left as it came.
   *
   * @param seen the beginning of its text, as much as a record keeps
   */
  record Streamed(String seen, AuditRecord.Streamed speed) {}

  AuditRecord record(AuditConfig config) {
    var answers = answers();
    var attempts = attempts();
    var texts = answers.stream().map(Completed::text).toList();
    return intent.completed(
        new AuditRecord.Result(
            answers.stream()
                .map(Completed::model)
                .filter(model -> !model.isEmpty())
                .findFirst()
                .orElse(intent.model()),
            streamed.map(Streamed::seen).orElseGet(() -> config.preview(String.join("\n", texts))),
            usage()
                .map(
                    it ->
                        new AuditRecord.Tokens(
                            it.promptTokens(), it.completionTokens(), it.totalTokens())),
            new AuditRecord.Calls(results.size(), answers.size(), results.size() - answers.size()),
            attempts.count(),
            attempts.tried(),
            latency,
            streamed.isEmpty() && rendered instanceof Rendered.Failure(Problem problem)
                ? problem.status()
                : 200,
            error(),
            answers.stream().anyMatch(Completed::truncated),
            streamed.map(Streamed::speed)));
  }

  /** The same end of a reply that leaves whole after all, or not at all. */
  Ending heldBack() {
    return new Ending(intent, results, rendered, latency, Optional.empty());
  }

  /** What was tried for all of the calls. */
  Attempts attempts() {
    return Attempts.of(results);
  }

  private Optional<String> error() {
    return switch (rendered) {
      case Rendered.Failure(Problem problem) -> Optional.of(problem.name());
      case Rendered.Reply _, Rendered.Passed _ ->
          outcomes()
              .flatMap(outcome -> OutcomeProblems.of(outcome).stream())
              .map(Problem::name)
              .findFirst();
    };
  }

  ApiResponse response(ErrorFormat errors) {
    return switch (rendered) {
      case Rendered.Failure(Problem problem) ->
          errors.response(problem, intent.requestId(), Optional.of(intent.auditId()));
      case Rendered.Passed(String json) -> ApiResponse.ok(json);
      case Rendered.Reply(ObjectNode body) -> {
        body.set("usage", toJson(usage()));
        body.put("request_id", intent.requestId());
        body.put("audit_id", intent.auditId());
        yield ApiResponse.ok(body);
      }
    };
  }

  private List<Completed> answers() {
    return outcomes().filter(Completed.class::isInstance).map(Completed.class::cast).toList();
  }

  private Stream<LlmOutcome> outcomes() {
    return results.stream().map(LlmResult::outcome);
  }

  /** The sum over what the model answered; a call without an answer told no cost. */
  private Optional<Usage> usage() {
    return outcomes().flatMap(Ending::billed).reduce(Usage::sum).orElse(Optional.empty());
  }

  private static Stream<Optional<Usage>> billed(LlmOutcome outcome) {
    return switch (outcome) {
      case Completed completed -> Stream.of(completed.usage());
      case Refused refused -> Stream.of(refused.usage());
      case Cut _,
          RateLimited _,
          TimedOut _,
          Rejected _,
          Unavailable _,
          Overloaded _,
          Malformed _,
          LlmOutcome.Abandoned _ ->
          Stream.empty();
    };
  }

  /** As it stands in a reply: null when it is unknown. */
  static @Nullable ObjectNode toJson(Optional<Usage> usage) {
    return usage
        .map(
            it ->
                Json.object()
                    .put("prompt_tokens", it.promptTokens())
                    .put("completion_tokens", it.completionTokens())
                    .put("total_tokens", it.totalTokens()))
        .orElse(null);
  }
}
