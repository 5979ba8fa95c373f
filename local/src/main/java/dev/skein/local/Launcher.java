package dev.skein.local;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.TemplateException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Runs one stack as a person's process: tells what it does, and stops with the terminal. */
final class Launcher {

  /** Bytes of a request that take longer are of a caller that is gone or means no good. */
  private static final int REQUEST_SECONDS = 60;

  private final Path root;
  private final Map<String, String> environment;
  private final StackConsole console;
  private final CountDownLatch stop = new CountDownLatch(1);

  /**
   * @param root the project's folder
   */
  Launcher(Path root, Map<String, String> environment, StackConsole console) {
    this.root = root;
    this.environment = environment;
    this.console = console;
  }

  /**
   * Runs until a signal, or until the parent process (Maven, a shell) ends.
   *
   * @return the exit code
   */
  int run() throws InterruptedException {
    // The JDK's server reads these once; it has no settings in its API.
    System.setProperty("sun.net.httpserver.maxReqTime", Integer.toString(REQUEST_SECONDS));
    // Else each piece of a streamed reply waits 40 ms for the one before to be acknowledged.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    long start = System.nanoTime();
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      LocalSettings settings = LocalSettings.from(environment);
      console.headline("Skein on this machine: the functions of template.yaml and what they need.");
      try (LocalStack stack =
          LocalStack.start(settings, root.resolve("template.yaml"), environment, console)) {
        stopWhenAsked(stopped);
        welcome(stack, settings, Duration.ofNanos(System.nanoTime() - start));
        stop.await();
      }
      return 0;
    } catch (StartupException | TemplateException e) {
      console.problem(String.valueOf(e.getMessage()));
      return 1;
    } finally {
      stopped.countDown();
    }
  }

  /** The signal's own thread waits: the JVM goes when it returns. */
  private void stopWhenAsked(CountDownLatch stopped) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (stop.getCount() > 0) {
                    console.headline("Stopping: requests and queues first.");
                  }
                  stop.countDown();
                  try {
                    stopped.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    ProcessHandle.current()
        .parent()
        .ifPresent(
            parent -> {
              var _ =
                  parent
                      .onExit()
                      .thenRun(
                          () -> {
                            console.headline("The parent process has ended: stopping.");
                            stop.countDown();
                          });
            });
  }

  private void welcome(LocalStack stack, LocalSettings settings, Duration took) {
    console.say("");
    console.headline("Ready after %.1f s. Try:".formatted(took.toMillis() / 1e3));
    SampleEvents samples = SampleEvents.read(root.resolve("events"));
    for (Deployment.Function function : stack.deployment().functions()) {
      for (Deployment.Route route : function.routes()) {
        console.say("  " + samples.curl(route, stack.api()));
      }
    }
    console.say("");
    console.say(stack.model());
    console.say(
        settings
            .dataFolder()
            .map(folder -> "Messages and records are kept in " + folder + ".")
            .orElse(
                "Messages and records are in memory and end with this run; DATA_DIR=folder keeps"
                    + " them."));
    console.say(
        "API keys and IAM signatures are not checked here: every caller is called `local`.");
    console.say("Ctrl-C stops everything.");
    console.say("");
  }
}
