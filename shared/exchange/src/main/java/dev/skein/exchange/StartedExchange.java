package dev.skein.exchange;

import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.Problem;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditConfig.Mode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditTrail;
import dev.skein.audit.Delivery;
import dev.skein.base.Deadline;
import dev.skein.base.Log;
import dev.skein.llm.LlmEvent;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** A request whose intent is on its way to the queue. For the thread that answers it. */
public final class StartedExchange {
  private static final Map<String, String> STREAM_HEADERS =
      Map.of("Content-Type", "text/event-stream; charset=utf-8", "Cache-Control", "no-cache");

  private static final String AUDIT_ID = "X-Skein-Audit-Id";

  private final AuditRecord intent;
  private final CompletableFuture<Delivery> intentKept;
  private final Deadline deadline;
  private final Supplier<Duration> elapsed;
  private final ErrorFormat errors;
  private final AuditTrail trail;
  private final Log log;

  StartedExchange(
      AuditRecord intent,
      CompletableFuture<Delivery> intentKept,
      Deadline deadline,
      Supplier<Duration> elapsed,
      ErrorFormat errors,
      AuditTrail trail,
      Log log) {
    this.intent = intent;
    this.intentKept = intentKept;
    this.deadline = deadline;
    this.elapsed = elapsed;
    this.errors = errors;
    this.trail = trail;
    this.log = log;
  }

  /** When every model call of this request has to have ended. */
  public Deadline deadline() {
    return deadline;
  }

  /**
   * Waits for a model call, which is cancelled when the wait ends early.
   *
   * @throws RuntimeException when the call failed, or this thread is interrupted
   */
  public <T> T await(CompletableFuture<T> call) {
    try {
      return call.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the invocation was interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException bug ? bug : new IllegalStateException(e);
    } finally {
      call.cancel(true);
    }
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
  public ApiResponse stream(LlmStream events, StreamFormat format) {
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

  /** The reply after a bug. */
  ApiResponse fail(RuntimeException bug) {
    return conclude(whole(List.of(), new Rendered.Failure(internal(bug))));
  }

  /** Whether the strict mode forbids to call the model, because the intent was not kept. */
  boolean isRefused() {
    return isStrict() && intentKept.join() == Delivery.REFUSED;
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
    log.bug("bug", bug, line -> line.put("request_id", intent.requestId()));
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

  private boolean isStrict() {
    return config().mode() == Mode.STRICT;
  }

  private ExchangeResult whole(List<LlmResult> results, Rendered rendered) {
    return new ExchangeResult(intent, results, rendered, elapsed(), Optional.empty());
  }

  private ApiResponse conclude(ExchangeResult result) {
    ModelCallLog.write(result, log);
    AuditRecord completed = result.record(config());
    var response = result.response(errors).with(headers(result));
    if (isStrict()) {
      return trail.deliver(completed).join() == Delivery.REFUSED
          ? auditUnavailable().with(headers(result))
          : response;
    }
    intentKept.join();
    return response.followedBy(() -> trail.deliver(completed).join());
  }

  private Map<String, String> headers(ExchangeResult result) {
    var headers = new HashMap<>(result.attempts().headers());
    headers.put(AUDIT_ID, intent.auditId());
    return headers;
  }

  private ApiResponse released(ReplyStream body) {
    intentKept.join();
    var response =
        new ApiResponse(
            200,
            STREAM_HEADERS,
            body,
            () -> {
              ModelCallLog.write(body.result(), log);
              trail.deliver(body.result().record(config())).join();
            });
    return response.with(Map.of(AUDIT_ID, intent.auditId()));
  }

  private ApiResponse held(ReplyStream body) {
    var text = new ByteArrayOutputStream();
    var problem = body.writeTo(text);
    var concluded = conclude(body.result().heldBack());
    return problem.isEmpty() && concluded.status() == 200
        ? new ApiResponse(200, STREAM_HEADERS, text.toString(StandardCharsets.UTF_8))
            .with(headers(body.result()))
        : concluded;
  }
}
