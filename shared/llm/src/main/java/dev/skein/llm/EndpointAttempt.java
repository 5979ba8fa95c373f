package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.AttemptResult.Silent;
import dev.skein.llm.AttemptResult.Stopped;
import dev.skein.llm.AttemptResult.Streamed;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Abandoned;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Limit;
import dev.skein.llm.LlmOutcome.TimedOut;
import dev.skein.llm.LlmRequest.ReplyMode;
import dev.skein.llm.LlmResult.Operation;
import dev.skein.llm.Transport.Exchange;
import dev.skein.llm.Transport.Signal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One request to one endpoint, and the reading of its reply: every signal is awaited within a
 * limit. For the call's thread, except {@link #close}.
 */
final class EndpointAttempt {
  /** How long a connection may take to end a complete reply before it is closed instead of kept. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(1);

  private final Endpoint endpoint;
  private final RequestBody body;
  private final LlmLimits limits;
  private final Deadline deadline;
  private final DeltaChannel channel;
  private final DetailsCollector details;
  private final Exchange exchange;
  private final LongSupplier nanoTime;
  private final Instant start;
  private final long startNanos;

  private Duration duration = Duration.ZERO;
  private Optional<Duration> timeToFirstToken = Optional.empty();
  private Deadline replyDue;

  /** Whether the reply is complete, but the body has not ended yet. */
  private boolean undrained;

  /**
   * Sends the request.
   *
   * @param deadline the call's
   * @param details collects what the reply says about itself
   */
  EndpointAttempt(
      Endpoint endpoint,
      RequestBody body,
      Deadline deadline,
      DeltaChannel channel,
      DetailsCollector details,
      CallEnvironment environment) {
    this.endpoint = endpoint;
    this.body = body;
    this.limits = environment.limits();
    this.deadline = deadline;
    this.channel = channel;
    this.details = details;
    this.replyDue = deadline;
    this.nanoTime = environment.world().nanoTime();
    this.start = environment.world().clock().instant();
    this.startNanos = nanoTime.getAsLong();
    this.exchange = environment.transport().open(endpoint, body);
  }

  /** Any thread: closes the connection at once. */
  void close() {
    exchange.close();
  }

  /**
   * Reads the reply. The connection is closed afterwards, unless it can be kept.
   *
   * @param time until when the endpoint may begin its reply
   */
  AttemptResult read(Deadline time) {
    try {
      return readHead(time);
    } finally {
      duration = elapsed();
      if (!undrained) {
        exchange.close();
      }
    }
  }

  /**
   * Where and when the request was sent, once its reply was read.
   *
   * @param baseUrl of the endpoint
   */
  Operation operation(URI baseUrl) {
    return new Operation(
        body.request().api(), baseUrl, body.streaming(), start, duration, timeToFirstToken);
  }

  private Duration elapsed() {
    return Duration.ofNanos(nanoTime.getAsLong() - startNanos);
  }

  /** Lets the body of a complete reply end, so that its connection can be reused. */
  void drain() {
    if (undrained) {
      if (exchange.next(DRAIN_LIMIT) instanceof Signal.End) {
        endpoint.connectionKept();
      } else {
        exchange.close();
      }
    }
  }

  private AttemptResult readHead(Deadline time) {
    // A reply that is not streamed is sent when all of it is written: its head comes with its end.
    boolean streaming = body.streaming();
    Duration limit = streaming ? limits.firstByte() : limits.wholeReply();
    Deadline tokenDue = time.atMost(streaming ? limits.firstToken() : limits.wholeReply());
    replyDue = streaming ? deadline : deadline.atMost(limits.wholeReply());
    return switch (exchange.next(tokenDue.atMost(limit).remaining())) {
      case Signal.Head head -> {
        details.head(head.headers());
        var progress = new ReplyProgress(tokenDue, limits.firstToken(), limits.stall(), nanoTime);
        yield readBody(reader(head), progress, time);
      }
      case Signal.Failed(AttemptResult result) -> result;
      case Signal.Silence() ->
          new Silent(passed(time, streaming ? Limit.FIRST_BYTE : Limit.WHOLE_REPLY));
      case Signal.Closed() -> closed();
      case Signal.Piece _, Signal.End _ -> throw new IllegalStateException("a body without a head");
    };
  }

  /** A success is read as what its body is, whatever its head says. */
  private ReplyReader reader(Signal.Head head) {
    var mode = body.request().replyMode();
    var whole = new WholeReply(head.status(), head.headers(), LlmLimits.maxReplyBytes(mode));
    // A caller who wants the API's own reply, and whole, has no use for a stream.
    boolean mayBeStream = body.streaming() || mode == ReplyMode.TEXT_ONLY;
    return mayBeStream
            && OpenAiReply.isSuccess(head.status())
            && !OpenAiReply.isCompressed(head.headers())
        ? new DetectedReply(whole, new StreamedReply(body.request(), details), body.streaming())
        : whole;
  }

  private AttemptResult readBody(ReplyReader reply, ReplyProgress progress, Deadline time) {
    while (true) {
      Duration idle =
          reply.lacksOnlyEndMark()
              ? progress.remainingAfterToken(reply.endMarkLimit(limits.stall()))
              : progress.remaining();
      Optional<AttemptResult> result =
          switch (exchange.next(replyDue.atMost(idle).remaining())) {
            case Signal.Piece piece -> {
              progress.read(piece.bytes());
              var early = readPiece(reply, piece, progress);
              progress.tokens(reply.tokens());
              yield early;
            }
            case Signal.End() -> ended(reply, progress);
            case Signal.Failed _ ->
                Optional.of(reply.brokenOff("the connection ended inside the reply"));
            case Signal.Silence() -> Optional.of(silent(reply, progress, time));
            case Signal.Closed() -> Optional.of(closed());
            case Signal.Head _ -> throw new IllegalStateException("a second head");
          };
      if (result.isPresent()) {
        return result.get();
      }
    }
  }

  private Optional<AttemptResult> readPiece(
      ReplyReader reply, Signal.Piece piece, ReplyProgress progress) {
    Optional<AttemptResult> result = pass(reply, reply.read(piece.bytes()), progress);
    undrained = result.isPresent() && result.get() instanceof Streamed(Completed _);
    return result;
  }

  private Optional<AttemptResult> pass(
      ReplyReader reply, List<Delta> deltas, ReplyProgress progress) {
    if (timeToFirstToken.isEmpty() && body.streaming() && reply.tokens() > 0) {
      timeToFirstToken = Optional.of(elapsed());
    }
    channel.release(deltas);
    var result = reply.earlyResult();
    if (result.isPresent()) {
      return result;
    }
    Optional<LlmOutcome> stopped = channel.awaitTaken(deltas.size(), deadline);
    if (!deltas.isEmpty()) {
      progress.taken();
    }
    return stopped.map(Stopped::new);
  }

  private Optional<AttemptResult> ended(ReplyReader reply, ReplyProgress progress) {
    endpoint.connectionKept();
    List<Delta> rest = reply.readRest();
    Optional<AttemptResult> result =
        rest.isEmpty() ? reply.earlyResult() : pass(reply, rest, progress);
    return Optional.of(result.orElseGet(reply::ended));
  }

  private AttemptResult silent(ReplyReader reply, ReplyProgress progress, Deadline time) {
    if (reply.lacksOnlyEndMark()) {
      // The text is complete, even at the deadline.
      return reply.brokenOff("the reply stalled");
    }
    if (deadline.hasPassed()) {
      return new Stopped(new TimedOut(Limit.DEADLINE));
    }
    if (replyDue.hasPassed()) {
      return new Silent(Limit.WHOLE_REPLY);
    }
    return progress.isSilent()
        ? new Silent(passed(time, body.streaming() ? Limit.FIRST_TOKEN : Limit.WHOLE_REPLY))
        : reply.brokenOff("the reply stalled");
  }

  /** The endpoint's share of the deadline may be shorter than the limit. */
  private static Limit passed(Deadline time, Limit limit) {
    return time.hasPassed() ? Limit.DEADLINE : limit;
  }

  private AttemptResult closed() {
    return new Stopped(channel.closed().orElseGet(Abandoned::new));
  }
}
