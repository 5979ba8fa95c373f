package dev.skein.functions.audit;

import dev.skein.base.Deadline;
import dev.skein.base.Log;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores the messages of a batch side by side, and each independently of the others: whatever is
 * thrown for one is its result. It stops calling a table that fails, and ends at the deadline.
 * Thread-safe.
 *
 * @param concurrency the maximum number of messages in work
 */
record BatchWriter(AuditStore store, Log log, int concurrency) {
  /**
   * The maximum number of messages in work. More did not store more records a second, and each
   * parsed message takes memory.
   */
  static final int CONCURRENCY = 16;

  /**
   * The number of writes that must fail in a row before no more are tried. Each has been attempted
   * three times by the SDK. If the table throttles half of the writes, five in a row are rare (3
   * %); if it is down, a batch of any size costs at most 20 writes.
   */
  static final int MAX_CONSECUTIVE_FAILURES = 5;

  /** The time that writes take to end after the deadline. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final NotStored NOT_REACHED =
      new NotStored(FailureReason.OUT_OF_TIME, "not reached");

  private static final NotStored NOT_TRIED =
      new NotStored(
          FailureReason.CIRCUIT_OPEN,
          "not tried: %d writes in a row failed".formatted(MAX_CONSECUTIVE_FAILURES));

  /** A writer of {@link #CONCURRENCY} messages at a time. */
  BatchWriter(AuditStore store, Log log) {
    this(store, log, CONCURRENCY);
  }

  /**
   * Stores each message; returns the results in the order of the messages.
   *
   * @param bodies null for a message without one
   * @param deadline no write begins after it
   */
  List<StoreResult> write(List<@Nullable String> bodies, Deadline deadline) {
    var failed = prepare(deadline);
    if (failed.isPresent()) {
      return bodies.stream().<StoreResult>map(_ -> failed.get()).toList();
    }
    var batch = new Batch(bodies, deadline);
    var workers =
        Stream.generate(() -> Thread.startVirtualThread(batch))
            .limit(Math.min(concurrency, bodies.size()))
            .toList();
    // One for all: each that hangs would otherwise delay the response by the grace.
    var end = deadline.less(GRACE.negated());
    for (Thread worker : workers) {
      join(worker, end);
    }
    return batch.end();
  }

  private Optional<NotStored> prepare(Deadline deadline) {
    try {
      return deadline.hasPassed() ? Optional.of(NOT_REACHED) : store.prepare(deadline);
    } catch (Throwable e) {
      return Optional.of(bug(e));
    }
  }

  /** Errors too: what escapes fails the whole batch, each time it is delivered. */
  private NotStored bug(Throwable e) {
    log.bug("bug", e, _ -> {});
    return new NotStored(FailureReason.BUG, e.getClass().getSimpleName());
  }

  private static void join(Thread worker, Deadline end) {
    try {
      var _ = worker.join(end.remaining());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The messages that are still to be stored, and the results of the others. */
  private final class Batch implements Runnable {
    private final List<@Nullable String> bodies;
    private final Deadline deadline;
    private final AtomicReferenceArray<@Nullable StoreResult> results;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger consecutiveFailures = new AtomicInteger();

    Batch(List<@Nullable String> bodies, Deadline deadline) {
      this.bodies = bodies;
      this.deadline = deadline;
      this.results = new AtomicReferenceArray<>(bodies.size());
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < bodies.size(); i = next.getAndIncrement()) {
        results.set(i, store(bodies.get(i)));
      }
    }

    private StoreResult store(@Nullable String body) {
      if (deadline.hasPassed()) {
        return NOT_REACHED;
      }
      if (consecutiveFailures.get() >= MAX_CONSECUTIVE_FAILURES) {
        return NOT_TRIED;
      }
      try {
        var result = store.store(AuditMessage.read(body), deadline);
        boolean failed = result instanceof NotStored failure && failure.isOfTheTable();
        if (failed && deadline.hasPassed()) {
          // It had less time than it needs, which says nothing about the table.
          return NOT_REACHED;
        }
        var _ = consecutiveFailures.updateAndGet(count -> failed ? count + 1 : 0);
        return result;
      } catch (PoisonException e) {
        return new NotStored(FailureReason.POISON, e.problem());
      } catch (Throwable e) {
        return bug(e);
      }
    }

    /** The results; a message that is still in work counts as failed and is delivered again. */
    List<StoreResult> end() {
      next.set(bodies.size());
      var ended = new ArrayList<StoreResult>(bodies.size());
      IntStream.range(0, bodies.size())
          .forEach(i -> ended.add(Objects.requireNonNullElse(results.get(i), NOT_REACHED)));
      return ended;
    }
  }
}
