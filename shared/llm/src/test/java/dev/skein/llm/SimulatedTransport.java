package dev.skein.llm;

import dev.skein.llm.Attempt.Cause;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The wire in virtual time: a provider says for each exchange what comes of it, and when. It counts
 * what is open, and notes whatever a call does that the wire's contract forbids. For one thread.
 */
final class SimulatedTransport implements Transport {
  private static final Duration END_MARK = Duration.ofSeconds(1);

  /** Decides what becomes of an exchange, at the moment in which it begins. */
  @FunctionalInterface
  interface Provider {
    Play answer(Sent sent);
  }

  /**
   * A request on the wire.
   *
   * @param at since the time began
   */
  record Sent(LlmEndpoint endpoint, LlmRequest request, boolean streaming, Duration at) {}

  /**
   * What comes back; all times are since the request was sent.
   *
   * @param head absent when no head ever comes
   * @param pieces what is read of the body, each when it is there and was asked for
   * @param end absent when it never ends by itself
   */
  record Play(Optional<Duration> head, List<Piece> pieces, Optional<End> end) {

    static Play silence() {
      return new Play(Optional.empty(), List.of(), Optional.empty());
    }

    static Play unreached(Duration at, Cause cause) {
      return new Play(
          Optional.empty(), List.of(), Optional.of(new End(at, new Attempt.Unreached(cause))));
    }

    static Play answered(Duration at, Attempt.Answered answer) {
      return new Play(Optional.of(at), List.of(), Optional.of(new End(at, answer)));
    }
  }

  record Piece(Duration at, List<String> texts, boolean finishing) {}

  record End(Duration at, Attempt attempt) {

    /** A connection that breaks does not wait until what it brought before was read. */
    boolean abrupt() {
      return switch (attempt) {
        case Attempt.Unreached _, Attempt.BrokenOff _, Attempt.Garbled _ -> true;
        case Attempt.Streamed(LlmOutcome outcome) -> outcome instanceof Cut;
        case Attempt.Answered _, Attempt.TooLarge _ -> false;
      };
    }
  }

  private final ManualTime time;
  private final LlmLimits limits;
  private final Provider provider;
  private final Map<LlmRequest, Integer> begun = new HashMap<>();
  private final Map<LlmRequest, Integer> open = new HashMap<>();
  private final List<String> faults = new ArrayList<>();

  SimulatedTransport(ManualTime time, LlmLimits limits, Provider provider) {
    this.time = time;
    this.limits = limits;
    this.provider = provider;
  }

  /** Exchanges so far that were sent for this request. */
  int begun(LlmRequest request) {
    return begun.getOrDefault(request, 0);
  }

  /** Exchanges so far, for whichever request. */
  int begun() {
    return begun.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Exchanges of this request that have neither ended nor been closed. */
  int open(LlmRequest request) {
    return open.getOrDefault(request, 0);
  }

  int open() {
    return open.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** What calls did that they may not, in words; empty when all is well. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public Exchange prepare(
      Endpoint endpoint, LlmRequest request, boolean streaming, Listener listener) {
    return new Simulated(endpoint.config(), request, streaming, listener);
  }

  private final class Simulated implements Exchange {
    private final LlmEndpoint endpoint;
    private final LlmRequest request;
    private final boolean streaming;
    private final Listener listener;
    private final StringBuilder text = new StringBuilder();
    private final List<Future<?>> tasks = new ArrayList<>();
    private @Nullable Play play;
    private long began;
    private int read;
    private boolean over;
    private boolean headCame;
    private boolean finishing;
    private boolean asked;
    private boolean signalling;

    /** When the next sign began to be awaited; meaningless while none is. */
    private long awaited;

    private boolean awaiting;

    private Simulated(
        LlmEndpoint endpoint, LlmRequest request, boolean streaming, Listener listener) {
      this.endpoint = endpoint;
      this.request = request;
      this.streaming = streaming;
      this.listener = listener;
    }

    @Override
    public void start() {
      if (over || play != null) {
        faults.add("an exchange was started that was " + (over ? "closed" : "started"));
        return;
      }
      began = time.nanoTime();
      var answer = provider.answer(new Sent(endpoint, request, streaming, Duration.ofNanos(began)));
      play = answer;
      begun.merge(request, 1, Integer::sum);
      open.merge(request, 1, Integer::sum);
      await();
      answer.end().filter(End::abrupt).ifPresent(end -> at(end.at(), () -> ended(end.attempt())));
      answer.head().ifPresent(head -> at(head, this::head));
    }

    private void at(Duration sinceStart, Runnable sign) {
      var wait = sinceStart.minusNanos(time.nanoTime() - began);
      tasks.add(
          time.after(
              wait,
              () -> {
                if (!over) {
                  sign.run();
                }
              }));
    }

    private void await() {
      awaiting = true;
      awaited = time.nanoTime();
    }

    /** A sign, or the end of the wait for one: it must not have taken longer than it may. */
    private void heard() {
      if (awaiting) {
        var least = finishing && limits.stall().compareTo(END_MARK) < 0 ? END_MARK : limits.stall();
        var patience = headCame ? least : limits.firstByte();
        var waited = Duration.ofNanos(time.nanoTime() - awaited);
        if (waited.compareTo(patience) > 0) {
          faults.add("a sign was awaited for %s, more than %s".formatted(waited, patience));
        }
      }
      awaiting = false;
    }

    private void head() {
      heard();
      headCame = true;
      asked = true;
      await();
      signal(listener::head);
    }

    /** Signs follow one another: what a listener asks for meanwhile comes after it has returned. */
    private void signal(Runnable sign) {
      signalling = true;
      sign.run();
      signalling = false;
      deliver();
    }

    private void deliver() {
      var playing = play;
      if (over || !asked || signalling || playing == null) {
        return;
      }
      asked = false;
      if (read < playing.pieces().size()) {
        var piece = playing.pieces().get(read++);
        at(piece.at(), () -> piece(piece, playing));
      } else {
        inDueForm(playing).ifPresent(end -> at(end.at(), () -> ended(end.attempt())));
      }
    }

    private static Optional<End> inDueForm(Play play) {
      return play.end().filter(end -> !end.abrupt());
    }

    private void piece(Piece piece, Play playing) {
      heard();
      finishing |= piece.finishing();
      piece.texts().forEach(text::append);
      boolean last = read == playing.pieces().size();
      var now = Duration.ofNanos(time.nanoTime() - began);
      var end = inDueForm(playing).filter(it -> last && it.at().compareTo(now) <= 0);
      if (end.isEmpty()) {
        signal(() -> listener.read(deltas(piece.texts()), finishing));
        return;
      }
      // The last piece brought the end too, and nobody needs to ask for that.
      signalling = true;
      listener.read(deltas(piece.texts()), true);
      signalling = false;
      if (!over) {
        ended(end.get().attempt());
      }
    }

    private void ended(Attempt attempt) {
      heard();
      leave();
      listener.ended(attempt);
    }

    private void leave() {
      over = true;
      if (play != null) {
        open.merge(request, -1, Integer::sum);
      }
      tasks.forEach(task -> task.cancel(false));
    }

    @Override
    public void more() {
      if (over || asked) {
        return;
      }
      asked = true;
      await();
      deliver();
    }

    @Override
    public void close() {
      if (!over) {
        heard();
        leave();
      }
    }

    @Override
    public Attempt abandon() {
      close();
      if (!headCame) {
        return new Attempt.Unreached(Cause.SILENT);
      }
      if (!streaming) {
        return new Attempt.BrokenOff("the reply stalled");
      }
      return new Attempt.Streamed(
          finishing
              ? new Completed(text.toString(), "stop", "", Optional.empty())
              : new Cut("the reply stalled"));
    }
  }

  private static List<Delta> deltas(List<String> texts) {
    return texts.stream().map(text -> new Delta(text, "")).toList();
  }
}
