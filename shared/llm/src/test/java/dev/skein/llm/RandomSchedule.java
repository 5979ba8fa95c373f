package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.AttemptResult.Cause;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import dev.skein.llm.SimulatedTransport.Play;
import dev.skein.llm.SimulatedTransport.Scripted;
import dev.skein.llm.SimulatedTransport.Sent;
import dev.skein.llm.Transport.Signal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * One client with a few calls, whose settings, callers and providers are all drawn from one seed.
 * It runs in virtual time, and reports everything that did not go as promised.
 */
final class RandomSchedule {
  /** How often a pooled connection may turn out dead in one call, at each endpoint. */
  private static final int STALE = 1;

  private static final int HELD = 4;
  private static final String COMPLETION =
      """
      {"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}\
      """;

  private final Random random;
  private final Simulation simulation = new Simulation();
  private final LlmConfig config;
  private final SimulatedTransport transport;
  private final HttpLlmClient client;
  private final List<RandomCaller> callers = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private boolean healthy;
  private int closed;

  private RandomSchedule(long seed) {
    this.random = new Random(seed);
    this.config = config();
    this.transport = new SimulatedTransport(simulation, config.limits(), this::provide);
    this.client = new HttpLlmClient(config, transport, simulation.world(random));
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
            upTo(30_000),
            upTo(10_000),
            upTo(60_000),
            2048,
            random.nextInt(4),
            random.nextInt(12),
            1 + random.nextInt(8));
    return new LlmConfig(endpoints, List.of("m-1"), limits, random.nextBoolean());
  }

  /** Milliseconds, often a round number of them: so that several things happen at one moment. */
  private Duration upTo(int millis) {
    int drawn = 100 + random.nextInt(millis);
    return Duration.ofMillis(random.nextBoolean() ? drawn : Math.ceilDiv(drawn, 1000) * 1000L);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  private void run() {
    var setting = new RandomCaller.Setting(client, transport, simulation, random);
    int calls = 1 + random.nextInt(6);
    for (int i = 0; i < calls; i++) {
      simulation.advance(oneIn(2) ? Duration.ZERO : upTo(3_000));
      callers.add(RandomCaller.begin(request("call " + i), upTo(20_000), setting));
    }
    // Long enough for every deadline and the slowest reader.
    simulation.advance(Duration.ofMinutes(10));
    callers.forEach(caller -> faults.addAll(caller.faults()));
    check(transport.open() == 0, transport.open() + " exchanges are left open");
    check(simulation.alive() == 0, simulation.alive() + " threads are left");
    int bound = mostAttempts(calls);
    check(transport.begun() <= bound, transport.begun() + " exchanges, more than " + bound);
    theClientWorksOn();
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

  /** After all that went before, a call is answered, and calls that are cancelled leave nothing. */
  private void theClientWorksOn() {
    healthy = true;
    // Whatever the breaker has seen, it admits a probe by now, which closes it.
    var probe = client.complete(request("probe"), deadline());
    simulation.advance(Duration.ofSeconds(1));
    check(probe.isDone(), "a probe has not ended");
    healthy = false;
    var held =
        IntStream.range(0, HELD)
            .mapToObj(i -> client.complete(request("held " + i), deadline()))
            .toList();
    simulation.advance(Duration.ZERO);
    check(transport.open() == HELD, transport.open() + " of " + HELD + " calls are under way");
    held.forEach(it -> it.cancel(true));
    check(transport.open() == 0, "a cancelled call has left an exchange");
    simulation.advance(Duration.ZERO);
    check(simulation.alive() == 0, "a cancelled call has left a thread");
  }

  private static LlmRequest request(String text) {
    return new LlmRequest("m-1", List.of(new Message(Role.USER, text)), Defaults.of(0, 9));
  }

  private Deadline deadline() {
    return Deadline.in(Duration.ofMinutes(1), simulation::nanoTime);
  }

  private Play provide(Sent sent) {
    String text = sent.request().fields().at("/messages/0/content").textValue();
    if (text.startsWith("held")) {
      return Play.silence();
    }
    if (healthy) {
      return Play.answered(Duration.ofMillis(1), 200, Map.of(), COMPLETION);
    }
    var at = oneIn(4) ? Duration.ZERO : upTo(8_000);
    return switch (random.nextInt(11)) {
      case 0 -> Play.silence();
      case 10 -> Play.failure(at, new AttemptResult.Garbled());
      case 1 -> Play.failure(at, unreached());
      case 2, 3 -> Play.answered(at, status(), retryAfter(), COMPLETION);
      case 4 -> brokenOff(at, sent.streaming());
      default ->
          sent.streaming() && !oneIn(5) ? stream(at) : Play.answered(at, 200, Map.of(), COMPLETION);
    };
  }

  private AttemptResult unreached() {
    var cause = List.of(Cause.CONNECT, Cause.CLOSED, Cause.TLS).get(random.nextInt(3));
    closed += cause == Cause.CLOSED ? 1 : 0;
    return new AttemptResult.Unreached(cause);
  }

  private int status() {
    int[] some = {400, 401, 404, 408, 409, 413, 429, 429, 500, 502, 503, 529};
    return some[random.nextInt(some.length)];
  }

  private Map<String, List<String>> retryAfter() {
    return oneIn(2) ? Map.of() : Map.of("retry-after-ms", List.of("" + random.nextInt(9_000)));
  }

  /** A head, perhaps some of the body, and then a connection that breaks, or nothing ever. */
  private Play brokenOff(Duration at, boolean streaming) {
    var script = new ArrayList<Scripted>(List.of(Play.streamHead(at)));
    if (streaming) {
      script.addAll(pieces(at));
    }
    var failure = new Signal.Failed(new AttemptResult.Unreached(Cause.CLOSED));
    return new Play(
        script,
        oneIn(4) ? Optional.empty() : Optional.of(new Scripted(at.plus(upTo(9_000)), failure)));
  }

  private Play stream(Duration at) {
    var script = new ArrayList<Scripted>(List.of(Play.streamHead(at)));
    script.addAll(pieces(at));
    if (!oneIn(6)) {
      var last = script.getLast().at();
      // Together with the last piece, or after it.
      var end = oneIn(2) ? last : last.plus(upTo(3_000));
      script.add(new Scripted(end, SimulatedTransport.piece(ending())));
      script.add(new Scripted(oneIn(2) ? end : end.plus(upTo(3_000)), new Signal.End()));
    }
    return new Play(script, Optional.empty());
  }

  private String ending() {
    return switch (random.nextInt(8)) {
      case 0 -> finish("content_filter") + "data: [DONE]\n\n";
      case 1 -> "data: not JSON\n\n";
      case 2 -> finish("stop");
      case 3 -> "";
      default -> finish("stop") + "data: [DONE]\n\n";
    };
  }

  private static String finish(String reason) {
    return "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"%s\"}]}\n\n".formatted(reason);
  }

  private List<Scripted> pieces(Duration head) {
    var pieces = new ArrayList<Scripted>();
    var at = head;
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      at = oneIn(2) ? at : at.plus(upTo(3_000));
      var text = new StringBuilder(": a comment\n\n");
      int tokens = random.nextInt(4);
      for (int j = 0; j < tokens; j++) {
        text.append(
            "data: {\"choices\":[{\"delta\":{\"content\":\"%d.%d \"}}]}\n\n".formatted(i, j));
      }
      if (i == count - 1 && oneIn(2)) {
        text.append(finish("stop"));
      }
      pieces.add(new Scripted(at, SimulatedTransport.piece(text.toString())));
    }
    return pieces;
  }
}
