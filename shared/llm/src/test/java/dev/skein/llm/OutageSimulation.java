package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.SimulatedTransport.Play;
import dev.skein.llm.SimulatedTransport.Sent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fifty requests a second for two minutes, in virtual time: thirty seconds of health, a minute in
 * which the first endpoint is down, and thirty seconds after it.
 */
final class OutageSimulation {
  static final Duration DEADLINE = Duration.ofSeconds(26);

  private static final Duration FALLS = Duration.ofSeconds(30);
  private static final Duration RECOVERS = Duration.ofSeconds(90);
  private static final Duration ENDS = Duration.ofMinutes(2);
  private static final Duration BETWEEN = Duration.ofMillis(20);
  private static final Duration ANSWER_TIME = Duration.ofMillis(400);

  /** What an endpoint that is down does with a request. */
  enum Kind {
    ERROR("503 at once"),
    SLOW_ERROR("503 after 200 ms"),
    REFUSED("connection refused"),
    SILENT("silence"),
    FLAPPING("503 every other second");

    final String words;

    Kind(String words) {
      this.words = words;
    }

    private Play play() {
      return switch (this) {
        case ERROR, FLAPPING -> Play.answered(Duration.ofMillis(1), 503, Map.of(), "{}");
        case SLOW_ERROR -> Play.answered(Duration.ofMillis(200), 503, Map.of(), "{}");
        case REFUSED ->
            Play.failure(Duration.ofMillis(1), new AttemptResult.Unreached(Cause.CONNECT));
        case SILENT -> Play.silence();
      };
    }

    private boolean isDown(Duration at) {
      boolean outage = at.compareTo(FALLS) >= 0 && at.compareTo(RECOVERS) < 0;
      return outage && (this != FLAPPING || at.toSeconds() % 2 == 0);
    }
  }

  /** A client's settings; all others have their defaults. */
  record Setting(int endpoints, int breakerFailures) {
    static final Setting DEFAULT = new Setting(1, 5);

    private LlmConfig config() {
      var endpoints =
          IntStream.rangeClosed(1, this.endpoints)
              .mapToObj(
                  i ->
                      new LlmEndpoint(
                          URI.create("http://endpoint-" + i + "/v1"), Optional.empty(), "m"))
              .toList();
      var limits =
          new LlmLimits(
              Duration.ofSeconds(3),
              Duration.ofSeconds(30),
              Duration.ofMinutes(3),
              Duration.ofSeconds(15),
              Duration.ofMinutes(5),
              2048,
              2,
              10,
              breakerFailures);
      return new LlmConfig(endpoints, List.of("m"), limits, false);
    }
  }

  /** One request; its times are since the simulation began. */
  private record Ended(LlmRequest request, Duration began, Duration ended, LlmResult result) {

    boolean answered() {
      return result.outcome() instanceof Completed;
    }

    boolean skipped() {
      return result.outcome() instanceof LlmOutcome.Unavailable && result.attempts().isEmpty();
    }

    boolean beganWithin(Duration from, Duration to) {
      return began.compareTo(from) >= 0 && began.compareTo(to) < 0;
    }

    Duration lasted() {
      return ended.minus(began);
    }
  }

  private static final String COMPLETION =
      """
      {"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}\
      """;

  private final Simulation time = new Simulation();
  private final Kind kind;
  private final SimulatedTransport transport;
  private final HttpLlmClient client;
  private final List<Ended> ended = new ArrayList<>();

  private OutageSimulation(Kind kind, Setting setting) {
    this.kind = kind;
    var config = setting.config();
    this.transport = new SimulatedTransport(time, config.limits(), this::provide);
    this.client = new HttpLlmClient(config, transport, time.world(new Random(1)));
  }

  private Play provide(Sent sent) {
    boolean first = sent.endpoint().baseUrl().getHost().equals("endpoint-1");
    return first && kind.isDown(sent.at())
        ? kind.play()
        : Play.answered(ANSWER_TIME, 200, Map.of(), COMPLETION);
  }

  static Report run(Kind kind, Setting setting) {
    return new OutageSimulation(kind, setting).run();
  }

  private Report run() {
    int requests = (int) ENDS.dividedBy(BETWEEN);
    for (int i = 0; i < requests; i++) {
      begin(
          new LlmRequest("m", List.of(new Message(Role.USER, "request " + i)), Defaults.of(0, 1)));
      time.advance(BETWEEN);
    }
    time.advance(DEADLINE);
    if (ended.size() != requests || transport.open() > 0 || time.alive() > 0) {
      throw new AssertionError(
          "%d of %d requests have ended; %d exchanges and %d threads are left"
              .formatted(ended.size(), requests, transport.open(), time.alive()));
    }
    return report();
  }

  private void begin(LlmRequest request) {
    var began = Duration.ofNanos(time.nanoTime());
    CompletableFuture<LlmResult> result =
        client.complete(request, Deadline.in(DEADLINE, time::nanoTime));
    var _ =
        result.thenAccept(
            it -> ended.add(new Ended(request, began, Duration.ofNanos(time.nanoTime()), it)));
  }

  private Report report() {
    var faults = new ArrayList<>(transport.faults());
    ended.stream()
        .filter(it -> it.lasted().compareTo(DEADLINE) > 0)
        .forEach(it -> faults.add("a request ended after its deadline: " + it));
    return new Report(
        count(it -> true),
        inOutage().mapToInt(it -> transport.begun(it.request())).sum(),
        count(Ended::answered),
        count(Ended::skipped),
        inOutage().map(Ended::lasted).max(Comparator.naturalOrder()).orElseThrow(),
        ended.stream()
            .filter(it -> !it.answered())
            .map(it -> it.began().plus(BETWEEN).minus(RECOVERS))
            .filter(Duration::isPositive)
            .max(Comparator.naturalOrder())
            .orElse(Duration.ZERO),
        ended.stream().filter(it -> it.beganWithin(Duration.ZERO, FALLS) && !it.answered()).count(),
        List.copyOf(faults));
  }

  private Stream<Ended> inOutage() {
    return ended.stream().filter(it -> it.beganWithin(FALLS, RECOVERS));
  }

  private int count(Predicate<Ended> what) {
    return (int) inOutage().filter(what).count();
  }

  /**
   * What came of the requests that began in the outage.
   *
   * @param attempts exchanges that were sent for them
   * @param skipped refused at once, because the breaker was open
   * @param longest how long a request took at most, to whichever end
   * @param recovery from the end of the outage until every request was answered
   * @param failedBefore requests that began in health and got no answer
   * @param faults what may not be; empty
   */
  record Report(
      int requests,
      int attempts,
      int answered,
      int skipped,
      Duration longest,
      Duration recovery,
      long failedBefore,
      List<String> faults) {}
}
