package dev.skein.functions.audit;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Runs tasks at the same time, each on a virtual thread. */
final class SideBySide {
  private static final Executor THREADS = Thread::startVirtualThread;

  private SideBySide() {}

  /**
   * Returns when all have ended.
   *
   * @throws RuntimeException what one of them threw
   */
  static void run(List<? extends Runnable> tasks) {
    if (tasks.size() == 1) {
      tasks.getFirst().run();
      return;
    }
    var running = tasks.stream().map(task -> CompletableFuture.runAsync(task, THREADS)).toList();
    try {
      CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException thrown ? thrown : e;
    }
  }
}
