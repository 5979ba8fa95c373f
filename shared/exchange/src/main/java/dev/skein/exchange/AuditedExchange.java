package dev.skein.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ClientTimeout;
import dev.skein.audit.AuditConfig.Content;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditText;
import dev.skein.audit.AuditTrail;
import dev.skein.audit.Delivery;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Answers requests with the model, and keeps the records: the intent is sent beside the model
 * calls, and no reply is released before the queue has acknowledged it or, failing that, the log
 * has it; the completed record follows once the caller has the reply. So an environment that is
 * killed at any moment leaves at least an intent for every reply that anybody received. {@link
 * StartedExchange} says what each mode waits for. Thread-safe.
 */
public final class AuditedExchange {
  private final AuditTrail trail;
  private final ExchangeConfig config;
  private final ModelCosts costs;
  private final World world;
  private final ModelTelemetry telemetry;
  private final Log log;

  /** What an exchange needs of the world: IDs, salts of 32 random hex digits, and two clocks. */
  public record World(
      Supplier<String> newId,
      Supplier<String> newSalt,
      InstantSource clock,
      LongSupplier nanoTime) {}

  /**
   * What the audit record says about a request before it is answered.
   *
   * @param endpoint the route's path
   * @param model the model that is asked
   * @param message the caller's text, of which the record keeps what {@code AUDIT_CONTENT} says
   * @param messages those of a chat, which are the whole prompt; missing if the message is. Not to
   *     be modified. They are written only if {@code AUDIT_CONTENT} is {@code full}
   */
  public record Subject(
      String endpoint, String userId, String model, String message, JsonNode messages) {

    /** A request whose whole prompt is its message. */
    public Subject(String endpoint, String userId, String model, String message) {
      this(endpoint, userId, model, message, MissingNode.getInstance());
    }

    private String prompt() {
      return messages.isMissingNode() ? message : Json.STRICT.writeReadable(messages);
    }
  }

  /** An exchange whose model calls are not reported to CloudWatch and X-Ray. */
  public AuditedExchange(
      AuditTrail trail, ExchangeConfig config, ModelCosts costs, World world, Log log) {
    this(trail, config, costs, world, ModelTelemetry.OFF, log);
  }

  /**
   * An exchange with these parts.
   *
   * @param telemetry gets the model calls of each request after its response
   */
  public AuditedExchange(
      AuditTrail trail,
      ExchangeConfig config,
      ModelCosts costs,
      World world,
      ModelTelemetry telemetry,
      Log log) {
    this.trail = trail;
    this.config = config;
    this.costs = costs;
    this.world = world;
    this.telemetry = telemetry;
    this.log = log;
  }

  /**
   * Answers one request. The intent is on its way to the queue before {@code answer} runs; a bug in
   * it is a 500 that is audited like any other end.
   *
   * @param invocation when the environment's time is up; the model calls end earlier, by the
   *     reserve
   * @param timeout how long the caller would wait for the model calls; if empty, a single call ends
   *     before the {@link ClientTimeout} of the caller
   * @param answer calls the model, by {@link StartedExchange#ask} or by itself, ending with {@link
   *     StartedExchange#reply}
   */
  public ApiResponse run(
      ApiRequest request,
      Deadline invocation,
      Subject subject,
      Optional<Duration> timeout,
      Function<StartedExchange, ApiResponse> answer) {
    var exchange = begin(request, invocation, subject, timeout);
    if (exchange.lacksRequiredIntent()) {
      return exchange.auditUnavailable();
    }
    try {
      return answer.apply(exchange);
    } catch (RuntimeException bug) {
      return exchange.fail(bug);
    }
  }

  private StartedExchange begin(
      ApiRequest request, Deadline invocation, Subject subject, Optional<Duration> timeout) {
    long start = world.nanoTime().getAsLong();
    AuditRecord intent = intent(request, subject);
    CompletableFuture<Delivery> intentKept = trail.deliver(intent);
    Deadline deadline = config.deadline(invocation, timeout);
    Optional<Duration> responseTime =
        timeout.isPresent() ? Optional.empty() : ClientTimeout.responseTime(request);
    Log requestLog = log.ofRequest(intent.requestId(), intent.traceId());
    return new StartedExchange(
        intent,
        intentKept,
        deadline,
        responseTime.map(deadline::atMost).orElse(deadline),
        () -> Duration.ofNanos(world.nanoTime().getAsLong() - start),
        request.errors(),
        costs,
        trail,
        results ->
            telemetry.report(
                results,
                request.tracingHeader(),
                attempt -> costs.cost(attempt, intent.timestamp()),
                world.newSalt(),
                requestLog),
        requestLog);
  }

  private AuditRecord intent(ApiRequest request, Subject subject) {
    return new AuditRecord(
        world.newId().get(),
        world.clock().instant(),
        request.requestId(),
        subject.endpoint(),
        subject.userId(),
        request.identity(),
        subject.model(),
        subject.model(),
        trail.config().message(subject.message()),
        prompt(subject),
        request.traceId(),
        world.newSalt().get(),
        Optional.empty());
  }

  private Optional<AuditText> prompt(Subject subject) {
    return trail.config().content() == Content.FULL
        ? Optional.of(trail.config().text(subject.prompt()))
        : Optional.empty();
  }
}
