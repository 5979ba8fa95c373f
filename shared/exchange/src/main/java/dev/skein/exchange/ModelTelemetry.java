package dev.skein.exchange;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Log;
import dev.skein.base.Settings;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.pricing.NanoUsd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What CloudWatch and X-Ray learn of the model calls, by the names of OpenTelemetry's semantic
 * conventions: metrics as log lines, and subsegments of traces that are sampled. Each request that
 * was sent to a provider is an operation of its own: a retry is one more, and so is a failover.
 * Thread-safe.
 */
public final class ModelTelemetry {
  /** Reports nothing. */
  public static final ModelTelemetry OFF =
      new ModelTelemetry(SemanticConventions.V1_36, Optional.empty(), Optional.empty());

  private static final int ID_LENGTH = 16;

  private enum Switch {
    ON,
    OFF
  }

  private final SemanticConventions conventions;
  private final Optional<GenAiMetrics> metrics;
  private final Optional<XRayDaemon> daemon;

  private ModelTelemetry(
      SemanticConventions conventions,
      Optional<GenAiMetrics> metrics,
      Optional<XRayDaemon> daemon) {
    this.conventions = conventions;
    this.metrics = metrics;
    this.daemon = daemon;
  }

  /**
   * Reads {@code GEN_AI_METRICS} ({@code on}, the default, or {@code off}), {@code
   * OTEL_SEMCONV_STABILITY_OPT_IN} and Lambda's own {@code AWS_XRAY_DAEMON_ADDRESS}.
   *
   * @throws InvalidSettingException if {@code GEN_AI_METRICS} is invalid
   */
  public static ModelTelemetry from(Settings settings) {
    var conventions = SemanticConventions.from(settings);
    return new ModelTelemetry(
        conventions,
        settings.choice("GEN_AI_METRICS", Switch.ON) == Switch.ON
            ? Optional.of(new GenAiMetrics(conventions))
            : Optional.empty(),
        XRayDaemon.from(settings));
  }

  /**
   * Reports the calls of one request. Never fails because of what it reports to, and never waits
   * for it.
   *
   * @param tracingHeader of the invocation; nothing is sent to X-Ray unless it says that the trace
   *     is sampled
   * @param cost of an attempt that has an answer
   * @param newId makes random IDs of at least 16 hexadecimal digits
   * @param log the request's
   */
  void report(
      List<LlmResult> results,
      Optional<String> tracingHeader,
      Function<Attempt, Optional<NanoUsd>> cost,
      Supplier<String> newId,
      Log log) {
    var trace =
        daemon.isPresent()
            ? tracingHeader.flatMap(TracingHeader::sampled)
            : Optional.<TracingHeader>empty();
    if (metrics.isEmpty() && trace.isEmpty()) {
      return;
    }
    List<GenAiCall> calls = calls(results, cost);
    if (metrics.isPresent()) {
      metrics.get().write(calls, log);
    }
    if (trace.isPresent()) {
      for (GenAiCall call : calls) {
        String id = newId.get().substring(0, ID_LENGTH);
        daemon.get().send(XRaySubsegment.of(call, trace.get(), id, conventions));
      }
    }
  }

  private List<GenAiCall> calls(
      List<LlmResult> results, Function<Attempt, Optional<NanoUsd>> cost) {
    var calls = new ArrayList<GenAiCall>();
    for (LlmResult result : results) {
      List<Attempt> attempts = result.attempts();
      for (int i = 0; i < attempts.size(); i++) {
        Attempt attempt = attempts.get(i);
        boolean isAnswer = i == attempts.size() - 1 && result.answer().isPresent();
        if (attempt.operation().isPresent()) {
          calls.add(
              GenAiCall.of(
                  attempt,
                  attempt.operation().get(),
                  conventions,
                  isAnswer ? cost.apply(attempt) : Optional.empty()));
        }
      }
    }
    return calls;
  }
}
