package dev.skein.local.functions;

import static dev.skein.local.testing.TestFunctions.withTimeout;
import static dev.skein.local.testing.Waiting.isAlive;
import static dev.skein.local.testing.Waiting.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.console.StartupException;
import dev.skein.local.handlers.StreamingFunction;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every function here is a real child process that a wrapper starts. */
final class StreamedResultTest {

  private static final Caller PATIENT = Caller.patient(Duration.ofSeconds(30));

  @TempDir private Path folder;
  private final Screen screen = new Screen();
  private final ChildProcesses children = ChildProcesses.guarded();
  private final List<FunctionPool> pools = new ArrayList<>();

  @AfterEach
  void stopAll() {
    pools.forEach(FunctionPool::close);
    children.close();
  }

  @Test
  void aStreamStartsBeforeTheFunctionEndsAndItsEnvironmentIsBusyUntilThen() throws Exception {
    FunctionPool pool = streaming(1);
    Path gate = folder.resolve("gate");

    InvocationResult.Streamed stream = streamed(pool, "hold " + gate);
    String begin = read(stream, 3);
    InvocationResult meanwhile =
        pool.invoke(event("echo"), Caller.patient(Duration.ofMillis(50))).result();
    Files.delete(gate);

    assertThat(begin).isEqualTo("one");
    assertThat(meanwhile).isEqualTo(new InvocationResult.Throttled());
    assertThat(rest(stream)).isEqualTo("two");
    assertThat(stream.end().get(10, SECONDS)).isEmpty();
    assertThat(pool.invoke(event("whole"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void workAfterTheResponseKeepsTheEnvironmentBusy() throws Exception {
    FunctionPool pool = streaming(1);
    Path gate = folder.resolve("gate");

    InvocationResult.Streamed stream = streamed(pool, "afterwards " + gate);
    assertThat(rest(stream)).endsWith("one");
    assertThat(stream.end().get(10, SECONDS)).isEmpty();
    until("it works on", () -> Files.exists(gate));

    assertThat(pool.invoke(event("whole"), Caller.patient(Duration.ofMillis(50))).result())
        .isEqualTo(new InvocationResult.Throttled());
    Files.delete(gate);
    assertThat(pool.invoke(event("whole"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void anErrorMidStreamEndsTheStreamAndKeepsTheEnvironment() throws Exception {
    FunctionPool pool = streaming(1);

    InvocationResult.Streamed stream = streamed(pool, "fail");

    assertThat(rest(stream)).endsWith("one");
    assertThat(stream.end().get(10, SECONDS))
        .contains(new InvocationResult.Failed("Model.Cut", "it broke"));
    assertThat(screen.text())
        .contains("Streaming, during its response: failed with Model.Cut: it broke");
    assertThat(pool.invoke(event("whole"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void aProcessKilledMidStreamIsReportedAndReplaced() throws Exception {
    FunctionPool pool = streaming(1);
    InvocationResult.Streamed stream = streamed(pool, "hold " + folder.resolve("gate"));
    until("it streams", () -> Files.exists(folder.resolve("gate")));

    ProcessHandle.of(pool.pids().getFirst()).orElseThrow().destroyForcibly();

    assertThat(rest(stream)).endsWith("one");
    assertThat(stream.end().get(10, SECONDS))
        .contains(new InvocationResult.Ended("its process was killed by signal 9"));
    assertThat(screen.text())
        .contains("Streaming, during its response: its process was killed by signal 9");
    assertThat(pool.invoke(event("whole"), PATIENT).coldStart()).isTrue();
  }

  @Test
  void theTimeoutAppliesToTheWholeStream() throws Exception {
    FunctionPool pool = open(withTimeout(function("rwxr-xr-x"), Duration.ofSeconds(5)), 1);
    streamedToItsEnd(pool);
    long pid = pool.pids().getFirst();

    InvocationResult.Streamed stream = streamed(pool, "hold " + folder.resolve("gate"));

    assertThat(rest(stream)).endsWith("one");
    assertThat(stream.end().get(30, SECONDS))
        .contains(new InvocationResult.TimedOut(Duration.ofSeconds(5)));
    assertThat(isAlive(pid)).isFalse();
    assertThat(screen.text()).contains("exceeded its Timeout of 5 s and was killed");
    assertThat(pool.invoke(event("whole"), PATIENT).coldStart()).isTrue();
  }

  @Test
  void theTimeoutAppliesEvenIfNobodyReads() throws Exception {
    FunctionPool pool = open(withTimeout(function("rwxr-xr-x"), Duration.ofSeconds(5)), 1);

    InvocationResult.Streamed stream = streamed(pool, "flood " + folder.resolve("count"));

    assertThat(stream.end().get(30, SECONDS))
        .contains(new InvocationResult.TimedOut(Duration.ofSeconds(5)));
  }

  @Test
  void aFunctionNoticesThatItsStreamIsAbandoned() throws Exception {
    FunctionPool pool = streaming(1);
    Path count = folder.resolve("count");
    InvocationResult.Streamed stream = streamed(pool, "flood " + count);
    read(stream, 100_000);

    stream.abandon();

    until("it knows", () -> Files.exists(folder.resolve("count.broken")));
    assertThat(stream.end().get(10, SECONDS).orElseThrow())
        .isInstanceOf(InvocationResult.Failed.class);
    assertThat(screen.text()).doesNotContain("during its response");
    assertThat(pool.invoke(event("whole"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void aReaderThatDoesNotReadHoldsTheFunctionBack() throws Exception {
    FunctionPool pool = streaming(1);
    Path count = folder.resolve("count");
    InvocationResult.Streamed stream = streamed(pool, "flood " + count);
    AtomicInteger last = new AtomicInteger();
    AtomicInteger still = new AtomicInteger();

    until(
        "it stands still",
        () -> {
          int now = count(count);
          still.set(now > 0 && now == last.getAndSet(now) ? still.get() + 1 : 0);
          return still.get() == 60;
        });

    assertThat(last.get()).isLessThan(200);
    read(stream, 200 * 64 * 1024);
    until("it goes on", () -> count(count) > 190);
    stream.abandon();
  }

  @Test
  void aStreamThatStartsAfterItsCallerGaveUpIsAbandoned() throws Exception {
    FunctionPool pool = streaming(1);
    streamedToItsEnd(pool);
    Path gate = folder.resolve("gate");

    InvocationResult late =
        pool.invoke(event("late " + gate), Caller.patient(Duration.ofMillis(500))).result();
    until("it is there", () -> Files.exists(gate));
    Files.delete(gate);

    assertThat(late).isEqualTo(new InvocationResult.StillRunning());
    until("it knows", () -> Files.exists(folder.resolve("gate.count.broken")));
    assertThat(pool.invoke(event("whole"), PATIENT).result())
        .isInstanceOf(InvocationResult.Returned.class);
  }

  @Test
  void theWrapperGetsTheTaskRootAndTheFunctionsNames() throws Exception {
    FunctionPool pool = streaming(1);

    List<String> environment = rest(streamed(pool, "environment")).lines().toList();

    assertThat(environment)
        .contains(
            "AWS_LAMBDA_EXEC_WRAPPER=" + folder.resolve("work/Streaming/start"),
            "LAMBDA_TASK_ROOT=" + folder.resolve("work/Streaming"),
            "_HANDLER=" + StreamingFunction.class.getName(),
            "AWS_LAMBDA_FUNCTION_NAME=Streaming",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
            "AWS_LAMBDA_FUNCTION_VERSION=$LATEST");
  }

  @Test
  void aWrapperThatIsNotExecutableIsAnError() {
    Deployment.Function function = function("rw-r--r--");

    assertThatThrownBy(() -> open(function, 1))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "Streaming: /var/task/start, to which AWS_LAMBDA_EXEC_WRAPPER is set, is not"
                + " executable. Give it mode 0755 in the zip.");
  }

  @Test
  void aMissingWrapperIsAnError() {
    Deployment.Function function =
        TestFunctions.withVariables(
            TestFunctions.of("Streaming", StreamingFunction.class, folder),
            Map.of("AWS_LAMBDA_EXEC_WRAPPER", new Deployment.Value.Literal("/var/task/no/start")));

    assertThatThrownBy(() -> open(function, 1))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("Streaming: its zip does not contain /var/task/no/start");
  }

  @Test
  void theBootstrapOfAnOwnRuntimeIsStartedWithoutAManagedRuntime() throws Exception {
    FunctionPool pool =
        open(TestFunctions.ownRuntime("Streaming", StreamingFunction.class, folder), 1);

    List<String> environment = rest(streamed(pool, "environment")).lines().toList();

    assertThat(environment)
        .contains(
            "LAMBDA_TASK_ROOT=" + folder.resolve("work/Streaming"),
            "_HANDLER=" + StreamingFunction.class.getName(),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256")
        .noneMatch(line -> line.startsWith("AWS_EXECUTION_ENV="));
  }

  @Test
  void anOwnRuntimeWithoutABootstrapIsAnError() {
    Deployment.Function function =
        TestFunctions.withOwnRuntime(
            TestFunctions.of("Streaming", StreamingFunction.class, folder));

    assertThatThrownBy(() -> open(function, 1))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "Streaming: its zip does not contain an executable bootstrap, which provided.al2023"
                + " starts. Build it with `mvn -Paot package`.");
  }

  private Deployment.Function function(String mode) {
    return TestFunctions.wrapped("Streaming", StreamingFunction.class, mode, folder);
  }

  private FunctionPool streaming(int environments) {
    return open(function("rwxr-xr-x"), environments);
  }

  private FunctionPool open(Deployment.Function function, int environments) {
    FunctionPool pool =
        FunctionPool.open(
            function,
            new FunctionPool.Context(
                TestFunctions.RUNTIME, folder.resolve("work"), Map.of(), Map.of(), Map.of()),
            new FunctionPool.Limits(environments, 1000, Duration.ofSeconds(20)),
            children,
            screen.console());
    pools.add(pool);
    return pool;
  }

  private static int count(Path file) throws IOException {
    return Files.exists(file) ? Integer.parseInt("0" + Files.readString(file)) : 0;
  }

  private static byte[] event(String script) {
    return ("{\"body\":\"" + script + "\"}").getBytes(UTF_8);
  }

  /** A stream behind its prelude. */
  private static InvocationResult.Streamed streamed(FunctionPool pool, String script)
      throws Exception {
    InvocationResult.Streamed stream =
        (InvocationResult.Streamed) pool.invoke(event(script), PATIENT).result();
    String prelude = "";
    while (!prelude.endsWith("\0\0\0\0\0\0\0\0")) {
      prelude += read(stream, 1);
    }
    return stream;
  }

  private static void streamedToItsEnd(FunctionPool pool) throws Exception {
    InvocationResult.Streamed stream = streamed(pool, "echo");
    assertThat(rest(stream)).isEqualTo("one");
    CompletableFuture<Optional<InvocationResult>> end = stream.end();
    assertThat(end.get(10, SECONDS)).isEmpty();
  }

  private static String read(InvocationResult.Streamed stream, int count) throws Exception {
    return new String(stream.body().readNBytes(count), UTF_8);
  }

  private static String rest(InvocationResult.Streamed stream) throws Exception {
    return new String(stream.body().readAllBytes(), UTF_8);
  }
}
