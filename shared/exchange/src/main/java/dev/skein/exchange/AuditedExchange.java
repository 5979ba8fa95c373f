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
import dev.skein.exchange.ModelJob.Rendered;
import dev.skein.llm.LlmResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
  private final CallLog callLog;

  /** What an exchange needs of the world: ids, and two clocks. */
  public record World(Supplier<String> newId, InstantSource clock, LongSupplier nanoTime) {}

  public AuditedExchange(AuditTrail trail, ExchangeConfig config, World world, Log log) {
    this.trail = trail;
    this.config = config;
    this.world = world;
    this.log = log;
    this.callLog = new CallLog(log);
  }

  /**
   * Answers one request. A fault of ours is a 500 that is audited like any other end.
   *
   * @param invocation when the environment's time is up; the calls end earlier, by the reserve
   */
  public ApiResponse run(ApiRequest request, Deadline invocation, ModelJob job) {
    long start = world.nanoTime().getAsLong();
    Deadline end = config.deadline(invocation, job.timeout());
    AuditRecord intent = intent(request, job.subject());
    CompletableFuture<Delivery> intentKept = trail.deliver(intent);
    if (trail.config().mode() == Mode.STRICT && intentKept.join() == Delivery.REFUSED) {
      return auditUnavailable().toResponse(request.requestId(), intent.auditId());
    }
    Ending ending = ending(intent, job, end, start);
    callLog.tell(ending);
    var completedKept = trail.deliver(ending.record(trail.config()));
    boolean kept =
        intentKept.join() != Delivery.REFUSED && completedKept.join() != Delivery.REFUSED;
    var response =
        kept
            ? ending.response()
            : auditUnavailable().toResponse(request.requestId(), intent.auditId());
    return response.with(ending.attempts().headers());
  }

  private Ending ending(AuditRecord intent, ModelJob job, Deadline end, long start) {
    List<LlmResult> results = List.of();
    Rendered rendered;
    try {
      results = await(job.calls().apply(end));
      rendered = job.render().apply(results.stream().map(LlmResult::outcome).toList());
    } catch (RuntimeException bug) {
      log.bug("bug", bug, line -> line.put("request_id", intent.requestId()));
      rendered = new Rendered.Failure(Problem.internal());
    }
    return new Ending(intent, results, rendered, since(start));
  }

  /** However the wait ends, nothing runs on and is billed after it. */
  private static List<LlmResult> await(CompletableFuture<List<LlmResult>> calls) {
    try {
      return calls.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the invocation was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException bug ? bug : new IllegalStateException(e);
    } finally {
      calls.cancel(true);
    }
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

  private static Problem auditUnavailable() {
    return new Problem(
        "audit-unavailable",
        "Audit unavailable",
        503,
        "The audit trail cannot take a record now, and no reply leaves without one.");
  }
}
