package dev.skein.exchange;

import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.Problem;
import dev.skein.audit.AuditConfig.Mode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditTrail;
import dev.skein.audit.Delivery;
import dev.skein.base.Deadline;
import dev.skein.base.Log;
import dev.skein.llm.LlmOutcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Calls the model and keeps the record: the intent goes out beside the call, and no reply is
 * released before it is kept; the completed record follows. So an environment that is killed at any
 * moment leaves at least an intent for every reply that anybody saw. Thread-safe.
 */
public final class AuditedExchange {
  private final AuditTrail trail;
  private final ExchangeConfig config;
  private final World world;
  private final Log log;

  /** What an exchange needs of the world: ids, and two clocks. */
  public record World(Supplier<String> newId, InstantSource clock, LongSupplier nanoTime) {}

  public AuditedExchange(AuditTrail trail, ExchangeConfig config, World world, Log log) {
    this.trail = trail;
    this.config = config;
    this.world = world;
    this.log = log;
  }

  /**
   * Answers one request.
   *
   * @param invocation when the environment's time is up; the calls end earlier, by the reserve
   */
  public ApiResponse run(ApiRequest request, Deadline invocation, ModelJob job) {
    long start = world.nanoTime().getAsLong();
    AuditRecord intent = intent(request, job.subject());
    CompletableFuture<Delivery> intentKept = trail.deliver(intent);
    if (trail.config().mode() == Mode.STRICT && intentKept.join() == Delivery.REFUSED) {
      return auditUnavailable().toResponse(request.requestId(), intent.auditId());
    }
    Ending ending;
    try {
      var outcomes = job.calls().apply(invocation.less(config.reserve())).join();
      ending = new Ending(intent, outcomes, job.render().apply(outcomes), since(start));
    } catch (RuntimeException bug) {
      // A fault of ours is audited like any other end; whoever called answers for it.
      var _ = trail.deliver(Ending.brokenRecord(intent, since(start))).join();
      throw bug;
    }
    ending.outcomes().forEach(outcome -> logFailure(outcome, request));
    var completedKept = trail.deliver(ending.record(trail.config()));
    boolean kept =
        intentKept.join() != Delivery.REFUSED && completedKept.join() != Delivery.REFUSED;
    return kept
        ? ending.response()
        : auditUnavailable().toResponse(request.requestId(), intent.auditId());
  }

  private Duration since(long startNanos) {
    return Duration.ofNanos(world.nanoTime().getAsLong() - startNanos);
  }

  private AuditRecord intent(ApiRequest request, ModelJob.Subject subject) {
    return new AuditRecord(
        world.newId().get(),
        world.clock().instant(),
        request.requestId(),
        subject.endpoint(),
        subject.userId(),
        request.identity(),
        subject.model(),
        trail.config().preview(subject.message()),
        Optional.empty());
  }

  private void logFailure(LlmOutcome outcome, ApiRequest request) {
    OutcomeProblems.of(outcome)
        .ifPresent(
            problem ->
                log.warn(
                    "model_call_failed",
                    line -> {
                      line.put("request_id", request.requestId());
                      line.put("error", problem.name());
                      line.put("attempts", outcome.attempts());
                      if (outcome instanceof LlmOutcome.Rejected rejected) {
                        line.put("upstream_status", rejected.status());
                      }
                      if (outcome instanceof LlmOutcome.Malformed malformed) {
                        line.put("reason", malformed.what());
                      }
                    }));
  }

  private static Problem auditUnavailable() {
    return new Problem(
        "audit-unavailable",
        "Audit unavailable",
        503,
        "The audit trail cannot take a record now, and no reply leaves without one.");
  }
}
