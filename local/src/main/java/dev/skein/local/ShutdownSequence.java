package dev.skein.local;

import dev.skein.local.console.StackConsole;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Stops what was started, in reverse order and each once. Thread-safe. */
final class ShutdownSequence {

  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  /**
   * @param done the message for the console; empty for none
   */
  private record Step(String done, Action action) {}

  private final Deque<Step> steps = new ArrayDeque<>();
  private final StackConsole console;

  ShutdownSequence(StackConsole console) {
    this.console = console;
  }

  synchronized void add(String done, Action action) {
    steps.push(new Step(done, action));
  }

  /**
   * @param silent whether only errors are shown
   */
  synchronized void run(boolean silent) {
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      long start = System.nanoTime();
      try {
        step.action().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        console.problem("Error during shutdown: " + e);
      }
      if (!silent && !step.done().isEmpty()) {
        console.step("[stop]", step.done(), Duration.ofNanos(System.nanoTime() - start));
      }
    }
  }
}
