package dev.skein.bench;

import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.InvocationResult;
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
final class Environment implements AutoCloseable {

  private static final String ARN = "arn:aws:lambda:us-east-1:123456789012:function:measured";

  private static final String NATIVE_CODE =
      "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

  /** Chat's in template.yaml. */
  private static final Duration TIMEOUT = Duration.ofMinutes(15);

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration GLANCE = Duration.ofMillis(100);

  private final Subject subject;
  private final RuntimeApi api;
  private final Process process;
  private final Path log;
  private final long spawned;
  private CompletableFuture<Turn> turn;

  private Environment(
      Subject subject,
      RuntimeApi api,
      Process process,
      Path log,
      long spawned,
      CompletableFuture<Turn> turn) {
    this.subject = subject;
    this.api = api;
    this.process = process;
    this.log = log;
    this.spawned = spawned;
    this.turn = turn;
  }

  /**
   * Starts the process, with an event that waits for it.
   *
   * @param libraries the folder of the runtime interface client's jars
   */
  static Environment start(Subject subject, Path libraries, byte[] event) throws IOException {
    RuntimeApi api = RuntimeApi.open(ARN, TIMEOUT);
    CompletableFuture<Turn> first = Turn.of(api, event);
    Path log = subject.root().resolveSibling("output.log");
    ProcessBuilder builder =
        new ProcessBuilder(command(subject, libraries))
            .directory(subject.root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().clear();
    builder.environment().putAll(variables(subject, api));
    long spawned = System.nanoTime();
    try {
      return new Environment(subject, api, builder.start(), log, spawned, first);
    } catch (IOException e) {
      api.close();
      throw e;
    }
  }

  /** When the process was started, in the time of {@link System#nanoTime}. */
  long spawned() {
    return spawned;
  }

  /** Gives the function one more event. */
  Turn invoke(byte[] event) throws IOException, InterruptedException {
    turn = Turn.of(api, event);
    return await();
  }

  /** Gives the function one more event, and reads its streamed response as it comes. */
  TokenStream stream(byte[] event) throws IOException, InterruptedException {
    RuntimeApi.PendingInvocation next = within(api.asked());
    long asked = System.nanoTime();
    next.give(event);
    if (within(next.result()) instanceof InvocationResult.Streamed streamed) {
      return TokenStream.read(streamed.body(), asked);
    }
    throw new MeasurementException(subject.name() + " did not stream, but answered otherwise");
  }

  /** Waits for the response to the event that was offered last. */
  Turn await() throws IOException, InterruptedException {
    return checked(within(turn));
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
        "The function gave no answer within %d s. Its output:\n%s"
            .formatted(PATIENCE.toSeconds(), Files.readString(log)));
  }

  /** A figure for a wrong response would be worth nothing. */
  private Turn checked(Turn turn) {
    if (turn.failed() || !turn.reply().contains(subject.sign())) {
      throw new MeasurementException(
          subject.name() + " did not do its work, but said: " + turn.reply());
    }
    return turn;
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
    variables.put("AWS_EXECUTION_ENV", "AWS_Lambda_java25");
    variables.put("AWS_LAMBDA_FUNCTION_NAME", "measured");
    variables.put("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024");
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    variables.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured");
    variables.put("AWS_LAMBDA_LOG_STREAM_NAME", "bench");
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_ACCESS_KEY_ID", "none");
    variables.put("AWS_SECRET_ACCESS_KEY", "none");
    variables.put("LANG", "en_US.UTF-8");
    variables.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    variables.put("TZ", ":UTC");
    return variables;
  }
}
