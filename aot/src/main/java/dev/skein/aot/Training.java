package dev.skein.aot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A run of a function in which it handles sample events and then ends on SIGTERM; its JVM writes
 * the AOT cache when it exits.
 */
final class Training {

  /** More rounds make no larger cache: what matters are the classes that were used. */
  private static final int ROUNDS = 2;

  private Training() {}

  /**
   * Hands out every event; those of other functions' routes are answered with 404.
   *
   * @param folder of the function, in which the cache is written
   * @throws AotBuildException if an event fails, none succeeds or none is audited, or the JVM
   *     writes no cache
   */
  static void run(AotFunction function, Path folder, TrainingServers servers, List<byte[]> events)
      throws IOException, InterruptedException {
    // Without the record of which methods were hot: with it (JEP 515) each start compiles them at
    // once, on the two cores that it needs for itself.
    String output =
        "-XX:AOTCacheOutput="
            + TaskFolder.CACHE
            + " -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining";
    try (var process =
        new FunctionProcess(function, folder, List.of("bootstrap"), servers, output)) {
      int messages = servers.messages();
      boolean succeeded = false;
      for (int round = 0; round < ROUNDS; round++) {
        for (byte[] event : events) {
          int status = process.invoke(event);
          succeeded |= status == 200;
          if (status >= 500) {
            throw process.failure("an event was answered with " + status);
          }
        }
      }
      process.stop();
      if (!succeeded || servers.messages() == messages) {
        throw process.failure("no event was answered with 200, or none was audited");
      }
      if (!Files.exists(folder.resolve(TaskFolder.CACHE))) {
        throw process.failure("the JVM wrote no AOT cache");
      }
    }
  }
}
