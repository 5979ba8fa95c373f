package dev.skein.runtime;

import static dev.skein.runtime.RunningLoop.await;
import static dev.skein.runtime.RunningLoop.rest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The process, from its start to its exit code. */
@Timeout(60)
class MainTest {
  private static final int SIGTERM = 128 + 15;

  private static final Map<String, String> SNAP_START =
      Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");

  private final List<Process> processes = new ArrayList<>();
  private RuntimeApi api;

  @BeforeEach
  void listen() throws IOException {
    api = RuntimeApi.open(RunningLoop.ARN, Duration.ofSeconds(30));
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
    api.close();
  }

  @Test
  void aStreamingHandlerIsServed() throws Exception {
    start("Echo", Map.of());
    assertThat(rest(((PostedResult.Streamed) await(give("hello").result())).body()))
        .endsWith("hello");
  }

  @ParameterizedTest
  @CsvSource({"RESPONSE_MODE, buffered", "AWS_SAM_LOCAL, true"})
  void aFrontDoorThatCannotStreamGetsTheResponseWhole(String name, String value) throws Exception {
    var variables = new HashMap<>(Map.of("RESPONSE_MODE", "streaming"));
    variables.put(name, value);
    start("Echo", variables);
    var whole = (PostedResult.Whole) await(give("hello").result());
    assertThat(new String(whole.payload(), UTF_8)).contains("\"body\":\"hello\"");
  }

  @Test
  void asManyEventsAreHandledConcurrentlyAsTheMaximumConcurrency() throws Exception {
    Process process = start("Waiting", Map.of("AWS_LAMBDA_MAX_CONCURRENCY", "4"));
    List<PostedResult.Streamed> streams = new ArrayList<>();
    for (int event = 0; event < 4; event++) {
      streams.add((PostedResult.Streamed) await(give("{}").result()));
    }
    stop(process);
    for (PostedResult.Streamed stream : streams) {
      assertThat(rest(stream.body())).endsWith("goodbye");
      assertThat(await(stream.end())).isEmpty();
    }
    assertThat(exitCode(process)).isEqualTo(SIGTERM);
  }

  @Test
  void anIdleProcessEndsOnSigterm() throws Exception {
    Process process = start("Echo", Map.of());
    await(api.asked());
    stop(process);
    assertThat(exitCode(process)).isEqualTo(SIGTERM);
    assertThat(output(process)).isEmpty();
  }

  @Test
  void aStreamMayEndAfterSigterm() throws Exception {
    Process process = start("Waiting", Map.of());
    var stream = (PostedResult.Streamed) await(give("{}").result());
    stop(process);
    assertThat(rest(stream.body())).endsWith("goodbye");
    assertThat(await(stream.end())).isEmpty();
    assertThat(exitCode(process)).isEqualTo(SIGTERM);
    assertThat(output(process)).isEmpty();
  }

  @Test
  void aStreamThatDoesNotEndIsClosedAfterSigterm() throws Exception {
    Process process = start("Waiting", Map.of());
    var stream = (PostedResult.Streamed) await(give("never").result());
    stop(process);
    rest(stream.body());
    assertThat(await(stream.end())).isPresent();
    assertThat(exitCode(process)).isEqualTo(SIGTERM);
  }

  @Test
  void outOfMemoryEndsTheProcessWithExitCode1() throws Exception {
    Process process = start("OutOfMemory", Map.of());
    assertThat(await(give("{}").result())).isInstanceOf(PostedResult.Failed.class);
    assertThat(exitCode(process)).isEqualTo(1);
  }

  @Test
  void withoutARuntimeApiTheProcessEndsWithExitCode1() throws Exception {
    Process process = start("Echo", Map.of());
    await(api.asked());
    api.close();
    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output(process)).contains("runtime_ended", "no event was received");
  }

  @Test
  void anAotCacheThatTheJvmDidNotAcceptIsLogged() throws Exception {
    var builder = builder("Echo", Map.of());
    builder.command().addAll(1, List.of("-Xshare:off", "-Dskein.aotCache=function.aot"));
    Process process = begin(builder);
    await(api.asked());
    stop(process);
    assertThat(output(process).lines())
        .singleElement()
        .asString()
        .contains("\"level\":\"WARN\",\"event\":\"aot_cache_unused\"");
  }

  @Test
  void withoutTheAddressOfTheRuntimeApiTheProcessExitsWithAReason() throws Exception {
    var builder = builder("Echo", Map.of());
    builder.environment().remove("AWS_LAMBDA_RUNTIME_API");
    Process process = begin(builder);
    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output(process)).contains("AWS_LAMBDA_RUNTIME_API is not set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Misconfigured | java.lang.IllegalArgumentException | CHAT_LIMIT must be a number.",
        "StaticallyMisconfigured | java.lang.IllegalArgumentException | STATIC_LIMIT must be",
        "Nowhere | Runtime.ClassNotFound | was not found",
        "Closed | Runtime.InvalidHandler | has no public constructor without parameters",
        "Unfinished | Runtime.InvalidHandler | must be a public class that is not abstract",
        "Echo::handle | Runtime.InvalidHandler | _HANDLER must be a class name",
      })
  void aFailedInitIsReportedWithWhatToFix(String handler, String type, String message)
      throws Exception {
    assertInitError(start(handler, Map.of()), type, message);
  }

  @Test
  void withSnapStartTheHandlerIsClosedBeforeTheSnapshotAndLoadedAgainAfterTheRestore()
      throws Exception {
    start("Counted", SNAP_START);
    var snapshot = await(api.snapshot());
    assertThat(api.asked()).isNotDone();
    snapshot.restore();
    assertThat(rest(((PostedResult.Streamed) await(give("{}").result())).body()))
        .endsWith("created=2 closed=1 before=false restored=true");
  }

  @Test
  void withoutSnapStartTheHandlerIsLoadedOnce() throws Exception {
    start("Counted", Map.of("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"));
    assertThat(rest(((PostedResult.Streamed) await(give("{}").result())).body()))
        .endsWith("created=1 closed=0 before=false restored=false");
    assertThat(api.snapshot()).isNotDone();
  }

  @Test
  void aHandlerThatCannotBeLoadedForTheSnapshotFailsTheInit() throws Exception {
    assertInitError(
        start("Counted", snapStart("FAILING", "1")),
        "java.lang.IllegalArgumentException",
        "COUNTED_LIMIT must be a number.");
    assertThat(api.snapshot()).isNotDone();
  }

  @Test
  void aHandlerThatCannotBeClosedForTheSnapshotFailsTheInit() throws Exception {
    assertInitError(
        start("Counted", snapStart("CLOSE_FAILS", "1")),
        "java.lang.IllegalStateException",
        "the cache cannot be closed");
    assertThat(api.snapshot()).isNotDone();
  }

  @Test
  void aHandlerThatCannotBeLoadedAfterTheRestoreIsReportedAsARestoreError() throws Exception {
    Process process = start("Counted", snapStart("FAILING", "2"));
    await(api.snapshot()).restore();
    PostedResult.Failed failed = await(api.restoreError());
    assertThat(failed.type()).isEqualTo("java.lang.IllegalArgumentException");
    assertThat(failed.message()).isEqualTo("COUNTED_LIMIT must be a number.");
    assertThat(exitCode(process)).isEqualTo(64);
    assertThat(api.initError()).isNotDone();
    assertThat(output(process)).contains("init_failed", "COUNTED_LIMIT must be a number.");
  }

  @Test
  void anEnvironmentThatIsNotRestoredEnds() throws Exception {
    Process process = start("Counted", SNAP_START);
    await(api.snapshot());
    api.close();
    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output(process)).contains("init_failed", "The environment was not restored");
  }

  private static Map<String, String> snapStart(String name, String value) {
    var variables = new HashMap<>(SNAP_START);
    variables.put(name, value);
    return variables;
  }

  @Test
  void aClassThatIsNotAStreamingHandlerIsReported() throws Exception {
    var builder = builder("Echo", Map.of("_HANDLER", "java.lang.Object"));
    assertInitError(begin(builder), "Runtime.InvalidHandler", "does not implement");
  }

  @ParameterizedTest
  @CsvSource({
    "RESPONSE_MODE,chunky",
    "AWS_LAMBDA_MAX_CONCURRENCY,0",
    "AWS_LAMBDA_MAX_CONCURRENCY,many",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE,-1"
  })
  void anInvalidSettingIsReportedByItsName(String name, String value) throws Exception {
    assertInitError(start("Echo", Map.of(name, value)), "Runtime.InvalidSetting", name);
  }

  private void assertInitError(Process process, String type, String message) throws Exception {
    PostedResult.Failed failed = await(api.initError());
    assertThat(failed.type()).isEqualTo(type);
    assertThat(failed.message()).contains(message);
    assertThat(exitCode(process)).isEqualTo(1);
    assertThat(output(process).lines()).singleElement().asString().contains("init_failed", message);
  }

  private PendingInvocation give(String event) {
    PendingInvocation turn = await(api.asked());
    turn.give(event.getBytes(UTF_8));
    return turn;
  }

  private Process start(String handler, Map<String, String> variables) throws Exception {
    return begin(builder(handler, variables));
  }

  private Process begin(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private ProcessBuilder builder(String handler, Map<String, String> variables) throws Exception {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            place(Main.class) + ":" + place(MainTest.class) + ":" + place(Context.class),
            Main.class.getName());
    builder.environment().put("AWS_LAMBDA_RUNTIME_API", api.address());
    builder.environment().put("_HANDLER", ChildHandlers.class.getName() + "$" + handler);
    builder.environment().putAll(variables);
    return builder.redirectErrorStream(true);
  }

  private static Path place(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** SIGTERM; {@link Process#destroy} would close the process's output too. */
  private static void stop(Process process) {
    assertThat(process.toHandle().destroy()).isTrue();
  }

  private static int exitCode(Process process) throws Exception {
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }
}
