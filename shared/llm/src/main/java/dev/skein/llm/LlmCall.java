package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.Attempt.Cause;
import dev.skein.llm.InFlightLimit.Place;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmOutcome.Reason;
import dev.skein.llm.LlmOutcome.Refused;
import dev.skein.llm.LlmOutcome.Rejected;
import dev.skein.llm.LlmRequest.Answer;
import dev.skein.llm.LlmResult.Tried;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One call, from its place among the calls in flight to its one end. Its steps follow each other:
 * an exchange, perhaps a pause, the next exchange. The deadline and the caller may end it at any
 * moment; whoever takes the exchange off {@link #wire} tells what became of it, and {@link #over}
 * decides whose end it is.
 */
final class LlmCall implements LlmStream {
  /** How long a stream that lacks only its end mark may still take. */
  private static final Duration END_MARK = Duration.ofSeconds(1);

  /** What a caller is told to wait who finds every place taken. */
  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final LlmRequest request;
  private final boolean streaming;
  private final boolean releasing;
  private final Deadline deadline;
  private final CallEnvironment environment;

  /** Only the step that is under way touches it. */
  private final Course course;

  private final EventQueue events = new EventQueue(this::readOn);
  private final List<Tried> tried = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable Exchange> wire = new AtomicReference<>();
  private final AtomicBoolean over = new AtomicBoolean();

  private volatile Optional<Place> place = Optional.empty();
  private volatile @Nullable Future<?> end;
  private volatile @Nullable Future<?> pause;
  private volatile boolean admitted;
  private volatile boolean released;

  /**
   * A call that has not begun.
   *
   * @param streaming whether the provider is asked for a stream
   * @param releasing whether text is handed on as it comes, and not only with the end
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
    this.course = new Course(environment, deadline);
  }

  LlmCall start() {
    if (deadline.hasPassed()) {
      finish(new LlmOutcome.TimedOut());
      return this;
    }
    end = environment.world().timer().after(deadline.remaining(), this::deadlinePassed);
    var entered = environment.inFlight().enter(this::admitted);
    place = entered;
    if (entered.isEmpty()) {
      finish(new LlmOutcome.Overloaded(COME_BACK));
    } else if (over.get()) {
      entered.get().leave();
    }
    stopIfEnded();
    return this;
  }

  @Override
  public CompletableFuture<LlmEvent> next() {
    return events.next();
  }

  @Override
  public void close() {
    takeOffTheWire(new LlmOutcome.Abandoned());
    finish(new LlmOutcome.Abandoned());
  }

  private void deadlinePassed() {
    var exchange = wire.get();
    if (exchange != null) {
      exchange.learnOfItsSilence();
    }
    takeOffTheWire(new LlmOutcome.TimedOut());
    finish(admitted ? new LlmOutcome.TimedOut() : new LlmOutcome.Overloaded(COME_BACK));
  }

  private void takeOffTheWire(LlmOutcome outcome) {
    var exchange = wire.getAndSet(null);
    if (exchange != null) {
      tried.add(new Tried(exchange.endpoint.modelFor(request), outcome));
      exchange.leave();
    }
  }

  private void admitted() {
    admitted = true;
    environment.budget().earn();
    step(() -> goOn(new LlmOutcome.Unavailable(Optional.of(course.untilProbe()))));
  }

  /** Runs a step on whichever thread it falls to; a fault in it has nobody else to hear of it. */
  private void step(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException bug) {
      finish(CompletableFuture.failedFuture(bug));
    }
  }

  /** Goes on to the next endpoint; when there is none, this is how the call ends. */
  private void goOn(LlmOutcome otherwise) {
    if (course.advance()) {
      attempt();
    } else {
      finish(otherwise);
    }
  }

  private void attempt() {
    if (deadline.hasPassed()) {
      deadlinePassed();
    } else if (!over.get()) {
      new Exchange(course.endpoint()).begin();
    }
  }

  private void next(Exchange exchange, Attempt attempt) {
    Instant now = environment.world().clock().instant();
    LlmOutcome outcome = OpenAiReply.outcome(attempt, request.answer(), now);
    tried.add(new Tried(exchange.endpoint.modelFor(request), outcome));
    exchange.endpoint.learn(attempt, exchange.reused, exchange.lasted());
    if (released || outcome instanceof Completed || outcome instanceof Refused) {
      release(attempt, outcome);
      finish(outcome);
      return;
    }
    var wait = course.waitBeforeRetry(attempt, exchange.reused, now);
    if (wait.isPresent()) {
      pause = environment.world().timer().after(wait.get(), () -> step(this::attempt));
      stopIfEnded();
    } else if (isTheCallers(outcome)) {
      finish(outcome);
    } else {
      goOn(outcome);
    }
  }

  /** A mistake that every endpoint would find. */
  private static boolean isTheCallers(LlmOutcome outcome) {
    return outcome instanceof Rejected rejected && rejected.reason() == Reason.REQUEST;
  }

  /** A reader of a stream whose provider answered whole gets its answer in one piece. */
  private void release(Attempt attempt, LlmOutcome outcome) {
    if (releasing
        && attempt instanceof Attempt.Answered
        && outcome instanceof Completed completed
        && (!completed.text().isEmpty() || completed.body().isPresent())) {
      String chunk = completed.body().map(OpenAiReply::asChunk).orElse("");
      events.add(List.of(new Delta(completed.text(), chunk)));
    }
  }

  private void finish(LlmOutcome outcome) {
    finish(CompletableFuture.completedFuture(new End(new LlmResult(outcome, tried))));
  }

  private void finish(CompletableFuture<LlmEvent> last) {
    if (over.compareAndSet(false, true)) {
      stop();
      events.end(last);
      place.ifPresent(Place::leave);
    }
  }

  /** The call may have ended while a step began: then nobody else stops that one. */
  private void stopIfEnded() {
    if (over.get()) {
      stop();
    }
  }

  private void stop() {
    cancel(end);
    cancel(pause);
    var exchange = wire.getAndSet(null);
    if (exchange != null) {
      exchange.leave();
    }
  }

  private static void cancel(@Nullable Future<?> task) {
    if (task != null) {
      task.cancel(false);
    }
  }

  private void readOn() {
    var exchange = wire.get();
    if (exchange != null) {
      exchange.readOn();
    }
  }

  /** One exchange, and how long its next sign may take. */
  private final class Exchange implements Transport.Listener {
    private final Endpoint endpoint;
    private final boolean reused;
    private final long began = environment.world().nanoTime().getAsLong();
    private final Watch watch =
        new Watch(
            environment.world().timer(), environment.world().nanoTime(), () -> step(this::late));
    private final Transport.Exchange sent;
    private volatile boolean answering;
    private volatile Duration patience = environment.limits().stall();

    private Exchange(Endpoint endpoint) {
      this.endpoint = endpoint;
      this.reused = endpoint.takeConnection();
      this.sent = environment.transport().prepare(endpoint, request, streaming, this);
    }

    private void begin() {
      wire.set(this);
      // The head of a whole reply that may be anything comes when it is finished, and that may
      // take the model minutes.
      boolean begins = streaming || request.answer() == Answer.TEXT;
      watch.arm(begins ? course.silenceAllowed() : course.share());
      sent.start();
      stopIfEnded();
    }

    private Duration lasted() {
      return Duration.ofNanos(environment.world().nanoTime().getAsLong() - began);
    }

    private void learnOfItsSilence() {
      if (!answering) {
        endpoint.learn(new Attempt.Unreached(Cause.SILENT), reused, lasted());
      }
    }

    private void leave() {
      watch.stop();
      sent.close();
    }

    private void late() {
      if (wire.compareAndSet(this, null)) {
        LlmCall.this.next(this, sent.abandon());
      }
    }

    @Override
    public void head() {
      answering = true;
      watch.arm(patience);
    }

    @Override
    public void read(List<Delta> pieces, boolean finishing) {
      if (finishing) {
        patience = END_MARK;
      }
      boolean wanted = releasing && !pieces.isEmpty() && wire.get() == this;
      if (wanted) {
        released = true;
        // A reader who has taken all arms it again, perhaps before this method returns.
        watch.rest();
        events.add(pieces);
      } else {
        readOn();
      }
    }

    private void readOn() {
      watch.arm(patience);
      sent.more();
    }

    @Override
    public void ended(Attempt attempt) {
      watch.stop();
      if (wire.compareAndSet(this, null)) {
        step(() -> LlmCall.this.next(this, attempt));
      }
    }
  }
}
