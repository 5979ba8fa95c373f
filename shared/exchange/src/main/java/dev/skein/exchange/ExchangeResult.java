package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmOutcome.Malformed;
import dev.skein.llm.LlmOutcome.OutOfTokens;
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
 * How one exchange ended, which becomes the audit record and the response to the caller.
 *
 * @param streamed what was released before the end; empty when the reply leaves whole
 */
record ExchangeResult(
    AuditRecord intent,
    List<LlmResult> results,
    Rendered rendered,
    Duration latency,
    Optional<Streamed> streamed) {

  /**
   * A reply that left as the model wrote it.
   *
   * @param preview the beginning of its text, as much as a record keeps
   */
  record Streamed(String preview, AuditRecord.StreamSpeed speed) {}

  AuditRecord record(AuditConfig config, ErrorFormat errors) {
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
            streamed
                .map(Streamed::preview)
                .orElseGet(() -> config.preview(String.join("\n", texts))),
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
                ? errors.status(problem)
                : 200,
            error(),
            answers.stream().anyMatch(Completed::truncated),
            streamed.map(Streamed::speed)));
  }

  /** The attempts of all calls. */
  Attempts attempts() {
    return Attempts.of(results);
  }

  private Optional<String> error() {
    return switch (rendered) {
      case Rendered.Failure(Problem problem) -> Optional.of(problem.name());
      case Rendered.Document _, Rendered.Verbatim _, Rendered.Events _ ->
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
      case Rendered.Verbatim(String json) -> ApiResponse.ok(json);
      case Rendered.Events(String text) -> new ApiResponse(200, Rendered.STREAM_HEADERS, text);
      case Rendered.Document(ObjectNode body) -> {
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

  /** The sum over the calls that were billed; unknown when any of them is. */
  Optional<Usage> usage() {
    return outcomes().flatMap(ExchangeResult::billed).reduce(Usage::sum).orElse(Optional.empty());
  }

  private static Stream<Optional<Usage>> billed(LlmOutcome outcome) {
    return switch (outcome) {
      case Completed completed -> Stream.of(completed.usage());
      case Refused refused -> Stream.of(refused.usage());
      case OutOfTokens used -> Stream.of(used.usage());
      case Cut _,
          RateLimited _,
          TimedOut _,
          Rejected _,
          Unavailable _,
          Malformed _,
          LlmOutcome.Abandoned _ ->
          Stream.empty();
    };
  }

  /** As a reply holds it: null when it is unknown. */
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
