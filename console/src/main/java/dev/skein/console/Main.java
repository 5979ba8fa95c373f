package dev.skein.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/**
 * {@code Main --url=URL [--port=PORT] [--failure=FILE]} runs the console of a deployed stack until
 * Ctrl-C, or until the parent process (Maven, a shell) ends: nobody would then know that it still
 * signs requests. If it cannot start, the reason is written to the file (default: the terminal).
 */
public final class Main {

  /** The exit code of a console that could not start, as that of the local stack. */
  private static final int CANNOT_START = 78;

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException, IOException {
    Optional<Path> failure = ConsoleSettings.failure(arguments);
    if (failure.isPresent()) {
      Files.deleteIfExists(failure.get());
    }
    try (DefaultCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
        ConsoleServer server =
            ConsoleServer.start(
                arguments, System.getenv(), credentials, line -> System.out.println(line))) {
      System.out.println(
          """

          The console is at %s
          Whoever has this URL can read the audit trail with your AWS credentials while this runs.
          Press Ctrl-C to stop.
          """
              .formatted(server.page()));
      CountDownLatch stop = new CountDownLatch(1);
      ProcessHandle.current()
          .parent()
          .ifPresent(
              parent -> {
                var _ = parent.onExit().thenRun(stop::countDown);
              });
      stop.await();
    } catch (IllegalArgumentException | IOException e) {
      report("The console did not start. " + e.getMessage(), failure);
      System.exit(CANNOT_START);
    }
  }

  /** Maven prints the file after everything else, so that the reason is the last line. */
  private static void report(String reason, Optional<Path> failure) throws IOException {
    if (failure.isPresent()) {
      Files.writeString(failure.get(), reason);
    } else {
      System.err.println(reason);
    }
  }
}
