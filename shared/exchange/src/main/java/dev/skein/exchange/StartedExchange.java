package dev.skein.exchange;

import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditConfig.Mode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditText;
import dev.skein.audit.AuditTrail;
import dev.skein.audit.Delivery;
import dev.skein.base.Deadline;
import dev.skein.base.Log;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmEvent;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A request whose intent is on its way to the queue. For the thread that answers it. What is waited
 * for, by {@code AUDIT_MODE}:
 *
 * <pre>
 *          before the model is called  before the reply is released  after the response
 * default  nothing                     the intent                    the completed record
 * strict   the intent                  the completed record          nothing
 * log      nothing                     nothing                       nothing: records are log lines
 * </pre>
 *
 * A stream is released with its first piece, in the strict mode as a whole.
 */
public final class StartedExchange {
  private static final String AUDIT_ID = "X-Skein-Audit-Id";
  private static final String COST = "X-Skein-Cost-USD";

  private final AuditRecord intent;
  private final CompletableFuture<Delivery> intentKept;
  private final Deadline deadline;
  private final Deadline responseDue;
  private final Supplier<Duration> elapsed;
  private final ErrorFormat errors;
  private final ModelCosts costs;
  private final AuditTrail trail;
  private final Consumer<List<LlmResult>> telemetry;
  private final Log log;

  StartedExchange(
      AuditRecord intent,
      CompletableFuture<Delivery> intentKept,
      Deadline deadline,
      Deadline responseDue,
      Supplier<Duration> elapsed,
      ErrorFormat errors,
      ModelCosts costs,
      AuditTrail trail,
      Consumer<List<LlmResult>> telemetry,
      Log log) {
    this.intent = intent;
    this.intentKept = intentKept;
    this.deadline = deadline;
    this.responseDue = responseDue;
    this.elapsed = elapsed;
    this.errors = errors;
    this.costs = costs;
    this.trail = trail;
    this.telemetry = telemetry;
    this.log = log;
  }

  /** When every model call of this request has to have ended. */
  public Deadline deadline() {
    return deadline;
  }

  /**
   * Makes one call, and replies with its answer or its problem. The response begins before the
   * caller's client gives up.
   *
   * @param stream whether the reply leaves as the model writes it, in {@code format}; otherwise
   *     {@code render} makes it of the completion
   */
  public ApiResponse ask(
      LlmClient llm,
      LlmRequest asked,
      boolean stream,
      StreamFormat format,
      Function<Completed, Rendered> render) {
    if (stream) {
      return stream(llm.stream(asked, responseDue, isStrict() ? responseDue : deadline), format);
    }
    LlmResult result = await(llm.complete(asked, responseDue));
    return reply(
        List.of(result),
        outcomes ->
            OutcomeProblems.of(outcomes.getFirst())
                .<Rendered>map(Rendered.Failure::new)
                .orElseGet(() -> render.apply((Completed) outcomes.getFirst())));
  }

  /**
   * The reply to the caller. It waits until the intent is kept; the completed record is sent after
   * the response, or in the strict mode before it.
   *
   * @param results the model calls of this request
   * @param render makes the reply of their outcomes, in the same order
   */
  public ApiResponse reply(List<LlmResult> results, Function<List<LlmOutcome>, Rendered> render) {
    Rendered rendered;
    try {
      rendered = render.apply(results.stream().map(LlmResult::outcome).toList());
    } catch (RuntimeException bug) {
      rendered = new Rendered.Failure(internal(bug));
    }
    return conclude(whole(results, rendered));
  }

  /**
   * A reply that leaves as the model writes it. What fails before the first piece is an ordinary
   * error, and what fails later ends the stream with an error. In the strict mode the stream leaves
   * in one piece, once all of its records are kept.
   */
  private ApiResponse stream(LlmStream events, StreamFormat format) {
    LlmEvent first;
    try {
      first = events.next();
    } catch (RuntimeException bug) {
      events.close();
      throw bug;
    }
    if (first instanceof End(LlmResult result)) {
      var problem = OutcomeProblems.of(result.outcome());
      if (problem.isPresent()) {
        return conclude(whole(List.of(result), new Rendered.Failure(problem.get())));
      }
    }
    var body = new ReplyStream(this, events, first, format);
    return isStrict() ? held(body) : released(body);
  }

  private static LlmResult await(CompletableFuture<LlmResult> call) {
    try {
      return call.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the invocation was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException bug ? bug : new IllegalStateException(e);
    } finally {
      // However the wait ends, nothing keeps running and is billed after it.
      call.cancel(true);
    }
  }

  /** The reply after a bug. */
  ApiResponse fail(RuntimeException bug) {
    return conclude(whole(List.of(), new Rendered.Failure(internal(bug))));
  }

  /** In the strict mode, waits for the intent; whether it could not be queued. */
  boolean lacksRequiredIntent() {
    return isStrict() && intentKept.join() == Delivery.NOT_QUEUED;
  }

  /** The reply when the strict mode forbids any other. */
  ApiResponse auditUnavailable() {
    var problem =
        new Problem(
            "audit-unavailable",
            "Audit unavailable",
            503,
            "The audit trail cannot store records at the moment, and no reply is sent without one."
                + " Try again later.");
    return errors.response(problem, intent.requestId(), Optional.of(intent.auditId()));
  }

  /** Logs a bug; the caller learns no more than that there was one. */
  Problem internal(RuntimeException bug) {
    log.bug("bug", bug, _ -> {});
    return Problem.internal();
  }

  AuditRecord intent() {
    return intent;
  }

  ErrorFormat errors() {
    return errors;
  }

  AuditConfig config() {
    return trail.config();
  }

  /** Since the request was received. */
  Duration elapsed() {
    return elapsed.get();
  }

  /** What the model calls of this request cost. */
  RequestCost cost(List<LlmResult> results) {
    return costs.of(results, intent.timestamp());
  }

  private boolean isStrict() {
    return config().mode() == Mode.STRICT;
  }

  private ExchangeResult whole(List<LlmResult> results, Rendered rendered) {
    return whole(results, rendered, Optional.empty());
  }

  private ExchangeResult whole(
      List<LlmResult> results, Rendered rendered, Optional<AuditText> text) {
    return new ExchangeResult(
        intent, results, cost(results), rendered, elapsed(), text, Optional.empty());
  }

  private ApiResponse conclude(ExchangeResult result) {
    var response = result.response(errors).with(headers(result));
    if (isStrict()) {
      return finish(result) == Delivery.NOT_QUEUED
          ? auditUnavailable().with(headers(result)).with(Problem.NO_RETRY)
          : response;
    }
    intentKept.join();
    return response.firstAfterwards(() -> finish(result));
  }

  /** The record comes before the log lines: they can be lost, but it cannot. */
  private Delivery finish(ExchangeResult result) {
    Delivery delivery = trail.deliver(result.record(config(), errors)).join();
    ModelCallLog.write(result, log);
    telemetry.accept(result.results());
    return delivery;
  }

  private Map<String, String> headers(ExchangeResult result) {
    var headers = new HashMap<>(result.attempts().headers());
    headers.put(AUDIT_ID, intent.auditId());
    result.cost().usd().ifPresent(cost -> headers.put(COST, cost.toString()));
    return headers;
  }

  private ApiResponse released(ReplyStream body) {
    intentKept.join();
    var response = new ApiResponse(200, Rendered.STREAM_HEADERS, body, () -> finish(body.result()));
    return response.with(Map.of(AUDIT_ID, intent.auditId()));
  }

  private ApiResponse held(ReplyStream body) {
    var reply = new HeldReply();
    var problem = body.writeTo(reply).or(reply::problem);
    Rendered rendered =
        problem
            .<Rendered>map(Rendered.Failure::new)
            .orElseGet(() -> new Rendered.Events(reply.text()));
    var streamed = body.result();
    // Nobody has seen a text that is no answer.
    var text = streamed.text().filter(_ -> !streamed.answers().isEmpty());
    return conclude(whole(streamed.results(), rendered, text));
  }
}
