package dev.skein.llm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.base.Deadline;
import dev.skein.llm.Attempt.Cause;
import dev.skein.llm.CallEnvironment.World;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.SimulatedTransport.End;
import dev.skein.llm.SimulatedTransport.Piece;
import dev.skein.llm.SimulatedTransport.Play;
import dev.skein.llm.SimulatedTransport.Sent;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * One client with a few calls, its settings, its callers and its providers all drawn from one seed.
 * It runs in virtual time, and tells everything that went otherwise than promised.
 */
final class RandomSchedule {
  /** How often a connection that lay idle may turn out dead in one call, at each endpoint. */
  private static final int STALE = 1;

  private final Random random;
  private final ManualTime time = new ManualTime();
  private final LlmConfig config;
  private final SimulatedTransport transport;
  private final HttpLlmClient client;
  private final List<Future<?>> timers = new ArrayList<>();
  private final List<RandomCaller> callers = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private boolean healthy;
  private int closed;

  private RandomSchedule(long seed) {
    this.random = new Random(seed);
    this.config = config();
    this.transport = new SimulatedTransport(time, config.limits(), this::provide);
    this.client =
        new HttpLlmClient(
            config,
            transport,
            new World(this::timer, new RetryRules(random), time, time::nanoTime));
  }

  /** Runs the schedule of this seed; no fault means that all went as promised. */
  static List<String> faults(long seed) {
    var schedule = new RandomSchedule(seed);
    try {
      schedule.run();
    } catch (RuntimeException | AssertionError bug) {
      schedule.faults.add("thrown: " + bug + " because of " + bug.getCause());
    }
    schedule.faults.addAll(schedule.transport.faults());
    return schedule.faults;
  }

  /** The client's tasks apart from those of its callers and providers. */
  private Future<?> timer(Duration wait, Runnable task) {
    var timer = time.after(wait, task);
    timers.add(timer);
    return timer;
  }

  private LlmConfig config() {
    var endpoints =
        IntStream.rangeClosed(1, 1 + random.nextInt(3))
            .mapToObj(
                i ->
                    new LlmEndpoint(
                        URI.create("http://endpoint-" + i + "/v1"), Optional.empty(), "m-" + i))
            .toList();
    var limits =
        new LlmLimits(
            Duration.ofSeconds(3),
            upTo(20_000),
            upTo(10_000),
            random.nextInt(4),
            random.nextInt(12),
            1 + random.nextInt(8),
            1 + random.nextInt(4));
    return new LlmConfig(endpoints, List.of("m-1"), limits, random.nextBoolean());
  }

  /** Milliseconds, often a round number of them: so that things fall on one moment. */
  private Duration upTo(int millis) {
    int drawn = 100 + random.nextInt(millis);
    return Duration.ofMillis(random.nextBoolean() ? drawn : Math.ceilDiv(drawn, 1000) * 1000L);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private void run() {
    int calls = 1 + random.nextInt(6);
    for (int i = 0; i < calls; i++) {
      var request = new LlmRequest("m-1", List.of(new Message(Role.USER, "call " + i)), 0, 9);
      time.advance(oneIn(2) ? Duration.ZERO : upTo(3_000));
      callers.add(RandomCaller.begin(request, client, upTo(20_000), transport, time, random));
    }
    // Long enough for every deadline and the slowest reader.
    time.advance(Duration.ofMinutes(10));
    callers.forEach(caller -> faults.addAll(caller.faults()));
    check(transport.open() == 0, transport.open() + " exchanges are left on the wire");
    check(timers.stream().allMatch(Future::isDone), "a timer is left");
    int bound = mostAttempts(calls);
    check(transport.begun() <= bound, transport.begun() + " exchanges, more than " + bound);
    everyPlaceIsThereAgain();
  }

  private void check(boolean promise, String otherwise) {
    if (!promise) {
      faults.add(otherwise);
    }
  }

  private int mostAttempts(int calls) {
    var limits = config.limits();
    int first = calls * config.endpoints().size();
    int retries =
        Math.min(first * limits.maxRetries(), limits.retryBudget() + Math.ceilDiv(calls, 5));
    return first + retries + Math.min(closed, first * STALE);
  }

  /** As many calls as may be are on the wire at once, after all that went before. */
  private void everyPlaceIsThereAgain() {
    healthy = true;
    // Whatever the breaker has seen, its pause is over: an answer opens it.
    var probe = client.complete(request("probe"), deadline());
    time.advance(Duration.ofSeconds(1));
    check(probe.isDone(), "a probe has not ended");
    healthy = false;
    int places = config.limits().maxInFlight();
    var held =
        IntStream.range(0, places)
            .mapToObj(i -> client.complete(request("held " + i), deadline()))
            .toList();
    check(
        transport.open() == places, transport.open() + " of " + places + " places are there again");
    held.forEach(it -> it.cancel(true));
    check(transport.open() == 0, "a cancelled call is left on the wire");
    check(timers.stream().allMatch(Future::isDone), "a cancelled call has left a timer");
  }

  private static LlmRequest request(String text) {
    return new LlmRequest("m-1", List.of(new Message(Role.USER, text)), 0, 9);
  }

  private Deadline deadline() {
    return Deadline.in(Duration.ofMinutes(1), time::nanoTime);
  }

  private Play provide(Sent sent) {
    String text = sent.request().fields().at("/messages/0/content").textValue();
    if (text.startsWith("held")) {
      return Play.silence();
    }
    if (healthy) {
      return Play.answered(Duration.ofMillis(1), whole(200, Map.of()));
    }
    var at = oneIn(4) ? Duration.ZERO : upTo(8_000);
    return switch (random.nextInt(11)) {
      case 0 -> Play.silence();
      case 10 ->
          new Play(Optional.empty(), List.of(), Optional.of(new End(at, new Attempt.Garbled())));
      case 1 -> unreached(at);
      case 2, 3 -> Play.answered(at, whole(status(), retryAfter()));
      case 4 -> brokenOff(at, sent.streaming());
      default ->
          sent.streaming() && !oneIn(5) ? stream(at) : Play.answered(at, whole(200, Map.of()));
    };
  }

  private Play unreached(Duration at) {
    var cause = List.of(Cause.CONNECT, Cause.CLOSED, Cause.TLS).get(random.nextInt(3));
    closed += cause == Cause.CLOSED ? 1 : 0;
    return Play.unreached(at, cause);
  }

  private int status() {
    int[] some = {400, 401, 404, 408, 409, 413, 429, 429, 500, 502, 503, 529};
    return some[random.nextInt(some.length)];
  }

  private Map<String, List<String>> retryAfter() {
    return oneIn(2) ? Map.of() : Map.of("retry-after-ms", List.of("" + random.nextInt(9_000)));
  }

  private static Attempt.Answered whole(int status, Map<String, List<String>> headers) {
    String body =
        """
        {"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}\
        """;
    return new Attempt.Answered(
        status, HttpHeaders.of(headers, (_, _) -> true), ByteBuffer.wrap(body.getBytes(UTF_8)));
  }

  private Play brokenOff(Duration at, boolean streaming) {
    Attempt broken =
        streaming ? new Attempt.Streamed(new Cut("cut")) : new Attempt.BrokenOff("cut");
    return new Play(
        Optional.of(at),
        streaming ? pieces(at) : List.of(),
        oneIn(4) ? Optional.empty() : Optional.of(new End(at.plus(upTo(9_000)), broken)));
  }

  private Play stream(Duration at) {
    var pieces = pieces(at);
    var text = new StringBuilder();
    pieces.forEach(piece -> piece.texts().forEach(text::append));
    var end =
        switch (random.nextInt(8)) {
          case 0 -> new LlmOutcome.Refused(Optional.empty());
          case 1 -> new LlmOutcome.Malformed("an event");
          default -> new Completed(text.toString(), "stop", "", Optional.empty());
        };
    var lastPiece = pieces.isEmpty() ? at : pieces.getLast().at();
    // Together with the last piece, or after it, or never.
    return new Play(
        Optional.of(at),
        pieces,
        oneIn(6)
            ? Optional.empty()
            : Optional.of(
                new End(
                    oneIn(2) ? lastPiece : lastPiece.plus(upTo(3_000)),
                    new Attempt.Streamed(end))));
  }

  private List<Piece> pieces(Duration head) {
    var pieces = new ArrayList<Piece>();
    var at = head;
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      at = oneIn(2) ? at : at.plus(upTo(3_000));
      int piece = i;
      var texts =
          IntStream.range(0, random.nextInt(4)).mapToObj(j -> piece + "." + j + " ").toList();
      pieces.add(new Piece(at, texts, i == count - 1 && oneIn(2)));
    }
    return pieces;
  }
}
