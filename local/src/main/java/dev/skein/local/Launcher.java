package dev.skein.local;

import static java.util.Locale.ROOT;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.TemplateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** Runs one stack in the foreground until Ctrl-C, a signal or the end of the parent process. */
final class Launcher {

  /** The exit code of a stack that could not start, as in {@code sysexits.h}. */
  static final int CANNOT_START = 78;

  private final Path root;
  private final Optional<Path> failure;
  private final Map<String, String> environment;
  private final StackConsole console;
  private final CountDownLatch stop = new CountDownLatch(1);

  /**
   * @param root the project's folder
   * @param failure the file for the reason why the stack cannot start; empty for the console
   */
  Launcher(
      Path root, Optional<Path> failure, Map<String, String> environment, StackConsole console) {
    this.root = root;
    this.failure = failure;
    this.environment = environment;
    this.console = console;
  }

  /**
   * Runs until a signal arrives or the parent process (Maven, a shell) ends.
   *
   * @return the exit code
   */
  int run() throws InterruptedException {
    try {
      deleteFailure();
      runUntilStopped();
      return 0;
    } catch (StartupException | TemplateException e) {
      report(String.valueOf(e.getMessage()));
      return CANNOT_START;
    }
  }

  private void runUntilStopped() throws InterruptedException {
    long start = System.nanoTime();
    CountDownLatch stopped = new CountDownLatch(1);
    try {
      LocalSettings settings = LocalSettings.from(environment);
      StackConsole console = this.console.withFunctionLogs(settings.functionLogs());
      console.headline("Starting Skein locally from " + settings.template() + ".");
      try (LocalStack stack =
          LocalStack.start(settings, root.resolve(settings.template()), environment, console)) {
        CompletableFuture<Optional<String>> modelCheck = stack.checkModel();
        stack.initializeFunctions();
        stopOnSignal(stopped);
        Optional<String> warning = modelCheck.join();
        welcome(stack, settings, Duration.ofNanos(System.nanoTime() - start));
        warning.ifPresent(console::problem);
        stop.await();
      } finally {
        // Another stack in this folder may have left its reason meanwhile.
        deleteFailure();
      }
    } finally {
      stopped.countDown();
    }
  }

  /** Maven prints the file after everything else, so that the reason is the last line. */
  private void report(String reason) {
    if (failure.isEmpty()) {
      console.problem(reason);
      return;
    }
    try {
      Files.writeString(failure.get(), "Skein did not start. " + reason);
    } catch (IOException e) {
      console.problem(reason);
      throw new UncheckedIOException(e);
    }
  }

  private void deleteFailure() {
    try {
      if (failure.isPresent()) {
        Files.deleteIfExists(failure.get());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JVM exits when the shutdown hook returns, so the hook waits. */
  private void stopOnSignal(CountDownLatch stopped) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (stop.getCount() > 0) {
                    console.headline("Stopping: finishing requests and draining queues.");
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
                            console.headline("The parent process ended: stopping.");
                            stop.countDown();
                          });
            });
  }

  /** Who can call what. */
  private static List<String> callers(LocalStack stack, LocalSettings settings) {
    List<String> lines = new ArrayList<>();
    boolean keys = !settings.apiKeys().entries().isEmpty();
    boolean signatures = !settings.iamAccessKeys().entries().isEmpty();
    if (!keys && !signatures) {
      lines.add("API keys and IAM signatures are not checked: every caller is `local`.");
    } else {
      lines.add(
          keys
              ? "Callers need an API key: `Authorization: Bearer KEY`. There are keys for %s. %s"
                  .formatted(settings.apiKeys(), limits(stack.deployment().limits()))
              : "API keys are not checked.");
      lines.add(
          signatures
              ? "Requests to /audit must be signed with %s.".formatted(settings.iamAccessKeys())
              : "IAM signatures are not checked: callers of /audit are `local`.");
    }
    stack
        .bridge()
        .ifPresent(
            address ->
                lines.add(
                    "SQS, DynamoDB and the offline model also listen on %s, Docker's bridge: every container on this machine can use them."
                        .formatted(address)));
    return lines;
  }

  private static String limits(ApiLimits limits) {
    String throttle =
        limits
            .throttle()
            .map(
                it -> "%s requests per second, %d at once".formatted(number(it.rate()), it.burst()))
            .orElse("any number of requests per second");
    String quota =
        limits
            .quota()
            .map(it -> "%d per %s".formatted(it.limit(), it.period().toString().toLowerCase(ROOT)))
            .orElse("no quota");
    return "Each has the limits of the template's usage plan: %s, %s.".formatted(throttle, quota);
  }

  private static String number(double rate) {
    return rate == Math.rint(rate) ? Long.toString((long) rate) : Double.toString(rate);
  }

  private void welcome(LocalStack stack, LocalSettings settings, Duration took) {
    console.say("");
    console.headline(
        String.format(
            ROOT,
            "Ready in %.1f s. Open %s/ for the console, or paste:",
            took.toMillis() / 1e3,
            stack.api()));
    boolean keys = !settings.apiKeys().entries().isEmpty();
    boolean signatures = !settings.iamAccessKeys().entries().isEmpty();
    SampleCommands.of(stack.api(), keys, signatures)
        .forEach(command -> console.say("  " + command));
    console.say("The audit record of a call appears a second or two after its reply.");
    console.say("");
    console.say(stack.model());
    console.say(
        settings
            .dataFolder()
            .map(folder -> "Messages and audit records are stored in " + folder + ".")
            .orElse(
                "Messages and audit records are kept in memory only. Set DATA_DIR to a folder to"
                    + " keep them."));
    callers(stack, settings).forEach(console::say);
    console.say("Press Ctrl-C to stop.");
    console.say("");
  }
}
