package dev.skein.bench;

import static java.util.Map.entry;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One execution environment: a child process, started as Lambda starts it. */
final class FunctionProcess implements AutoCloseable {

  private static final String ARN = "arn:aws:lambda:us-east-1:123456789012:function:measured";

  private static final Map<String, String> FIXED_VARIABLES =
      Map.ofEntries(
          entry("AWS_EXECUTION_ENV", "AWS_Lambda_java25"),
          entry("AWS_LAMBDA_FUNCTION_NAME", "measured"),
          entry("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
          entry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
          entry("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
          entry("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
          entry("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
          entry("LANG", "en_US.UTF-8"),
          entry("PATH", "/usr/local/bin:/usr/bin:/bin"),
          entry("TZ", ":UTC"));

  /** What an AWS SDK needs; a role's session token has about this length. */
  static final Map<String, String> ROLE =
      Map.of(
          "AWS_REGION", "us-east-1",
          "AWS_DEFAULT_REGION", "us-east-1",
          "AWS_ACCESS_KEY_ID", "none",
          "AWS_SECRET_ACCESS_KEY", "none",
          "AWS_SESSION_TOKEN", "t".repeat(400));

  private static final String JAVA_OPTIONS = "JAVA_TOOL_OPTIONS";

  /** Chat's in template.yaml. */
  private static final Duration TIMEOUT = Duration.ofMinutes(15);

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration GLANCE = Duration.ofMillis(100);

  private final Subject subject;
  private final RuntimeApi api;
  private final Process process;
  private final Path log;
  private final long spawned;
  private CompletableFuture<TimedInvocation> invocation;

  /** Runs when the function asks for its first event, before it gets one. */
  @FunctionalInterface
  interface AfterInit {
    void run(long pid) throws IOException;
  }

  /**
   * Starts the process, with an event that waits for it.
   *
   * @param variables beside the subject's and those that every function has
   */
  FunctionProcess(Subject subject, Map<String, String> variables, AfterInit afterInit)
      throws IOException {
    this.subject = subject;
    byte[] event = Files.readAllBytes(subject.event());
    api = RuntimeApi.open(ARN, TIMEOUT);
    CompletableFuture<Long> pid = new CompletableFuture<>();
    invocation = TimedInvocation.of(api, event, () -> afterInit.run(pid.join()));
    log = subject.root().resolveSibling("output.log");
    ProcessBuilder builder =
        new ProcessBuilder(subject.command())
            .directory(subject.root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().putAll(variables(variables));
    spawned = System.nanoTime();
    process = builder.start();
    pid.complete(process.pid());
  }

  /** When the process was started, as in {@link System#nanoTime}. */
  long spawned() {
    return spawned;
  }

  long pid() {
    return process.pid();
  }

  /** Hands out one more event, and waits for its response. */
  TimedInvocation invoke(byte[] event) throws IOException, InterruptedException {
    return invoke(event, subject.contract());
  }

  /** Hands out one more event, whose response is held to another contract. */
  TimedInvocation invoke(byte[] event, Contract contract) throws IOException, InterruptedException {
    invocation = TimedInvocation.of(api, event, () -> {});
    return await(contract);
  }

  /** Hands out one more event, and reads its streamed response as it arrives. */
  TokenStream stream(byte[] event) throws IOException, InterruptedException {
    PendingInvocation next = within(api.asked());
    long asked = System.nanoTime();
    next.give(event);
    if (within(next.result()) instanceof PostedResult.Streamed streamed) {
      return TokenStream.read(streamed.body(), asked);
    }
    throw new MeasurementException(subject.name() + " did not stream");
  }

  /** Waits for the response to the latest event. */
  TimedInvocation await() throws IOException, InterruptedException {
    return await(subject.contract());
  }

  /** Waits until the function asks for the next event: it has done everything for the last one. */
  void awaitIdle() throws IOException, InterruptedException {
    within(api.asked());
  }

  private TimedInvocation await(Contract contract) throws IOException, InterruptedException {
    TimedInvocation done = within(invocation);
    if (done.failed()) {
      throw new MeasurementException(
          "%s failed: %s\n%s".formatted(subject.name(), done.response(), Files.readString(log)));
    }
    contract.checkReply(subject.name(), done.response());
    return done;
  }

  private <T> T within(CompletableFuture<T> awaited) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (process.isAlive() && Instant.now().isBefore(end)) {
      try {
        return awaited.get(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // The process may have ended meanwhile.
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    String how = process.isAlive() ? "did not respond" : "ended without a response";
    throw new MeasurementException(
        "%s %s. Its output:\n%s".formatted(subject.name(), how, Files.readString(log)));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    api.close();
  }

  private Map<String, String> variables(Map<String, String> more) {
    Map<String, String> variables = new HashMap<>(FIXED_VARIABLES);
    variables.putAll(ROLE);
    variables.putAll(more);
    variables.putAll(subject.variables());
    String options =
        "%s %s"
            .formatted(
                more.getOrDefault(JAVA_OPTIONS, ""),
                subject.variables().getOrDefault(JAVA_OPTIONS, ""))
            .strip();
    if (!options.isEmpty()) {
      variables.put(JAVA_OPTIONS, options);
    }
    variables.put("_HANDLER", subject.handler());
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    variables.put("LAMBDA_TASK_ROOT", subject.root().toString());
    return variables;
  }
}
