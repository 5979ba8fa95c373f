package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.AttemptResult.Answered;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.AttemptResult.Unreached;
import dev.skein.llm.CircuitBreaker.Permission;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.NoReply;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmResult.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One call, written in the order in which it runs: a loop over the endpoints around a loop over the
 * attempts. It has a thread to itself, which alone decides how the call ends; other threads can
 * only close it and take its text.
 */
final class LlmCall {
  private final LlmRequest request;
  private final boolean streaming;

  /** The end of the call as long as no text has been released; for most calls the deadline. */
  private final Deadline firstText;

  private final Deadline deadline;
  private final CallEnvironment environment;

  /** Those that may answer, in order. */
  private List<Endpoint> endpoints = List.of();

  private final DeltaChannel channel;
  private final List<Attempt> attempts = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private volatile @Nullable EndpointAttempt current;
  private ReplyDetails details = ReplyDetails.NONE;

  private LlmCall(
      LlmRequest request,
      boolean streaming,
      boolean hasReader,
      Deadline firstText,
      Deadline deadline,
      CallEnvironment environment) {
    this.request = request;
    this.streaming = streaming;
    this.firstText = firstText;
    this.deadline = deadline;
    this.environment = environment;
    this.channel = new DeltaChannel(hasReader, environment.world().mailboxes());
  }

  /** A call whose text goes to a reader as it comes. */
  static LlmCall forReader(
      LlmRequest request, Deadline firstText, Deadline deadline, CallEnvironment environment) {
    return new LlmCall(request, true, true, firstText, deadline, environment);
  }

  /**
   * A call whose text comes only with its result.
   *
   * @param streaming whether the provider is asked for a stream all the same
   */
  static LlmCall forResult(
      LlmRequest request, boolean streaming, Deadline deadline, CallEnvironment environment) {
    return new LlmCall(request, streaming, false, deadline, deadline, environment);
  }

  /** Runs the call on this thread. Completes {@code result}, exceptionally only for a bug. */
  void run(CompletableFuture<LlmResult> result) {
    try {
      LlmOutcome outcome = askEndpoints();
      result.complete(new LlmResult(outcome, attempts, skipped, details));
    } catch (Throwable bug) {
      // An Error too: nobody else would wake those who wait.
      result.completeExceptionally(bug);
    } finally {
      channel.end();
    }
    var last = current;
    if (last != null) {
      last.drain();
    }
  }

  /** Ends the call from any thread: its connection is closed at once, and no attempt follows. */
  void close(LlmOutcome outcome) {
    channel.close(outcome);
    var attempt = current;
    if (attempt != null) {
      attempt.close();
    }
  }

  /** Waits for the next text that the call releases; empty at its end. For one reader. */
  Optional<Delta> takeDelta() {
    return channel.take();
  }

  private LlmOutcome askEndpoints() {
    environment.budget().earn();
    List<Endpoint> all = environment.endpoints().await(channel, firstText);
    // Vectors of another model cannot be compared with these: no answer is better.
    endpoints = request.api() == LlmApi.EMBEDDINGS && !all.isEmpty() ? all.subList(0, 1) : all;
    LlmOutcome outcome = null;
    for (int index = 0; index < endpoints.size() && !mustStop(); index++) {
      var answer = askIfAdmitted(index);
      if (answer.isPresent()) {
        outcome = answer.get();
        if (isFinal(outcome)) {
          return outcome;
        }
      }
    }
    if (channel.closed().isPresent()) {
      return channel.closed().get();
    }
    if (firstText.hasPassed()) {
      return new TimedOut(Limit.DEADLINE);
    }
    if (outcome != null) {
      return outcome;
    }
    return endpoints.isEmpty()
        ? new Unavailable(NoReply.NO_API_KEY, environment.endpoints().untilFetch())
        : new Unavailable(NoReply.CIRCUIT_OPEN, Optional.of(untilProbe()));
  }

  /** Empty when the endpoint's circuit breaker is open, and the endpoint was not asked. */
  private Optional<LlmOutcome> askIfAdmitted(int index) {
    Endpoint endpoint = endpoints.get(index);
    CircuitBreaker breaker = endpoint.breaker();
    Permission permission = breaker.tryAcquire();
    Runnable wake = channel::wake;
    // Only with the last endpoint: another one answers sooner than a probe may end.
    while (permission == Permission.DENIED
        && availableAfter(index) == 0
        && !mustStop()
        && breaker.awaitProbe(wake)) {
      channel.awaitWake(firstText.atMost(breaker.untilProbe()));
      permission = breaker.tryAcquire();
    }
    return switch (permission) {
      case DENIED -> {
        skipped.add(endpoint.modelFor(request));
        yield Optional.empty();
      }
      case GRANTED -> Optional.of(askEndpoint(index));
      case PROBE -> {
        try {
          yield Optional.of(askEndpoint(index));
        } finally {
          breaker.endProbe();
        }
      }
    };
  }

  private boolean mustStop() {
    return channel.closed().isPresent() || firstText.hasPassed();
  }

  /** Whether the call has its answer, or a mistake that every endpoint would find. */
  private boolean isFinal(LlmOutcome outcome) {
    return channel.hasReleased()
        || outcome instanceof Completed
        || outcome instanceof Refused
        || (outcome instanceof Rejected rejected && rejected.reason() == Reason.REQUEST);
  }

  /** When every circuit breaker is open, the time until the first of them admits a probe. */
  private Duration untilProbe() {
    return endpoints.stream()
        .map(endpoint -> endpoint.breaker().untilProbe())
        .filter(Duration::isPositive)
        .min(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /** Sends the request to one endpoint, and again for as long as a retry is worth it. */
  private LlmOutcome askEndpoint(int index) {
    Endpoint endpoint = endpoints.get(index);
    int others = availableAfter(index);
    Deadline time = firstText.atMost(firstText.remaining().dividedBy(1L + others));
    String model = endpoint.modelFor(request);
    var adaptation = new Adaptation(endpoint, model);
    boolean mayReplaceStale = true;
    int retries = 0;
    while (true) {
      LlmEndpoint asked = endpoint.config();
      boolean pooled = endpoint.takeConnection();
      var body = bodyFor(model, adaptation.profile());
      var collector = new DetailsCollector();
      EndpointAttempt attempt = begin(endpoint, body, collector);
      AttemptResult result = attempt.read(time);
      var operation = attempt.operation(asked.baseUrl());
      endpoint.record(result, pooled, operation.duration());
      LlmOutcome outcome = OpenAiReply.outcome(result, request, now(), collector);
      details = collector.details();
      boolean replaced =
          isRefused(outcome)
              && !channel.hasReleased()
              && environment.endpoints().renew(endpoint, asked, channel, time);
      var charge = Charge.of(asked, body, result, outcome, collector, pooled);
      attempts.add(
          new Attempt(
              model, outcome, adaptation.learn(outcome), replaced, charge, Optional.of(operation)));
      releaseWhole(result, outcome);
      if (channel.hasReleased() || mustStop()) {
        return outcome;
      }
      if (replaced || adaptation.adapt(result, outcome, body)) {
        continue;
      }
      if (mayReplaceStale && pooled && result.equals(new Unreached(Cause.CLOSED))) {
        // It died unnoticed in the pool, which is no failure of the endpoint: free, and at once.
        mayReplaceStale = false;
        continue;
      }
      if (!awaitRetry(result, retries, time)) {
        return outcome;
      }
      retries++;
    }
  }

  /** Whether another key may help; even credit that is used up may be another account's. */
  private static boolean isRefused(LlmOutcome outcome) {
    return outcome instanceof Rejected rejected && rejected.reason() == Reason.CREDENTIALS;
  }

  /** Waits before a retry; returns whether there is to be one. */
  private boolean awaitRetry(AttemptResult result, int retries, Deadline time) {
    var delay = delayBeforeRetry(result, retries, time);
    delay.ifPresent(it -> channel.pause(firstText.atMost(it)));
    return delay.isPresent() && !mustStop();
  }

  /** How many of the endpoints after this one would admit a call now: they share the time. */
  private int availableAfter(int index) {
    return (int)
        endpoints.subList(index + 1, endpoints.size()).stream()
            .filter(endpoint -> !endpoint.breaker().untilProbe().isPositive())
            .count();
  }

  private Optional<Duration> delayBeforeRetry(AttemptResult result, int retries, Deadline time) {
    if (retries == environment.limits().maxRetries()) {
      return Optional.empty();
    }
    return environment
        .retryPolicy()
        .delayBeforeNext(result, retries, now())
        .filter(time::leavesRoomFor)
        .filter(_ -> environment.budget().tryAcquire());
  }

  private Instant now() {
    return environment.world().clock().instant();
  }

  private RequestBody bodyFor(String model, ModelProfile profile) {
    return RequestBody.of(
        request, model, profile, streaming, environment.limits().thinkingTokens());
  }

  private EndpointAttempt begin(Endpoint endpoint, RequestBody body, DetailsCollector collector) {
    var attempt = new EndpointAttempt(endpoint, body, deadline, channel, collector, environment);
    current = attempt;
    if (channel.closed().isPresent()) {
      attempt.close();
    }
    return attempt;
  }

  /** A reader of a stream whose provider replied whole gets the reply in one piece. */
  private void releaseWhole(AttemptResult result, LlmOutcome outcome) {
    if (channel.hasReader()
        && result instanceof Answered
        && outcome instanceof Completed completed
        && (!completed.text().isEmpty() || completed.body().isPresent())) {
      String chunk = completed.body().map(body -> WholeAsChunk.of(request.api(), body)).orElse("");
      channel.release(List.of(new Delta(completed.text(), chunk)));
    }
  }
}
