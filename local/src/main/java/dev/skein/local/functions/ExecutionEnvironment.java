package dev.skein.local.functions;

import dev.skein.local.console.StackConsole;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.services.Arns;
import dev.skein.local.template.Deployment;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import dev.skein.runtimeapi.TraceId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One execution environment: a child JVM under the official runtime interface client, started as
 * the managed runtime starts it, or what the zip's own bootstrap starts. It serves one event at a
 * time, so one thread at a time may use it.
 */
final class ExecutionEnvironment {

  /**
   * How to start an environment of a function.
   *
   * @param runtime the folder of the runtime interface client's jars
   * @param root the unpacked zip
   * @param program the zip's bootstrap, or the wrapper that gets the managed runtime's start
   *     command, if there is one
   * @param variables without those that differ between environments
   * @param initLimit how long the process may take until it asks for its first event, beside the
   *     function's Timeout
   */
  record Plan(
      Deployment.Function function,
      Path runtime,
      Path root,
      Optional<Path> program,
      Map<String, String> variables,
      Duration initLimit) {}

  private static final String NATIVE_CODE =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  /** How long after its connection broke the exit of a process is known here. */
  private static final Duration EXIT_NOTICE = Duration.ofSeconds(1);

  private final Plan plan;
  private final StackConsole console;
  private final RuntimeApi api;
  private final Process process;
  private final CompletableFuture<InvocationResult> initError;
  private final CompletableFuture<InvocationResult> ended = new CompletableFuture<>();

  /** The end of the current streamed response, or of the last one. */
  private volatile CompletableFuture<Optional<InvocationResult>> streamEnd =
      CompletableFuture.completedFuture(Optional.empty());

  /** As a {@link System#nanoTime}. */
  private long deadline;

  private ExecutionEnvironment(Plan plan, StackConsole console, RuntimeApi api, Process process) {
    this.plan = plan;
    this.console = console;
    this.api = api;
    this.process = process;
    this.initError =
        api.initError()
            .thenApply(
                e ->
                    new InvocationResult.Ended(
                        "its initialization failed: " + e.type() + ": " + e.message()));
  }

  /** Starts the process; its first event waits until it is initialized. */
  static ExecutionEnvironment start(Plan plan, ChildProcesses children, StackConsole console) {
    try {
      Deployment.Function function = plan.function();
      RuntimeApi api = RuntimeApi.open(Arns.function(function.name()), function.timeout());
      Map<String, String> variables = new HashMap<>(plan.variables());
      variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
      variables.put("LAMBDA_TASK_ROOT", plan.root().toString());
      variables.put("LAMBDA_RUNTIME_DIR", plan.runtime().toString());
      Process process =
          children.start(command(plan), variables, plan.root(), ProcessBuilder.Redirect.PIPE);
      ExecutionEnvironment environment = new ExecutionEnvironment(plan, console, api, process);
      environment.watch();
      return environment;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    // The process has ended a moment before the callback runs.
    return process.isAlive() && !ended.isDone();
  }

  /** Completes when the process has ended, with the result of an event that it was running. */
  CompletableFuture<InvocationResult> ended() {
    return ended;
  }

  /**
   * Invokes the function and waits for the result, at most its Timeout. A streamed response has to
   * be followed by {@link #awaitStreamed}.
   */
  InvocationResult invoke(byte[] payload, Optional<String> trace) throws InterruptedException {
    // The cloud repeats a slow initialization within the Timeout; one long wait is equivalent.
    Duration start = plan.initLimit().plus(plan.function().timeout());
    return switch (first(api.asked(), start)) {
      case RuntimeApi.PendingInvocation turn -> run(turn, payload, trace);
      case InvocationResult result -> kill(result);
      default -> {
        String why = "it was not initialized within %d s".formatted(start.toSeconds());
        yield kill(new InvocationResult.Ended(why));
      }
    };
  }

  /**
   * Waits for the end of a streamed response, at most for the rest of the function's Timeout.
   *
   * @return what broke it; empty if it is complete
   */
  Optional<InvocationResult> awaitStreamed(InvocationResult.Streamed stream)
      throws InterruptedException {
    return switch (first(streamEnd, left())) {
      // The process ended, which is known only a moment later.
      case Optional<?> end
          when isTruncated(end) && first(ended, EXIT_NOTICE) instanceof InvocationResult o ->
          Optional.of(o);
      case Optional<?> _ -> streamEnd.join();
      case InvocationResult gone -> drained(stream, gone);
      default -> Optional.of(kill(new InvocationResult.TimedOut(plan.function().timeout())));
    };
  }

  /**
   * Waits until the function is initialized, at most as long as the cloud does.
   *
   * @return why it never will be; empty if it is, or still may be
   */
  Optional<InvocationResult> awaitInitialized() throws InterruptedException {
    Object result = first(api.asked(), plan.initLimit());
    return result instanceof InvocationResult failure ? Optional.of(failure) : Optional.empty();
  }

  /**
   * Waits until the function asks for its next event: work after the response counts against the
   * Timeout, too.
   *
   * @return why it never will; empty if it did
   */
  Optional<InvocationResult> awaitReady() throws InterruptedException {
    Object ready = first(api.asked(), plan.function().timeout());
    return switch (ready) {
      case RuntimeApi.PendingInvocation _ -> Optional.empty();
      case InvocationResult result -> Optional.of(result);
      default -> Optional.of(kill(new InvocationResult.TimedOut(plan.function().timeout())));
    };
  }

  /** Sends SIGTERM, so that shutdown hooks run, and SIGKILL after {@code grace}. */
  void stop(Duration grace) throws InterruptedException {
    ChildProcesses.stop(process, grace);
    api.close();
  }

  private InvocationResult run(
      RuntimeApi.PendingInvocation turn, byte[] payload, Optional<String> trace)
      throws InterruptedException {
    Duration timeout = plan.function().timeout();
    deadline = System.nanoTime() + timeout.toNanos();
    turn.give(payload, trace.orElseGet(TraceId::next));
    return switch (first(turn.result(), timeout)) {
      case PostedResult posted -> result(posted);
      case InvocationResult result -> result;
      default -> kill(new InvocationResult.TimedOut(timeout));
    };
  }

  private InvocationResult result(PostedResult posted) {
    return switch (posted) {
      case PostedResult.Whole(byte[] payload) -> new InvocationResult.Returned(payload);
      case PostedResult.Failed failed -> result(failed);
      case PostedResult.TooLarge _ ->
          new InvocationResult.Failed(
              "Function.ResponseSizeTooLarge", "The response is larger than 6 MB.");
      case PostedResult.Streamed stream -> {
        streamEnd = stream.end().thenApply(end -> end.map(ExecutionEnvironment::result));
        yield new InvocationResult.Streamed(stream.body(), new CompletableFuture<>());
      }
    };
  }

  private static InvocationResult result(PostedResult.Failed failed) {
    return new InvocationResult.Failed(failed.type(), failed.message());
  }

  private static boolean isTruncated(Optional<?> end) {
    return end.orElse(null) instanceof InvocationResult.Failed(String type, String _)
        && type.equals(RuntimeApi.TRUNCATED);
  }

  /** Waits for what the process wrote before it ended. */
  private Optional<InvocationResult> drained(
      InvocationResult.Streamed stream, InvocationResult gone) throws InterruptedException {
    try {
      return streamEnd.get(left().toNanos(), TimeUnit.NANOSECONDS).map(_ -> gone);
    } catch (TimeoutException e) {
      stream.abandon();
      return Optional.of(gone);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  private InvocationResult kill(InvocationResult why) throws InterruptedException {
    ChildProcesses.kill(process);
    return why;
  }

  /** The expected value, or the result of a process that ended, or a TimeoutException. */
  private Object first(CompletableFuture<?> expected, Duration limit) throws InterruptedException {
    try {
      return CompletableFuture.anyOf(expected, initError, ended)
          .get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return e;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void watch() {
    Thread.ofVirtual().start(this::forwardOutput);
    var _ = process.onExit().thenAccept(this::end);
  }

  private void end(Process gone) {
    ended.complete(new InvocationResult.Ended(exit(gone.exitValue())));
    // Not earlier: the last bytes of a response may still be in transit.
    var _ = streamEnd.thenRun(api::close);
  }

  private void forwardOutput() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        console.function(plan.function().name(), line);
      }
    } catch (IOException e) {
      // The process has ended.
    }
  }

  private static String exit(int exitCode) {
    return exitCode > 128
        ? "its process was killed by signal " + (exitCode - 128)
        : "its process ended with exit code " + exitCode;
  }

  private static List<String> command(Plan plan) {
    List<String> command = new ArrayList<>();
    plan.program().ifPresent(program -> command.add(program.toString()));
    if (!plan.function().ownRuntime()) {
      command.addAll(managed(plan));
    }
    return command;
  }

  /** The managed runtime's command; four fifths of the memory are for the heap. */
  private static List<String> managed(Plan plan) {
    return List.of(
        ChildProcesses.java(),
        "-Xmx" + plan.function().memorySize() * 4 / 5 + "m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "--enable-native-access=ALL-UNNAMED",
        "-D" + NATIVE_CODE + "=" + nativeCode(plan.runtime()),
        "-cp",
        plan.runtime() + "/*",
        "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
        plan.function().handler());
  }

  /**
   * By default the client unpacks it to a fixed path in /tmp. In the cloud each environment has its
   * own /tmp; here another process would overwrite the file while this one loads it.
   */
  private static Path nativeCode(Path runtime) {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    boolean musl = Files.exists(Path.of("/lib/ld-musl-" + (arm ? "aarch64" : "x86_64") + ".so.1"));
    String name =
        "libaws-lambda-jni.linux" + (musl ? "_musl" : "") + (arm ? "-aarch_64" : "-x86_64") + ".so";
    return runtime.resolveSibling("jni").resolve(name);
  }
}
