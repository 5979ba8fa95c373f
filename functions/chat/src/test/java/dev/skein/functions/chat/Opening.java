package dev.skein.functions.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for the connections of a start, which on a busy machine goes on before they are open. */
final class Opening {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Opening() {}

  static void await(BooleanSupplier open) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!open.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still opening connections").isLessThan(end);
      LockSupport.parkNanos(10_000_000);
    }
  }
}
