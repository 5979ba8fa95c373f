package dev.skein.local.functions;

import static dev.skein.local.testing.TestFunctions.withTimeout;
import static dev.skein.local.testing.TestFunctions.withVariables;
import static dev.skein.local.testing.Waiting.isAlive;
import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.console.StartupException;
import dev.skein.local.handlers.FailingInit;
import dev.skein.local.handlers.ScriptedFunction;
import dev.skein.local.handlers.SlowInit;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Value;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every function here is a real child JVM under the real runtime interface client. */
final class FunctionPoolTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Caller PATIENT = Caller.patient(Duration.ofSeconds(30));
  private static final Duration INIT = Duration.ofSeconds(20);
  private static final Executor THREADS = Thread::startVirtualThread;

  @TempDir private Path folder;
  private final Screen screen = new Screen();
  private final ChildProcesses children = ChildProcesses.guarded();
  private final List<FunctionPool> pools = new ArrayList<>();
  private final AtomicInteger number = new AtomicInteger();

  @AfterEach
  void stopAll() {
    pools.forEach(FunctionPool::close);
    children.close();
  }

  @Test
  void anEnvironmentServesOneEventAfterAnother() throws Exception {
    FunctionPool pool = scripted(4);

    Invocation first = pool.invoke(event("pid"), PATIENT);
    Invocation second = pool.invoke(event("pid"), PATIENT);

    assertThat(first.coldStart()).isTrue();
    assertThat(second.coldStart()).isFalse();
    assertThat(text(second)).isEqualTo(text(first));
    assertThat(pool.pids()).containsExactly(Long.valueOf(text(first)));
  }

  @Test
  void concurrentEventsHaveSeparateEnvironments() throws Exception {
    FunctionPool pool = scripted(4);
    Path gate = folder.resolve("gate");
    CompletableFuture<Invocation> held = later(pool, "hold " + gate);
    until("the first is there", () -> Files.exists(gate));

    String other = text(pool.invoke(event("pid"), PATIENT));
    Files.delete(gate);

    assertThat(text(held.join())).isNotEqualTo(other);
    assertThat(pool.pids()).hasSize(2);
  }

  @Test
  void theFunctionSeesItsContext() throws Exception {
    String[] context = text(scripted(1).invoke(event("context"), PATIENT)).split(" ", -1);

    assertThat(context[0]).isEqualTo("Scripted");
    assertThat(context[1]).isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:Scripted");
    assertThat(context[2]).matches("[0-9a-f-]{36}");
    assertThat(Integer.parseInt(context[3])).isBetween(15_000, 20_000);
  }

  @Test
  void theFunctionSeesItsVariablesAndNothingElseOfTheShell() throws Exception {
    Map<String, Value> variables =
        Map.of(
            "PLAIN", new Value.Literal("from the template"),
            "OVERRIDDEN", new Value.Literal("from the template"),
            "QUEUE", new Value.Reference("Queue"),
            "AWS_ENDPOINT_URL_SQS", new Value.Literal("https://sqs.us-east-1.amazonaws.com"));
    FunctionPool pool =
        open(
            withVariables(TestFunctions.of("Scripted", ScriptedFunction.class, folder), variables),
            1,
            1000);

    List<String> environment = text(pool.invoke(event("environment"), PATIENT)).lines().toList();

    assertThat(environment)
        .contains(
            "PLAIN=from the template",
            "OVERRIDDEN=from the shell",
            "QUEUE=http://queue",
            "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9324",
            "AWS_LAMBDA_FUNCTION_NAME=Scripted",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
            "AWS_REGION=us-east-1",
            "_HANDLER=" + ScriptedFunction.class.getName(),
            "TZ=:UTC")
        .noneMatch(line -> line.startsWith("HOME=") || line.startsWith("UNDECLARED="));
  }

  @Test
  void waitingEventsAreServedInOrderOfArrival() throws Exception {
    FunctionPool pool = scripted(1);
    Path gate = folder.resolve("gate");
    CompletableFuture<Invocation> held = later(pool, "hold " + gate);
    until("the first is there", () -> Files.exists(gate));
    List<Integer> served = new CopyOnWriteArrayList<>();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int turn = i;
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      Invocation invocation = pool.invoke(event("echo"), PATIENT);
                      if (invocation.result() instanceof InvocationResult.Returned) {
                        served.add(turn);
                      }
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      until("it waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
      waiting.add(thread);
    }

    Files.delete(gate);
    held.join();
    for (Thread thread : waiting) {
      thread.join();
    }

    assertThat(served).containsExactly(0, 1, 2, 3, 4);
    assertThat(pool.pids()).hasSize(1);
  }

  @Test
  void anEventThatWaitsTooLongIsThrottled() throws Exception {
    FunctionPool pool = scripted(1);
    Path gate = folder.resolve("gate");
    CompletableFuture<Invocation> held = later(pool, "hold " + gate);
    until("the first is there", () -> Files.exists(gate));

    Invocation refused = pool.invoke(event("echo"), Caller.patient(Duration.ofMillis(50)));
    Files.delete(gate);

    assertThat(refused.result()).isEqualTo(new InvocationResult.Throttled());
    assertThat(held.join().result()).isInstanceOf(InvocationResult.Returned.class);
  }

  @Test
  void anEventBeyondTheWaitingLimitIsThrottledImmediately() throws Exception {
    FunctionPool pool = open(TestFunctions.of("Scripted", ScriptedFunction.class, folder), 1, 1);
    Path gate = folder.resolve("gate");
    CompletableFuture<Invocation> held = later(pool, "hold " + gate);
    until("the first is there", () -> Files.exists(gate));
    CompletableFuture<Invocation> refusedOrNot = new CompletableFuture<>();
    Thread second = Thread.ofVirtual().start(() -> complete(refusedOrNot, pool, "echo", PATIENT));
    until("it waits", () -> second.getState() == Thread.State.TIMED_WAITING);

    long start = System.nanoTime();
    Invocation third = pool.invoke(event("echo"), PATIENT);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    Files.delete(gate);

    assertThat(third.result()).isEqualTo(new InvocationResult.Throttled());
    assertThat(took).isLessThan(Duration.ofSeconds(5));
    assertThat(refusedOrNot.join().result()).isInstanceOf(InvocationResult.Returned.class);
    held.join();
  }

  @Test
  void anEventThatOutlastsItsCallerKeepsRunning() throws Exception {
    FunctionPool pool = scripted(1);
    text(pool.invoke(event("echo"), PATIENT));
    Path gate = folder.resolve("gate");

    Invocation late = pool.invoke(event("hold " + gate), Caller.patient(Duration.ofMillis(500)));
    List<Long> running = pool.pids();
    until("it is there", () -> Files.exists(gate));
    Files.delete(gate);

    assertThat(late.result()).isEqualTo(new InvocationResult.StillRunning());
    assertThat(text(pool.invoke(event("pid"), PATIENT)))
        .isEqualTo(Long.toString(running.getFirst()));
  }

  @Test
  void anEventWhoseCallerDisconnectsKeepsItsEnvironmentBusyUntilItsEnd() throws Exception {
    FunctionPool pool = scripted(1);
    Path gate = folder.resolve("gate");
    Caller leaving =
        new Caller(
            PATIENT.timeout(),
            PATIENT.timeout(),
            false,
            Optional.empty(),
            new CompletableFuture<>());
    CompletableFuture<Invocation> left = new CompletableFuture<>();
    THREADS.execute(() -> complete(left, pool, "hold " + gate, leaving));
    until("it runs", () -> Files.exists(gate));

    leaving.disconnected().complete(null);

    assertThat(left.join().result()).isEqualTo(new InvocationResult.Disconnected(true));
    assertThat(pool.invoke(event("echo"), Caller.patient(Duration.ofMillis(50))).result())
        .isEqualTo(new InvocationResult.Throttled());
    Files.delete(gate);
    assertThat(pool.invoke(event("echo"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void anEventWhoseCallerDisconnectedWhileItWaitedIsNotInvoked() throws Exception {
    FunctionPool pool = scripted(1);
    Caller gone =
        new Caller(
            PATIENT.timeout(),
            PATIENT.timeout(),
            false,
            Optional.empty(),
            new CompletableFuture<>());
    gone.disconnected().complete(null);

    assertThat(pool.invoke(event("echo"), gone).result())
        .isEqualTo(new InvocationResult.Disconnected(false));
    assertThat(pool.pids()).isEmpty();
  }

  @Test
  void anEventThatExceedsTheTimeoutIsKilledAndTheNextGetsANewEnvironment() throws Exception {
    FunctionPool pool =
        open(
            withTimeout(
                TestFunctions.of("Scripted", ScriptedFunction.class, folder),
                Duration.ofSeconds(5)),
            1,
            1000);
    long before = Long.parseLong(text(pool.invoke(event("pid"), PATIENT)));

    Invocation spun = pool.invoke(event("spin"), PATIENT);

    assertThat(spun.result()).isEqualTo(new InvocationResult.TimedOut(Duration.ofSeconds(5)));
    assertThat(isAlive(before)).isFalse();
    assertThat(screen.text()).contains("Scripted: exceeded its Timeout of 5 s");
    assertThat(text(pool.invoke(event("pid"), PATIENT))).isNotEqualTo(Long.toString(before));
  }

  @Test
  void aProcessKilledDuringAnEventIsReportedAndReplaced() throws Exception {
    FunctionPool pool = scripted(1);
    Path gate = folder.resolve("gate");
    CompletableFuture<Invocation> held = later(pool, "hold " + gate);
    until("it runs", () -> Files.exists(gate));

    ProcessHandle.of(pool.pids().getFirst()).orElseThrow().destroyForcibly();

    assertThat(held.join().result())
        .isEqualTo(new InvocationResult.Ended("its process was killed by signal 9"));
    assertThat(screen.text()).contains("Scripted: its process was killed");
    assertThat(pool.invoke(event("echo"), PATIENT).coldStart()).isTrue();
  }

  @Test
  void anIdleProcessThatWasKilledIsReportedAndReplaced() throws Exception {
    FunctionPool pool = scripted(1);
    long pid = Long.parseLong(text(pool.invoke(event("pid"), PATIENT)));

    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    until(
        "it is missed",
        () -> screen.text().contains("Scripted, after its response: its process was killed"));

    assertThat(pool.invoke(event("echo"), PATIENT).coldStart()).isTrue();
  }

  @Test
  void aProcessThatExitsGivesNoResponse() throws Exception {
    FunctionPool pool = scripted(1);

    assertThat(pool.invoke(event("exit"), PATIENT).result())
        .isEqualTo(new InvocationResult.Ended("its process ended with exit code 3"));
    assertThat(pool.invoke(event("echo"), PATIENT).result())
        .isInstanceOf(InvocationResult.Returned.class);
  }

  @Test
  void anExceptionIsAFailureAndKeepsTheEnvironment() throws Exception {
    FunctionPool pool = scripted(1);

    Invocation failed = pool.invoke(event("throw"), PATIENT);

    assertThat(failed.result())
        .isEqualTo(
            new InvocationResult.Failed("java.lang.IllegalStateException", "thrown on purpose"));
    assertThat(screen.text())
        .contains("Scripted: failed with java.lang.IllegalStateException: thrown on purpose");
    assertThat(pool.invoke(event("echo"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void aFailedStartSaysWhy() throws Exception {
    FunctionPool pool = open(TestFunctions.of("Failing", FailingInit.class, folder), 1, 1000);

    Invocation failed = pool.invoke(event("echo"), PATIENT);

    assertThat(failed.result()).isNotInstanceOf(InvocationResult.Returned.class);
    assertThat(failed.result().toString()).contains("SOME_SETTING is missing");
    assertThat(screen.text()).contains("SOME_SETTING is missing");
  }

  @Test
  void anEnvironmentThatWasInitializedBeforehandServesTheFirstEvent() throws Exception {
    FunctionPool pool = open(TestFunctions.of("Early", ScriptedFunction.class, folder), 1, 1000);

    assertThat(pool.initialize()).isEmpty();
    assertThat(pool.pids()).hasSize(1);
    assertThat(pool.invoke(event("echo"), PATIENT).coldStart()).isFalse();
  }

  @Test
  void anInitializationThatFailsBeforehandSaysWhy() throws Exception {
    FunctionPool pool = open(TestFunctions.of("Failing", FailingInit.class, folder), 1, 1000);

    assertThat(pool.initialize()).get().asString().contains("SOME_SETTING is missing");
  }

  @Test
  void anInitializationThatDoesNotEndIsKilled() throws Exception {
    FunctionPool pool =
        open(
            withTimeout(TestFunctions.of("Slow", SlowInit.class, folder), Duration.ofSeconds(1)),
            new FunctionPool.Limits(1, 1000, Duration.ofSeconds(1)));

    Invocation failed = pool.invoke(event("echo"), PATIENT);

    assertThat(failed.result())
        .isEqualTo(new InvocationResult.Ended("it was not initialized within 2 s"));
    until("it is gone", () -> pool.pids().isEmpty());
  }

  @Test
  void responsesAndEventsOverSixMegabytesAreRejected() throws Exception {
    FunctionPool pool = scripted(1);

    assertThat(pool.invoke(event("large"), PATIENT).result())
        .isEqualTo(
            new InvocationResult.Failed(
                "Function.ResponseSizeTooLarge", "The response is larger than 6 MB."));
    assertThat(pool.invoke(new byte[6 * 1024 * 1024 + 1], PATIENT).result())
        .isEqualTo(new InvocationResult.TooLarge());
    assertThat(pool.invoke(event("echo"), PATIENT).result())
        .isInstanceOf(InvocationResult.Returned.class);
  }

  @Test
  void aFunctionsOutputIsShownUnderItsName() throws Exception {
    FunctionPool pool = scripted(1);
    String line = "{\"level\":\"WARN\",\"event\":\"something\",\"count\":3}";
    String encoded =
        java.util.Base64.getEncoder().encodeToString(line.getBytes(StandardCharsets.UTF_8));

    pool.invoke(event("print " + encoded), PATIENT);

    until("it is shown", () -> screen.text().contains("Scripted | WARN something count=3"));
  }

  @Test
  void closingRunsShutdownHooksAndLeavesNoProcess() throws Exception {
    FunctionPool pool = scripted(1);
    long pid = Long.parseLong(text(pool.invoke(event("pid"), PATIENT)));

    pool.close();

    assertThat(isAlive(pid)).isFalse();
    until("its last words", () -> screen.text().contains("the function says goodbye"));
    assertThat(pool.pids()).isEmpty();
  }

  @Test
  void aMissingZipIsNamed() {
    Deployment.Function function =
        new Deployment.Function(
            "Missing",
            "some.Handler",
            folder.resolve("missing.zip"),
            Duration.ofSeconds(3),
            128,
            Map.of(),
            List.of(),
            List.of());

    assertThatThrownBy(() -> open(function, 1, 1))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("missing.zip is missing: build it with `mvn package`");
  }

  private FunctionPool scripted(int environments) {
    return open(TestFunctions.of("Scripted", ScriptedFunction.class, folder), environments, 1000);
  }

  private FunctionPool open(Deployment.Function function, int environments, int waiting) {
    return open(function, new FunctionPool.Limits(environments, waiting, INIT));
  }

  private FunctionPool open(Deployment.Function function, FunctionPool.Limits limits) {
    FunctionPool pool =
        FunctionPool.open(
            function,
            new FunctionPool.Context(
                TestFunctions.RUNTIME,
                folder.resolve("work" + number.incrementAndGet()),
                Map.of("OVERRIDDEN", "from the shell", "UNDECLARED", "x", "HOME", "/"),
                Map.of("Queue", "http://queue"),
                Map.of("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9324")),
            limits,
            children,
            screen.console());
    pools.add(pool);
    return pool;
  }

  private static CompletableFuture<Invocation> later(FunctionPool pool, String script) {
    CompletableFuture<Invocation> result = new CompletableFuture<>();
    THREADS.execute(() -> complete(result, pool, script, PATIENT));
    return result;
  }

  private static void complete(
      CompletableFuture<Invocation> result, FunctionPool pool, String script, Caller caller) {
    try {
      result.complete(pool.invoke(event(script), caller));
    } catch (InterruptedException e) {
      result.completeExceptionally(e);
    }
  }

  private static byte[] event(String script) {
    return ("{\"body\":\"" + script + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Invocation invocation) throws IOException {
    assertThat(invocation.result()).isInstanceOf(InvocationResult.Returned.class);
    JsonNode answer = JSON.readTree(((InvocationResult.Returned) invocation.result()).payload());
    return new String(answer.path("body").binaryValue(), StandardCharsets.UTF_8);
  }
}
