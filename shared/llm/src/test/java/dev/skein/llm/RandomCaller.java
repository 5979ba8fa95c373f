package dev.skein.llm;

import dev.skein.base.Deadline;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmEvent.End;
import dev.skein.llm.LlmOutcome.Completed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One call of a schedule and its caller: one that waits for the whole reply, or one that reads it
 * piece by piece, fast or slowly; either may leave. Holds the call to what the client promises.
 */
final class RandomCaller {
  private static final int SLOWEST_MILLIS = 20_000;

  /** Whatever a moment has set off is over by then. */
  private static final Duration MOMENT = Duration.ofNanos(1);

  /** What every caller of a schedule shares. */
  record Setting(
      HttpLlmClient client, SimulatedTransport transport, Simulation simulation, Random random) {}

  private final LlmRequest request;
  private final Setting setting;
  private final StringBuilder text = new StringBuilder();
  private final List<String> faults = new ArrayList<>();
  private final Deadline deadline;
  private final CompletableFuture<LlmResult> whole;
  private final @Nullable LlmStream stream;
  private boolean reading;
  private int begunAtFirstDelta;
  private boolean left;
  private int ends;

  private RandomCaller(LlmRequest request, Duration timeout, Setting setting) {
    this.request = request;
    this.setting = setting;
    this.deadline = Deadline.in(timeout, setting.simulation()::nanoTime);
    boolean reads = setting.random().nextBoolean();
    this.stream = reads ? setting.client().stream(request, deadline) : null;
    this.whole = reads ? new CompletableFuture<>() : setting.client().complete(request, deadline);
  }

  /** Makes the call. */
  static RandomCaller begin(LlmRequest request, Duration timeout, Setting setting) {
    var caller = new RandomCaller(request, timeout, setting);
    var simulation = setting.simulation();
    simulation.after(timeout.plus(MOMENT), caller::afterDeadline);
    if (caller.oneIn(4)) {
      var leaves = timeout.multipliedBy(setting.random().nextInt(110)).dividedBy(100);
      simulation.after(leaves, caller::leave);
    }
    caller.listen();
    return caller;
  }

  private boolean oneIn(int n) {
    return setting.random().nextInt(n) == 0;
  }

  private void listen() {
    if (stream == null) {
      var _ =
          whole.whenComplete(
              (result, bug) -> {
                if (bug == null) {
                  ended(result);
                } else {
                  check(left, "the call failed: " + bug);
                }
              });
    } else if (!oneIn(8)) {
      boolean slow = oneIn(3);
      setting.simulation().start(() -> read(stream, slow));
    }
  }

  private void read(LlmStream events, boolean slow) {
    while (true) {
      boolean inTime = !deadline.hasPassed();
      reading = true;
      LlmEvent event = events.next();
      reading = false;
      check(!inTime || !deadline.remaining().isNegative(), "an event after the deadline");
      switch (event) {
        case Delta delta -> delta(delta);
        case End(LlmResult result) -> {
          ended(result);
          return;
        }
      }
      if (slow && oneIn(8)) {
        return;
      }
      if (slow) {
        var pause = Duration.ofMillis(setting.random().nextInt(SLOWEST_MILLIS));
        var _ = setting.simulation().mailbox().poll(pause);
      }
    }
  }

  private void delta(Delta delta) {
    check(ends == 0, "a delta after the end");
    check(!delta.text().isEmpty(), "an empty delta");
    if (text.isEmpty()) {
      begunAtFirstDelta = setting.transport().begun(request);
    }
    text.append(delta.text());
  }

  private void ended(LlmResult result) {
    int begun = setting.transport().begun(request);
    ends++;
    check(ends == 1, "a second end");
    check(setting.transport().open(request) == 0, "the call has ended, but not its exchange");
    check(
        result.attempts().size() == begun,
        "%d attempts are reported, and %d were made".formatted(result.attempts().size(), begun));
    if (stream == null) {
      check(!deadline.remaining().isNegative(), "an end after the deadline");
    } else if (result.outcome() instanceof Completed completed) {
      check(
          completed.text().contentEquals(text),
          "read '%s', but the text is '%s'".formatted(text, completed.text()));
    }
    check(
        text.isEmpty() || begun == begunAtFirstDelta, "the call was retried after its first delta");
  }

  private void afterDeadline() {
    check(setting.transport().open(request) == 0, "an exchange is open after the deadline");
    check(stream != null || whole.isDone(), "no end at the deadline");
    check(!reading, "a reader waits after the deadline");
  }

  private void leave() {
    left = true;
    if (stream == null) {
      whole.cancel(true);
    } else {
      stream.close();
    }
    check(setting.transport().open(request) == 0, "the caller has left, but not its exchange");
    setting.simulation().after(MOMENT, () -> check(!reading, "a reader that has left waits"));
  }

  private void check(boolean promise, String otherwise) {
    if (!promise) {
      faults.add(request.fields().at("/messages/0/content").textValue() + ": " + otherwise);
    }
  }

  /** Reads what is left to read, long after the deadline, and returns what went wrong. */
  List<String> faults() {
    if (stream == null) {
      check(whole.isDone() && (left || ends == 1), "no end ever");
      return faults;
    }
    int begun = setting.transport().begun(request);
    if (ends == 0) {
      read(stream, false);
    }
    check(setting.transport().begun(request) == begun, "a late reader began an exchange");
    check(stream.next() instanceof End, "the end is not the last event");
    return faults;
  }
}
