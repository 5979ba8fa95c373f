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
import dev.skein.exchange.AnswerStream.Origin;
import dev.skein.exchange.ModelJob.Rendered;
import dev.skein.llm.LlmEvent;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmResult;
import dev.skein.llm.LlmStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Calls the model and keeps the record: the intent goes out beside the call, and no reply is
 * released before it is kept; the completed record follows when the caller has it. So an
 * environment that is killed at any moment leaves at least an intent for every reply that anybody
 * saw. Thread-safe.
 */
public final class AuditedExchange {
  private static final Map<String, String> STREAM_HEADERS =
      Map.of("Content-Type", "text/event-stream; charset=utf-8", "Cache-Control", "no-cache");

  private static final String AUDIT_ID = "X-Skein-Audit-Id";

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
    Begun begun = begin(request, invocation, job.subject(), job.timeout());
    return begun.isRefused() ? refusal(begun) : conclude(begun, ending(job, begun));
  }

  /**
   * Answers one request with a stream. Until the model's first piece is there, all that goes wrong
   * is told as by {@link #run}; after it, by the stream's end. In the strict mode the stream leaves
   * in one piece, when all of its records are kept.
   *
   * @param invocation as for {@link #run}
   */
  public ApiResponse stream(ApiRequest request, Deadline invocation, StreamJob job) {
    Begun begun = begin(request, invocation, job.subject(), job.timeout());
    if (begun.isRefused()) {
      return refusal(begun);
    }
    LlmStream events = job.call().apply(begun.origin().deadline());
    LlmEvent first;
    try {
      first = AnswerStream.await(events.next());
    } catch (RuntimeException bug) {
      events.close();
      return conclude(begun, fault(begun, List.of(), bug));
    }
    if (first instanceof End(LlmResult result)
        && OutcomeProblems.of(result.outcome()).isPresent()) {
      var failure = new Rendered.Failure(OutcomeProblems.of(result.outcome()).get());
      return conclude(begun, whole(begun, List.of(result), failure));
    }
    var body = new AnswerStream(begun.origin(), events, first, job.format());
    return strict() ? held(begun, body) : released(begun, body);
  }

  /** A request whose intent is on its way. */
  private record Begun(Origin origin, CompletableFuture<Delivery> intentKept, boolean isRefused) {}

  private Begun begin(
      ApiRequest request,
      Deadline invocation,
      ModelJob.Subject subject,
      Optional<Duration> timeout) {
    long start = world.nanoTime().getAsLong();
    Deadline end = config.deadline(invocation, timeout);
    AuditRecord intent = intent(request, subject);
    CompletableFuture<Delivery> intentKept = trail.deliver(intent);
    var origin = new Origin(intent, request.errors(), end, start, world, trail.config(), log);
    return new Begun(origin, intentKept, strict() && intentKept.join() == Delivery.REFUSED);
  }

  private boolean strict() {
    return trail.config().mode() == Mode.STRICT;
  }

  private ApiResponse conclude(Begun begun, Ending ending) {
    callLog.tell(ending);
    AuditRecord record = ending.record(trail.config());
    var response = ending.response(begun.origin().errors()).with(headers(ending));
    if (strict()) {
      return trail.deliver(record).join() == Delivery.REFUSED
          ? refusal(begun).with(headers(ending))
          : response;
    }
    begun.intentKept().join();
    return response.followedBy(() -> trail.deliver(record).join());
  }

  private static Map<String, String> headers(Ending ending) {
    var headers = new HashMap<>(ending.attempts().headers());
    headers.put(AUDIT_ID, ending.intent().auditId());
    return headers;
  }

  private ApiResponse released(Begun begun, AnswerStream body) {
    begun.intentKept().join();
    var streamed =
        new ApiResponse(
            200,
            STREAM_HEADERS,
            body,
            () -> {
              callLog.tell(body.ending());
              trail.deliver(body.ending().record(trail.config())).join();
            });
    return streamed.with(Map.of(AUDIT_ID, begun.origin().intent().auditId()));
  }

  private ApiResponse held(Begun begun, AnswerStream body) {
    var text = new ByteArrayOutputStream();
    var problem = body.writeTo(text);
    var concluded = conclude(begun, body.ending().heldBack());
    return problem.isEmpty() && concluded.status() == 200
        ? new ApiResponse(200, STREAM_HEADERS, text.toString(StandardCharsets.UTF_8))
            .with(headers(body.ending()))
        : concluded;
  }

  private ApiResponse refusal(Begun begun) {
    AuditRecord intent = begun.origin().intent();
    return begun
        .origin()
        .errors()
        .response(auditUnavailable(), intent.requestId(), Optional.of(intent.auditId()));
  }

  private Ending ending(ModelJob job, Begun begun) {
    List<LlmResult> results = List.of();
    try {
      results = await(job.calls().apply(begun.origin().deadline()));
      var outcomes = results.stream().map(LlmResult::outcome).toList();
      return whole(begun, results, job.render().apply(outcomes));
    } catch (RuntimeException bug) {
      return fault(begun, results, bug);
    }
  }

  private Ending fault(Begun begun, List<LlmResult> results, RuntimeException bug) {
    String requestId = begun.origin().intent().requestId();
    log.bug("bug", bug, line -> line.put("request_id", requestId));
    return whole(begun, results, new Rendered.Failure(Problem.internal()));
  }

  private static Ending whole(Begun begun, List<LlmResult> results, Rendered rendered) {
    return new Ending(
        begun.origin().intent(), results, rendered, begun.origin().elapsed(), Optional.empty());
  }

  /** However the wait ends, nothing runs on and is billed after it. */
  private static List<LlmResult> await(CompletableFuture<List<LlmResult>> calls) {
    try {
      return AnswerStream.await(calls);
    } finally {
      calls.cancel(true);
    }
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
