package dev.skein.llm;

import dev.skein.llm.CallEnvironment.World;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Threads in virtual time, of which one runs at a time, in an order that depends on nothing but
 * what they do: the same seed gives the same run. A thread that waits in a mailbox gives way to
 * whatever is due first. For one owner, who advances the time.
 */
final class Simulation implements InstantSource {

  private record Task(long at, long order, Runnable run) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
  private final Instant start = Instant.parse("2026-11-23T10:00:00Z");
  private long nanos;
  private long order;
  private int alive;
  private @Nullable SimulatedThread running;
  private @Nullable Throwable thrown;

  /** A world in this time. */
  World world(RandomGenerator random) {
    return new World(this::start, this::mailbox, random, this, this::nanoTime);
  }

  long nanoTime() {
    return nanos;
  }

  @Override
  public Instant instant() {
    return start.plusNanos(nanos);
  }

  /** Threads that have not ended. */
  int alive() {
    return alive;
  }

  /** Starts a thread, which runs once the one that runs now waits. */
  void start(Runnable body) {
    alive++;
    after(Duration.ZERO, new SimulatedThread(body)::resume);
  }

  /** Runs something later, between the turns of the threads. */
  void after(Duration wait, Runnable task) {
    tasks.add(new Task(nanos + Math.max(0, wait.toNanos()), order++, task));
  }

  /** Advances the time and runs, in order, whatever becomes due. */
  void advance(Duration by) {
    long end = nanos + by.toNanos();
    for (Task next = tasks.peek(); next != null && next.at() <= end; next = tasks.peek()) {
      tasks.remove();
      nanos = next.at();
      next.run().run();
      if (thrown != null) {
        throw new AssertionError("a simulated thread has thrown", thrown);
      }
    }
    nanos = end;
  }

  <T> Mailbox<T> mailbox() {
    return new SimulatedMailbox<>();
  }

  /** A thread that runs only while the owner of the simulation waits for it. */
  private final class SimulatedThread {
    private final Semaphore turn = new Semaphore(0);
    private final Semaphore yielded = new Semaphore(0);

    private SimulatedThread(Runnable body) {
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    turn.acquireUninterruptibly();
                    try {
                      body.run();
                    } catch (Throwable e) {
                      thrown = e;
                    } finally {
                      alive--;
                      yielded.release();
                    }
                  });
    }

    private void resume() {
      running = this;
      turn.release();
      yielded.acquireUninterruptibly();
      running = null;
    }

    private void pause() {
      yielded.release();
      turn.acquireUninterruptibly();
    }
  }

  private final class SimulatedMailbox<T> implements Mailbox<T> {
    private final Queue<T> messages = new ArrayDeque<>();
    private @Nullable SimulatedThread waiting;

    /** Of the waits so far: what was due for an earlier one is void. */
    private int waits;

    @Override
    public void post(T message) {
      messages.add(message);
      wake(waits);
    }

    @Override
    public @Nullable T poll(Duration limit) {
      if (messages.isEmpty() && limit.isPositive()) {
        await(limit);
      }
      return messages.poll();
    }

    @Override
    public T take() {
      T message = poll(Duration.ofDays(1));
      if (message == null) {
        throw new AssertionError("waited for a day");
      }
      return message;
    }

    private void await(Duration limit) {
      var thread = running;
      if (thread == null) {
        throw new AssertionError("only a simulated thread can wait");
      }
      waiting = thread;
      int wait = ++waits;
      after(limit, () -> wake(wait));
      thread.pause();
    }

    private void wake(int wait) {
      var thread = waiting;
      if (thread != null && wait == waits) {
        waiting = null;
        after(Duration.ZERO, thread::resume);
      }
    }
  }
}
