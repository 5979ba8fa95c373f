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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One execution environment: a child JVM, started as the managed runtime starts it. */
final class FunctionProcess implements AutoCloseable {

  private static final String ARN = "arn:aws:lambda:us-east-1:123456789012:function:measured";

  private static final String NATIVE_CODE =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  private static final Map<String, String> FIXED_VARIABLES =
      Map.ofEntries(
          entry("AWS_EXECUTION_ENV", "AWS_Lambda_java25"),
          entry("AWS_LAMBDA_FUNCTION_NAME", "measured"),
          entry("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
          entry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"),
          entry("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
          entry("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
          entry("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
          entry("AWS_REGION", "us-east-1"),
          entry("AWS_ACCESS_KEY_ID", "none"),
          entry("AWS_SECRET_ACCESS_KEY", "none"),
          entry("LANG", "en_US.UTF-8"),
          entry("PATH", "/usr/local/bin:/usr/bin:/bin"),
          entry("TZ", ":UTC"));

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

  /**
   * Starts the process, with an event that waits for it.
   *
   * @param libraries the folder of the runtime interface client's jars
   */
  FunctionProcess(Subject subject, Path libraries, byte[] event) throws IOException {
    this.subject = subject;
    api = RuntimeApi.open(ARN, TIMEOUT);
    invocation = TimedInvocation.of(api, event);
    log = subject.root().resolveSibling("output.log");
    ProcessBuilder builder =
        new ProcessBuilder(command(subject, libraries))
            .directory(subject.root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().putAll(variables(subject, api));
    spawned = System.nanoTime();
    process = builder.start();
  }

  /** When the process was started, as in {@link System#nanoTime}. */
  long spawned() {
    return spawned;
  }

  /** Hands out one more event, and waits for its response. */
  TimedInvocation invoke(byte[] event) throws IOException, InterruptedException {
    invocation = TimedInvocation.of(api, event);
    return await();
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
    TimedInvocation done = within(invocation);
    if (done.failed() || !done.response().contains(subject.sign())) {
      throw new MeasurementException(
          subject.name() + " responded wrongly, which is not worth measuring: " + done.response());
    }
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
    throw new MeasurementException(
        "The function did not respond within %d s. Its output:\n%s"
            .formatted(PATIENCE.toSeconds(), Files.readString(log)));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    api.close();
  }

  /** As the platform does: with a wrapper, that gets the whole command. */
  private static List<String> command(Subject subject, Path libraries) {
    List<String> command = new ArrayList<>();
    subject.wrapper().forEach(program -> command.add(program.toString()));
    command.addAll(managed(subject, libraries));
    return command;
  }

  /** The managed runtime's flags for 1,024 MB; four fifths of the memory are for the heap. */
  private static List<String> managed(Subject subject, Path libraries) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-Xmx819m",
        "--enable-native-access=ALL-UNNAMED",
        "-D" + NATIVE_CODE + "=" + nativeCode(libraries),
        "-cp",
        libraries + "/*:" + subject.root() + ":" + subject.root() + "/lib/*",
        "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
        subject.handler());
  }

  /** Unpacked before: else the client would do so in each start, which the cloud's does not. */
  private static Path nativeCode(Path libraries) {
    String processor = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
    return libraries.resolveSibling("jni").resolve("libaws-lambda-jni.linux-" + processor + ".so");
  }

  private static Map<String, String> variables(Subject subject, RuntimeApi api) {
    Map<String, String> variables = new HashMap<>(subject.variables());
    variables.put("_HANDLER", subject.handler());
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    variables.put("LAMBDA_TASK_ROOT", subject.root().toString());
    variables.putAll(FIXED_VARIABLES);
    return variables;
  }
}
