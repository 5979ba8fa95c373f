package dev.skein.local.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A function's process that was sent SIGTERM. */
public final class Terminated {

  /** The time that the runtime leaves a running request after SIGTERM, before it ends it. */
  private static final Duration SHUTDOWN = Duration.ofMillis(450);

  /**
   * The runtime's thread that ends it, as far as the kernel keeps its name, while it sleeps: it has
   * seen to it that there is no next event, and waits for the request.
   */
  private static final String SHUTDOWN_THREAD = "(runtime-shutdow) S";

  private static final Duration POLL = Duration.ofMillis(1);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final ProcessHandle process;
  private final long start;

  private Terminated(ProcessHandle process, long start) {
    this.process = process;
    this.start = start;
  }

  /**
   * Sends SIGTERM, and waits until the runtime knows of it. The platform sends it only to an
   * environment that gets no further event; this process would get the next one if its request
   * ended before that.
   */
  public static Terminated signal(ProcessHandle process) {
    long start = System.nanoTime();
    process.destroy();
    while (process.isAlive()
        && !waitsForItsRequest(process.pid())
        && System.nanoTime() - start < LIMIT.toNanos()) {
      LockSupport.parkNanos(POLL.toNanos());
    }
    return new Terminated(process, start);
  }

  private static boolean waitsForItsRequest(long pid) {
    try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        if (Files.readString(thread.resolve("stat")).contains(SHUTDOWN_THREAD)) {
          return true;
        }
      }
    } catch (IOException e) {
      // The thread or the process has ended.
    }
    return false;
  }

  /**
   * Waits until it has ended, and kills it if it does not.
   *
   * @return whether that took at most the time that the platform leaves it
   */
  public boolean endsInTime() {
    // Not by onExit(), which looks at a process that is not a child only every 300 ms.
    while (process.isAlive() && System.nanoTime() - start < LIMIT.toNanos()) {
      LockSupport.parkNanos(POLL.toNanos());
    }
    if (process.isAlive()) {
      process.destroyForcibly();
      return false;
    }
    return System.nanoTime() - start <= SHUTDOWN.toNanos();
  }
}
