package dev.skein.local;

import dev.skein.local.console.StackConsole;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/** What has to be undone at the end, in the reverse order of the start; each once. Thread-safe. */
final class ShutdownSequence {

  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  /**
   * @param done what a person is told afterwards; empty: nothing
   */
  private record Stop(String done, Action action) {}

  private final Deque<Stop> stops = new ArrayDeque<>();
  private final StackConsole console;

  ShutdownSequence(StackConsole console) {
    this.console = console;
  }

  synchronized void add(String done, Action action) {
    stops.push(new Stop(done, action));
  }

  void run() {
    run(true);
  }

  /** After a start that failed: the person is told of that alone. */
  void runQuietly() {
    run(false);
  }

  private synchronized void run(boolean aloud) {
    while (!stops.isEmpty()) {
      Stop stop = stops.pop();
      long start = System.nanoTime();
      try {
        stop.action().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        console.problem("This could not be stopped in order: " + e);
      }
      if (aloud && !stop.done().isEmpty()) {
        console.step("[stop]", stop.done(), Duration.ofNanos(System.nanoTime() - start));
      }
    }
  }

  /** Closes all at the same time. */
  static void together(Collection<? extends AutoCloseable> all) throws InterruptedException {
    List<Thread> threads =
        all.stream().map(one -> Thread.ofVirtual().start(() -> close(one))).toList();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
