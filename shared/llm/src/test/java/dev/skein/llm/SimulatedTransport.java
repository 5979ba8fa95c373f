package dev.skein.llm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network in virtual time: for each exchange a provider says what is sent back, and when. It
 * counts what is open, and notes whatever a call does that the contract of a transport forbids.
 */
final class SimulatedTransport implements Transport {
  private static final Duration END_MARK = Duration.ofSeconds(1);
  private static final Duration NEVER = Duration.ofDays(1);

  /** Decides what happens to an exchange, at the moment in which it begins. */
  @FunctionalInterface
  interface Provider {
    Play answer(Sent sent);
  }

  /**
   * A request that was sent.
   *
   * @param at since the simulation began
   */
  record Sent(LlmEndpoint endpoint, LlmRequest request, boolean streaming, Duration at) {}

  /**
   * What is sent back; all times are since the request was sent, and never decrease.
   *
   * @param script the head, the pieces and the end, each read when it is there and was asked for
   * @param failure when the connection breaks, whatever was read until then
   */
  record Play(List<Scripted> script, Optional<Scripted> failure) {

    static Play silence() {
      return new Play(List.of(), Optional.empty());
    }

    static Play failure(Duration at, AttemptResult result) {
      return new Play(List.of(), Optional.of(new Scripted(at, new Signal.Failed(result))));
    }

    static Play answered(Duration at, int status, Map<String, List<String>> headers, String body) {
      return new Play(
          List.of(
              new Scripted(at, new Signal.Head(status, headers(headers, "application/json"))),
              new Scripted(at, piece(body)),
              new Scripted(at, new Signal.End())),
          Optional.empty());
    }

    static Scripted streamHead(Duration at) {
      return new Scripted(at, new Signal.Head(200, headers(Map.of(), "text/event-stream")));
    }

    private static HttpHeaders headers(Map<String, List<String>> headers, String contentType) {
      var all = new HashMap<>(headers);
      all.put("content-type", List.of(contentType));
      return HttpHeaders.of(all, (_, _) -> true);
    }
  }

  record Scripted(Duration at, Signal signal) {}

  static Signal.Piece piece(String text) {
    return new Signal.Piece(List.of(ByteBuffer.wrap(text.getBytes(UTF_8))));
  }

  private final Simulation simulation;
  private final LlmLimits limits;
  private final Provider provider;
  private final Map<LlmRequest, Integer> begun = new HashMap<>();
  private final Map<LlmRequest, Integer> open = new HashMap<>();
  private final List<String> faults = new ArrayList<>();

  SimulatedTransport(Simulation simulation, LlmLimits limits, Provider provider) {
    this.simulation = simulation;
    this.limits = limits;
    this.provider = provider;
  }

  /** Exchanges so far that were opened for this request. */
  int begun(LlmRequest request) {
    return begun.getOrDefault(request, 0);
  }

  /** Exchanges so far, for whichever request. */
  int begun() {
    return begun.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Exchanges of this request whose reply is not complete and that were not closed. */
  int open(LlmRequest request) {
    return open.getOrDefault(request, 0);
  }

  int open() {
    return open.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** What calls did that they must not do; empty when all is well. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public Exchange open(Endpoint endpoint, RequestBody body) {
    LlmRequest request = body.request();
    boolean streaming = body.streaming();
    var at = Duration.ofNanos(simulation.nanoTime());
    var play = provider.answer(new Sent(endpoint.config(), request, streaming, at));
    begun.merge(request, 1, Integer::sum);
    open.merge(request, 1, Integer::sum);
    if (open(request) > 1) {
      faults.add("a second exchange was opened beside the first");
    }
    return new Simulated(request, streaming, play);
  }

  private final class Simulated implements Exchange {
    private final LlmRequest request;
    private final boolean streaming;
    private final Play play;
    private final long began = simulation.nanoTime();
    private final Mailbox<Boolean> closes = simulation.mailbox();
    private int read;
    private boolean closed;
    private boolean counted = true;

    private Simulated(LlmRequest request, boolean streaming, Play play) {
      this.request = request;
      this.streaming = streaming;
      this.play = play;
    }

    @Override
    public Signal next(Duration limit) {
      checkLimit(limit);
      Optional<Scripted> scripted =
          read < play.script().size() ? Optional.of(play.script().get(read)) : Optional.empty();
      Duration untilScripted = scripted.map(this::until).orElse(NEVER);
      Duration untilFailure = play.failure().map(this::until).orElse(NEVER);
      boolean fails = untilFailure.compareTo(untilScripted) <= 0;
      Duration wait = fails ? untilFailure : untilScripted;
      boolean silent = wait.compareTo(limit) > 0;
      if (closed || closes.poll(silent ? limit : wait) != null) {
        return new Signal.Closed();
      }
      if (silent) {
        return new Signal.Silence();
      }
      read += fails ? 0 : 1;
      Signal signal = (fails ? play.failure() : scripted).orElseThrow().signal();
      if (endsTheReply(signal)) {
        leave();
      }
      return signal;
    }

    private Duration until(Scripted scripted) {
      Duration wait = scripted.at().minusNanos(simulation.nanoTime() - began);
      return wait.isNegative() ? Duration.ZERO : wait;
    }

    private static boolean endsTheReply(Signal signal) {
      return switch (signal) {
        case Signal.End _, Signal.Failed _ -> true;
        case Signal.Piece piece ->
            UTF_8.decode(piece.bytes().getFirst().duplicate()).toString().contains("[DONE]");
        case Signal.Head _, Signal.Silence _, Signal.Closed _ -> false;
      };
    }

    private void checkLimit(Duration limit) {
      Duration longest = Collections.max(List.of(limits.stall(), limits.firstToken(), END_MARK));
      if (read == 0 || !streaming) {
        longest = streaming ? limits.firstByte() : limits.wholeReply();
      }
      if (limit.compareTo(longest) > 0) {
        faults.add("a signal was awaited for %s, more than %s".formatted(limit, longest));
      }
    }

    private void leave() {
      if (counted) {
        counted = false;
        open.merge(request, -1, Integer::sum);
      }
    }

    @Override
    public void close() {
      closed = true;
      leave();
      closes.post(true);
    }
  }
}
