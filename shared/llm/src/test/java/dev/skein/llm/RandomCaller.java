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
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One call of a schedule and its caller: one who waits for all of it, or one who reads it piece by
 * piece, at once or slowly; either may leave. Holds the call to what the client promises.
 */
final class RandomCaller {
  private static final int SLOWEST_MILLIS = 20_000;

  private final LlmRequest request;
  private final SimulatedTransport transport;
  private final ManualTime time;
  private final Random random;
  private final boolean slow;
  private final StringBuilder read = new StringBuilder();
  private final List<String> faults = new ArrayList<>();
  private final Deadline deadline;
  private final CompletableFuture<LlmResult> whole;
  private final @Nullable LlmStream stream;
  private @Nullable CompletableFuture<LlmEvent> asked;
  private int begunAtFirstDelta;
  private boolean left;
  private int ends;

  private RandomCaller(
      LlmRequest request,
      HttpLlmClient client,
      Duration patience,
      SimulatedTransport transport,
      ManualTime time,
      Random random) {
    this.request = request;
    this.transport = transport;
    this.time = time;
    this.random = random;
    this.slow = random.nextInt(3) == 0;
    this.deadline = Deadline.in(patience, time::nanoTime);
    boolean reads = random.nextBoolean();
    this.stream = reads ? client.stream(request, deadline) : null;
    this.whole = reads ? new CompletableFuture<>() : client.complete(request, deadline);
  }

  /** Makes the call. */
  static RandomCaller begin(
      LlmRequest request,
      HttpLlmClient client,
      Duration patience,
      SimulatedTransport transport,
      ManualTime time,
      Random random) {
    var caller = new RandomCaller(request, client, patience, transport, time, random);
    // The call's own task for this moment was there first.
    var _ = time.after(patience, caller::atDeadline);
    if (random.nextInt(4) == 0) {
      var _ = time.after(patience.multipliedBy(random.nextInt(110)).dividedBy(100), caller::leave);
    }
    caller.listen();
    return caller;
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
    } else if (random.nextInt(8) > 0) {
      pull(stream);
    }
  }

  private void pull(LlmStream events) {
    boolean inTime = !deadline.hasPassed();
    var next = events.next();
    asked = next;
    var _ =
        next.whenComplete(
            (event, bug) -> {
              asked = null;
              check(!inTime || !deadline.remaining().isNegative(), "an event after the deadline");
              switch (event) {
                case Delta(String text, String _) -> delta(text, events);
                case End(LlmResult result) -> ended(result);
                case null -> check(false, "the stream failed: " + bug);
              }
            });
  }

  private void delta(String text, LlmStream events) {
    check(ends == 0, "a delta after the end");
    check(!text.isEmpty(), "an empty delta");
    if (read.isEmpty()) {
      begunAtFirstDelta = transport.begun(request);
    }
    read.append(text);
    if (!slow) {
      pull(events);
    } else if (random.nextInt(8) > 0) {
      var _ =
          time.after(
              Duration.ofMillis(random.nextInt(SLOWEST_MILLIS)),
              () -> {
                if (asked == null && ends == 0) {
                  pull(events);
                }
              });
    }
  }

  private void ended(LlmResult result) {
    ends++;
    check(ends == 1, "a second end");
    check(transport.open(request) == 0, "the call has ended, but not its exchange");
    check(
        result.attempts() == transport.begun(request),
        "%d attempts are told of, and %d were made"
            .formatted(result.attempts(), transport.begun(request)));
    if (stream == null) {
      check(!deadline.remaining().isNegative(), "an end after the deadline");
    } else if (result.outcome() instanceof Completed completed) {
      check(
          completed.text().contentEquals(read),
          "read '%s', but the text is '%s'".formatted(read, completed.text()));
    }
    check(
        read.isEmpty() || transport.begun(request) == begunAtFirstDelta,
        "the call was repeated after its first delta");
  }

  private void atDeadline() {
    check(transport.open(request) == 0, "something is on the wire at the deadline");
    check(stream != null || whole.isDone(), "no end at the deadline");
    check(asked == null, "a reader waits on after the deadline");
  }

  private void leave() {
    left = true;
    if (stream == null) {
      whole.cancel(true);
    } else {
      stream.close();
    }
    check(transport.open(request) == 0, "the caller has left, but not its exchange");
    check(asked == null, "a reader who has left waits on");
  }

  private void check(boolean promise, String otherwise) {
    if (!promise) {
      faults.add(request.fields().at("/messages/0/content").textValue() + ": " + otherwise);
    }
  }

  /** Reads what is still to be read, long after the deadline, and tells what went wrong. */
  List<String> faults() {
    if (stream != null) {
      int begun = transport.begun(request);
      while (ends == 0 && faults.isEmpty()) {
        pull(stream);
        check(asked == null, "no end ever");
      }
      check(transport.begun(request) == begun, "a late reader began an exchange");
      check(sameEndAgain(stream), "the end is not the last event");
    } else {
      check(whole.isDone() && (left || ends == 1), "no end ever");
    }
    return faults;
  }

  private static boolean sameEndAgain(LlmStream stream) {
    try {
      return stream.next().getNow(null) instanceof End;
    } catch (CompletionException e) {
      return false;
    }
  }
}
