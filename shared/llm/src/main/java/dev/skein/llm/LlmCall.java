package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.AttemptResult.Answered;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.AttemptResult.Stopped;
import dev.skein.llm.AttemptResult.Streamed;
import dev.skein.llm.AttemptResult.Unreached;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmOutcome.Unavailable;
import dev.skein.llm.LlmResult.Attempt;
import dev.skein.llm.Transport.Exchange;
import dev.skein.llm.Transport.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One call, written in the order in which it runs: a loop over the endpoints around a loop over the
 * attempts, each of which reads its exchange signal by signal. It has a thread to itself, which
 * alone decides how the call ends; other threads can only close it and take its text.
 */
final class LlmCall {
  /** How long a stream that lacks nothing but its end mark may take to send it. */
  private static final Duration END_MARK_LIMIT = Duration.ofSeconds(1);

  /** How long a connection may take to end a complete reply before it is closed instead of kept. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(1);

  private final LlmRequest request;
  private final boolean streaming;
  private final boolean releasing;
  private final Deadline deadline;
  private final CallEnvironment environment;
  private final DeltaChannel channel;
  private final List<Attempt> attempts = new ArrayList<>();
  private volatile @Nullable Exchange current;
  private @Nullable Exchange undrained;
  private boolean released;

  /**
   * A call that has not begun.
   *
   * @param streaming whether the provider is asked for a stream
   * @param releasing whether text is released to a reader as it comes, and not only with the result
   */
  LlmCall(
      LlmRequest request,
      boolean streaming,
      boolean releasing,
      Deadline deadline,
      CallEnvironment environment) {
    this.request = request;
    this.streaming = streaming;
    this.releasing = releasing;
    this.deadline = deadline;
    this.environment = environment;
    this.channel = new DeltaChannel(environment.world().mailboxes());
  }

  /** Runs the call on this thread. Completes {@code result}, exceptionally only for a bug. */
  void run(CompletableFuture<LlmResult> result) {
    try {
      LlmOutcome outcome = askEndpoints();
      result.complete(new LlmResult(outcome, attempts));
    } catch (RuntimeException bug) {
      result.completeExceptionally(bug);
    }
    channel.end();
    drain();
  }

  /** Ends the call from any thread: its exchange is closed at once, and no attempt follows. */
  void close() {
    channel.close();
    var exchange = current;
    if (exchange != null) {
      exchange.close();
    }
  }

  /** Waits for the next text that the call releases; empty at its end. For one reader. */
  Optional<Delta> takeDelta() {
    return channel.take();
  }

  private LlmOutcome askEndpoints() {
    environment.budget().earn();
    List<Endpoint> endpoints = environment.endpoints();
    LlmOutcome outcome = null;
    for (int index = 0; index < endpoints.size() && !mustStop(); index++) {
      if (endpoints.get(index).breaker().tryAcquire()) {
        outcome = askEndpoint(endpoints, index);
        if (isFinal(outcome)) {
          return outcome;
        }
      }
    }
    if (channel.isClosed()) {
      return new Abandoned();
    }
    if (deadline.hasPassed()) {
      return new TimedOut();
    }
    return outcome != null ? outcome : new Unavailable(untilProbe(endpoints));
  }

  private boolean mustStop() {
    return channel.isClosed() || deadline.hasPassed();
  }

  /** Whether the call has its answer, or a mistake that every endpoint would find. */
  private boolean isFinal(LlmOutcome outcome) {
    return released
        || outcome instanceof Completed
        || outcome instanceof Refused
        || (outcome instanceof Rejected rejected && rejected.reason() == Reason.REQUEST);
  }

  /** When every breaker is open, the time until the first of them admits a probe. */
  private static Optional<Duration> untilProbe(List<Endpoint> endpoints) {
    return endpoints.stream()
        .map(endpoint -> endpoint.breaker().untilProbe())
        .filter(Duration::isPositive)
        .min(Duration::compareTo)
        .or(() -> Optional.of(Duration.ZERO));
  }

  /** Sends the request to one endpoint, and again for as long as a retry is worth it. */
  private LlmOutcome askEndpoint(List<Endpoint> endpoints, int index) {
    Endpoint endpoint = endpoints.get(index);
    // A silent endpoint leaves each of the others as much time as it has had.
    Deadline time = deadline.atMost(deadline.remaining().dividedBy(endpoints.size() - index));
    boolean replacedStale = false;
    for (int retries = 0; ; retries++) {
      boolean pooled = endpoint.takeConnection();
      AttemptResult result = attempt(endpoint, pooled, time);
      LlmOutcome outcome = OpenAiReply.outcome(result, request.replyMode(), now());
      attempts.add(new Attempt(endpoint.modelFor(request), outcome));
      releaseWhole(result, outcome);
      if (released || mustStop()) {
        return outcome;
      }
      if (pooled && !replacedStale && result.equals(new Unreached(Cause.CLOSED))) {
        // It died unnoticed in the pool, which is no failure of the endpoint: free, and at once.
        replacedStale = true;
        retries--;
        continue;
      }
      if (isSilence(result) && isAnotherAvailable(endpoints, index)) {
        return outcome;
      }
      var delay = delayBeforeRetry(result, retries, time);
      if (delay.isEmpty()) {
        return outcome;
      }
      channel.pause(delay.get());
      if (mustStop()) {
        return outcome;
      }
    }
  }

  private static boolean isSilence(AttemptResult result) {
    return result.equals(new Unreached(Cause.SILENT));
  }

  private static boolean isAnotherAvailable(List<Endpoint> endpoints, int index) {
    return endpoints.subList(index + 1, endpoints.size()).stream()
        .anyMatch(endpoint -> !endpoint.breaker().untilProbe().isPositive());
  }

  private Optional<Duration> delayBeforeRetry(AttemptResult result, int retries, Deadline time) {
    if (retries == environment.limits().maxRetries()) {
      return Optional.empty();
    }
    return environment
        .world()
        .retryPolicy()
        .delayBeforeNext(result, retries, now())
        .filter(time::leavesRoomFor)
        .filter(_ -> environment.budget().tryAcquire());
  }

  private Instant now() {
    return environment.world().clock().instant();
  }

  private AttemptResult attempt(Endpoint endpoint, boolean pooled, Deadline time) {
    long start = environment.world().nanoTime().getAsLong();
    var exchange = environment.transport().open(endpoint, request, streaming);
    current = exchange;
    try {
      if (channel.isClosed()) {
        exchange.close();
      }
      AttemptResult result = readHead(exchange, time);
      long nanos = environment.world().nanoTime().getAsLong() - start;
      endpoint.record(result, pooled, Duration.ofNanos(nanos));
      return result;
    } finally {
      current = null;
      if (undrained == null) {
        exchange.close();
      }
    }
  }

  private AttemptResult readHead(Exchange exchange, Deadline time) {
    // The head of a reply that is not streamed comes when all of it is written, which may take the
    // model minutes: only the time for the endpoint limits that.
    Duration limit =
        streaming ? min(environment.limits().firstByte(), time.remaining()) : time.remaining();
    return switch (exchange.next(limit)) {
      case Signal.Head head -> readBody(exchange, reader(head));
      case Signal.Failed(AttemptResult result) -> result;
      case Signal.Silence() -> new Unreached(Cause.SILENT);
      case Signal.Closed() -> new Stopped(new Abandoned());
      case Signal.Piece _, Signal.End _ -> throw new IllegalStateException("a body without a head");
    };
  }

  /** A server that does not stream sends a whole reply, whatever it was asked for. */
  private ReplyReader reader(Signal.Head head) {
    boolean isStream =
        streaming
            && head.status() == 200
            && !OpenAiReply.isCompressed(head.headers())
            && head.headers()
                .firstValue("content-type")
                .filter(type -> type.contains("json"))
                .isEmpty();
    return isStream ? new StreamedReply(request) : new WholeReply(head.status(), head.headers());
  }

  private AttemptResult readBody(Exchange exchange, ReplyReader reply) {
    while (true) {
      Duration idle = reply.lacksOnlyEndMark() ? END_MARK_LIMIT : environment.limits().stall();
      Optional<AttemptResult> result =
          switch (exchange.next(min(idle, deadline.remaining()))) {
            case Signal.Piece piece -> readPiece(exchange, reply, piece);
            case Signal.End() -> Optional.of(reply.ended());
            case Signal.Failed _ ->
                Optional.of(reply.brokenOff("the connection ended inside the reply"));
            case Signal.Silence() when deadline.hasPassed() ->
                Optional.of(new Stopped(new TimedOut()));
            case Signal.Silence() -> Optional.of(reply.brokenOff("the reply stalled"));
            case Signal.Closed() -> Optional.of(new Stopped(new Abandoned()));
            case Signal.Head _ -> throw new IllegalStateException("a second head");
          };
      if (result.isPresent()) {
        return result.get();
      }
    }
  }

  private Optional<AttemptResult> readPiece(
      Exchange exchange, ReplyReader reply, Signal.Piece piece) {
    List<Delta> deltas = reply.read(piece.bytes());
    release(deltas);
    var result = reply.earlyResult();
    if (result.isPresent()) {
      if (result.get() instanceof Streamed(Completed _)) {
        undrained = exchange;
      }
      return result;
    }
    return releasing
        ? channel.awaitTaken(deltas.size(), deadline).map(Stopped::new)
        : Optional.empty();
  }

  private void release(List<Delta> deltas) {
    if (releasing) {
      channel.release(deltas);
      released |= !deltas.isEmpty();
    }
  }

  /** A reader of a stream whose provider replied whole gets the reply in one piece. */
  private void releaseWhole(AttemptResult result, LlmOutcome outcome) {
    if (result instanceof Answered
        && outcome instanceof Completed completed
        && (!completed.text().isEmpty() || completed.body().isPresent())) {
      String chunk = completed.body().map(OpenAiReply::asChunk).orElse("");
      release(List.of(new Delta(completed.text(), chunk)));
    }
  }

  /** Lets the body of a complete reply end, so that its connection can be reused. */
  private void drain() {
    var exchange = undrained;
    if (exchange != null && !(exchange.next(DRAIN_LIMIT) instanceof Signal.End)) {
      exchange.close();
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
