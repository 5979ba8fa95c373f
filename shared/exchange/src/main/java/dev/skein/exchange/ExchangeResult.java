package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditText;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How one exchange ended, which becomes the audit record and the response to the caller.
 *
 * @param cost what the calls cost
 * @param text the reply's text; empty if it is that of the answers
 * @param speed of a reply that was released before its end; empty when the reply leaves whole
 */
record ExchangeResult(
    AuditRecord intent,
    List<LlmResult> results,
    RequestCost cost,
    Rendered rendered,
    Duration latency,
    Optional<AuditText> text,
    Optional<AuditRecord.StreamSpeed> speed) {
  private static final String STOP = "stop";

  AuditRecord record(AuditConfig config, ErrorFormat errors) {
    var answers = answers();
    var attempts = attempts();
    return intent.completed(
        new AuditRecord.Result(
            model(answers),
            text.orElseGet(() -> config.text(text(answers))),
            finishReason(),
            usage().map(ExchangeResult::tokens),
            cost.forRecord(),
            new AuditRecord.Calls(results.size(), answers.size(), results.size() - answers.size()),
            attempts.count(),
            attempts.tried(),
            providerRequestIds(),
            toolCalls(),
            latency,
            speed.isEmpty() && rendered instanceof Rendered.Failure(Problem problem)
                ? errors.status(problem)
                : 200,
            error(),
            isAnyTruncated(answers),
            speed,
            OptionalInt.empty()));
  }

  private String model(List<Completed> answers) {
    for (Completed answer : answers) {
      if (!answer.model().isEmpty()) {
        return answer.model();
      }
    }
    return intent.model();
  }

  private static String text(List<Completed> answers) {
    var texts = new StringJoiner("\n");
    for (Completed answer : answers) {
      texts.add(answer.text());
    }
    return texts.toString();
  }

  private static boolean isAnyTruncated(List<Completed> answers) {
    for (Completed answer : answers) {
      if (answer.truncated()) {
        return true;
      }
    }
    return false;
  }

  private static AuditRecord.Tokens tokens(Usage usage) {
    return new AuditRecord.Tokens(
        usage.promptTokens(),
        usage.completionTokens(),
        usage.totalTokens(),
        usage.cachedTokens(),
        usage.cacheWriteTokens(),
        usage.reasoningTokens(),
        usage.serviceTier());
  }

  /** Of several calls, what is unusual says most. */
  private Optional<String> finishReason() {
    Optional<String> reason = Optional.empty();
    for (LlmResult result : results) {
      var other = result.details().finishReason();
      if (other.isPresent() && (reason.isEmpty() || reason.get().equals(STOP))) {
        reason = other;
      }
    }
    return reason;
  }

  private List<String> providerRequestIds() {
    var ids = new ArrayList<String>();
    for (LlmResult result : results) {
      result.details().requestId().ifPresent(ids::add);
    }
    return ids;
  }

  private List<String> toolCalls() {
    var names = new ArrayList<String>();
    for (LlmResult result : results) {
      names.addAll(result.details().toolCalls());
    }
    return names;
  }

  /** The attempts of all calls. */
  Attempts attempts() {
    return Attempts.of(results);
  }

  private Optional<String> error() {
    if (rendered instanceof Rendered.Failure(Problem problem)) {
      return Optional.of(problem.name());
    }
    for (LlmResult result : results) {
      var problem = OutcomeProblems.of(result.outcome());
      if (problem.isPresent()) {
        return Optional.of(problem.get().name());
      }
    }
    return Optional.empty();
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

  /** The calls that have an answer. */
  List<Completed> answers() {
    var answers = new ArrayList<Completed>();
    for (LlmResult result : results) {
      if (result.outcome() instanceof Completed answer) {
        answers.add(answer);
      }
    }
    return answers;
  }

  /** The sum over the calls that were billed; unknown when any of them is. */
  Optional<Usage> usage() {
    return results.stream()
        .flatMap(it -> billed(it.outcome()))
        .reduce(Usage::sum)
        .orElse(Optional.empty());
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

  /** As a reply holds it: null, or with nulls, where it is unknown. */
  static @Nullable ObjectNode toJson(Optional<Usage> usage) {
    return usage
        .map(
            it ->
                Json.object()
                    .put("prompt_tokens", it.promptTokens())
                    .put("completion_tokens", it.completionTokens())
                    .put("total_tokens", it.totalTokens())
                    .put("cached_tokens", orNull(it.cachedTokens()))
                    .put("cache_write_tokens", orNull(it.cacheWriteTokens()))
                    .put("reasoning_tokens", orNull(it.reasoningTokens()))
                    .put("service_tier", it.serviceTier().orElse(null)))
        .orElse(null);
  }

  private static @Nullable Long orNull(OptionalLong count) {
    return count.isPresent() ? (Long) count.getAsLong() : null;
  }
}
