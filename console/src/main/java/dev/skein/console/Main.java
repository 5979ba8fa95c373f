package dev.skein.console;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/**
 * {@code Main --url=URL [--port=PORT]} runs the console of a deployed stack until Ctrl-C, or until
 * the parent process (Maven, a shell) ends: nobody would then know that it still signs requests.
 */
public final class Main {

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
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
      System.err.println("The console did not start. " + e.getMessage());
      System.exit(1);
    }
  }
}
