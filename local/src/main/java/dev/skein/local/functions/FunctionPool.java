package dev.skein.local.functions;

import dev.skein.local.console.StackConsole;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment;
import dev.skein.runtimeapi.RuntimeApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One function and its execution environments, each started when an event finds none idle. Events
 * beyond the limit wait in order of arrival. Thread-safe.
 */
public final class FunctionPool implements AutoCloseable {

  /** The size of the largest event in bytes, as in the cloud. */
  public static final int EVENT_LIMIT = RuntimeApi.PAYLOAD_LIMIT;

  /** What precedes the message of an invalid setting, which says everything. */
  private static final Pattern INVALID_SETTING = Pattern.compile("^.*InvalidSettingException: ");

  private static final Duration SOON = Duration.ofMillis(500);
  private static final Duration STOP_LIMIT = Duration.ofMillis(1500);

  /**
   * Concurrency limits of a function.
   *
   * @param environments the maximum number of busy execution environments, beside one that is
   *     reserved for callers with {@link Caller#reserved}
   * @param waiting the maximum number of events that wait for one; the next is throttled
   * @param init how long initialization may take, in addition to the function's Timeout
   */
  public record Limits(int environments, int waiting, Duration init) {}

  /**
   * Files and variables that all functions share.
   *
   * @param runtime the folder of the runtime interface client's jars
   * @param work the folder below which zips are unpacked
   * @param shell overrides variables that the template declares
   * @param addresses queue URLs and table names by logical ID
   * @param endpoints variables that point every function to the local SQS and DynamoDB
   */
  public record Context(
      Path runtime,
      Path work,
      Map<String, String> shell,
      Map<String, String> addresses,
      Map<String, String> endpoints) {}

  private final ExecutionEnvironment.Plan plan;
  private final ChildProcesses children;
  private final StackConsole console;
  private final EnvironmentSlots slots;
  private final BlockingDeque<ExecutionEnvironment> idle = new LinkedBlockingDeque<>();
  private final AtomicInteger finishing = new AtomicInteger();
  private final Set<ExecutionEnvironment> all = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private FunctionPool(
      ExecutionEnvironment.Plan plan,
      Limits limits,
      ChildProcesses children,
      StackConsole console) {
    this.plan = plan;
    this.children = children;
    this.console = console;
    this.slots = new EnvironmentSlots(limits.environments(), limits.waiting());
  }

  /**
   * Unpacks the function; no environment starts yet.
   *
   * @throws dev.skein.local.console.StartupException if its zip or its exec wrapper is missing
   */
  public static FunctionPool open(
      Deployment.Function function,
      Context context,
      Limits limits,
      ChildProcesses children,
      StackConsole console) {
    try {
      Path root = TaskRoot.unpack(function.zip(), context.work().resolve(function.name()));
      Map<String, String> variables =
          FunctionVariables.of(function, context.shell(), context.addresses(), context.endpoints());
      Optional<Path> program = program(function, variables, root);
      return new FunctionPool(
          new ExecutionEnvironment.Plan(
              function, context.runtime(), root, program, variables, limits.init()),
          limits,
          children,
          console);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> program(
      Deployment.Function function, Map<String, String> variables, Path root) {
    if (function.ownRuntime()) {
      return Optional.of(ExecWrapper.bootstrap(function.name(), root));
    }
    Optional<Path> wrapper = ExecWrapper.of(function.name(), variables, root);
    wrapper.ifPresent(path -> variables.put(ExecWrapper.VARIABLE, path.toString()));
    return wrapper;
  }

  public Deployment.Function function() {
    return plan.function();
  }

  public String name() {
    return plan.function().name();
  }

  /** The processes that are there now. */
  public List<Long> pids() {
    return all.stream()
        .filter(ExecutionEnvironment::isAlive)
        .map(ExecutionEnvironment::pid)
        .toList();
  }

  /** Invokes the function and waits for its response, or for the start of it when it streams. */
  public Invocation invoke(byte[] event, Caller caller) throws InterruptedException {
    if (event.length > EVENT_LIMIT) {
      return new Invocation(new InvocationResult.TooLarge(), false);
    }
    long end = System.nanoTime() + caller.timeout().toNanos();
    Optional<EnvironmentSlots.Slot> slot = slots.acquire(caller);
    if (slot.isEmpty()) {
      boolean gone = caller.disconnected().isDone();
      return new Invocation(
          gone ? new InvocationResult.Disconnected(false) : new InvocationResult.Throttled(),
          false);
    }
    CompletableFuture<Invocation> pending = new CompletableFuture<>();
    Thread.ofVirtual().name(name()).start(() -> serve(event, caller, slot.get(), pending));
    return await(pending, caller, end);
  }

  /**
   * @param end as a {@link System#nanoTime}
   */
  private static Invocation await(CompletableFuture<Invocation> pending, Caller caller, long end)
      throws InterruptedException {
    InvocationResult late = new InvocationResult.StillRunning();
    try {
      CompletableFuture.anyOf(pending, caller.disconnected())
          .get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      late = new InvocationResult.Disconnected(true);
    } catch (TimeoutException e) {
      // It is still running.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      // Has no effect on a response that is there.
      pending.complete(new Invocation(late, false));
    }
    return pending.join();
  }

  /**
   * Starts an environment before the first event, so that an invalid setting is noticed.
   *
   * @return why it cannot be initialized: for an invalid setting, which and what is valid; empty if
   *     it can
   */
  public Optional<String> initialize() throws InterruptedException {
    ExecutionEnvironment environment = start();
    Optional<InvocationResult> failure = environment.awaitInitialized();
    if (failure.isEmpty()) {
      idle.addFirst(environment);
    }
    return failure.map(it -> INVALID_SETTING.matcher(name() + ": " + it.reason()).replaceFirst(""));
  }

  /** Stops every environment: SIGTERM first, SIGKILL if that does not help. */
  @Override
  public void close() {
    closed = true;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      all.forEach(environment -> threads.execute(() -> stop(environment)));
    }
  }

  private void serve(
      byte[] event,
      Caller caller,
      EnvironmentSlots.Slot slot,
      CompletableFuture<Invocation> pending) {
    try {
      ExecutionEnvironment warm = takeIdle();
      ExecutionEnvironment environment = warm != null ? warm : start();
      InvocationResult result = environment.invoke(event, caller.trace());
      Invocation invocation = new Invocation(result, warm == null);
      if (result instanceof InvocationResult.Streamed stream) {
        stream(environment, stream, invocation, pending);
      } else {
        reportFailure(": ", result);
        finishing.incrementAndGet();
        pending.complete(invocation);
        finish(environment, result);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (UncheckedIOException e) {
      InvocationResult result = new InvocationResult.Ended("cannot start: " + e.getMessage());
      reportFailure(": ", result);
      pending.complete(new Invocation(result, true));
    } finally {
      slots.release(slot);
    }
  }

  private void stream(
      ExecutionEnvironment environment,
      InvocationResult.Streamed stream,
      Invocation invocation,
      CompletableFuture<Invocation> pending)
      throws InterruptedException {
    Optional<InvocationResult> broken =
        Optional.of(new InvocationResult.Ended("the stack is stopping"));
    try {
      if (!pending.complete(invocation)) {
        // The caller gave up, so nobody reads the stream.
        stream.abandon();
      }
      broken = environment.awaitStreamed(stream);
      broken
          .filter(result -> !closed && !InvocationResult.isAbandoned(result))
          .ifPresent(result -> reportFailure(", during its response: ", result));
    } finally {
      finishing.incrementAndGet();
      stream.end().complete(broken);
    }
    finish(environment, broken.orElse(stream));
  }

  /** The slot stays taken until the environment asks for its next event. */
  private void finish(ExecutionEnvironment environment, InvocationResult result)
      throws InterruptedException {
    try {
      if (result instanceof InvocationResult.TimedOut || result instanceof InvocationResult.Ended) {
        return;
      }
      Optional<InvocationResult> end = environment.awaitReady();
      end.ifPresent(this::reportEnd);
      if (end.isEmpty()) {
        idle.addFirst(environment);
      }
    } finally {
      finishing.decrementAndGet();
    }
  }

  private @Nullable ExecutionEnvironment takeIdle() throws InterruptedException {
    ExecutionEnvironment environment;
    do {
      // An environment that just responded will be ready sooner than a new one.
      environment =
          finishing.get() > 0
              ? idle.pollFirst(SOON.toMillis(), TimeUnit.MILLISECONDS)
              : idle.pollFirst();
    } while (environment != null && !environment.isAlive());
    return environment;
  }

  private ExecutionEnvironment start() {
    if (closed) {
      throw new UncheckedIOException(new IOException("the stack is stopping"));
    }
    ExecutionEnvironment environment = ExecutionEnvironment.start(plan, children, console);
    all.add(environment);
    var _ = environment.ended().thenAccept(result -> forget(environment, result));
    return environment;
  }

  private void forget(ExecutionEnvironment environment, InvocationResult result) {
    all.remove(environment);
    if (idle.remove(environment)) {
      reportEnd(result);
    }
  }

  /** Reports that an environment ended between two invocations. */
  private void reportEnd(InvocationResult result) {
    if (!closed) {
      reportFailure(", after its response: ", result);
    }
  }

  private void reportFailure(String when, InvocationResult result) {
    if (!result.reason().isEmpty()) {
      console.problem(name() + when + result.reason());
    }
  }

  private static void stop(ExecutionEnvironment environment) {
    try {
      environment.stop(STOP_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
