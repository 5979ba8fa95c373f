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
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One function and its environments, started when an event finds none idle. What exceeds them waits
 * in the order of arrival. Thread-safe.
 */
public final class FunctionPool implements AutoCloseable {

  /** Bytes of the largest event that a function takes, as in the cloud. */
  public static final int EVENT_LIMIT = RuntimeApi.PAYLOAD_LIMIT;

  private static final Duration SOON = Duration.ofMillis(500);
  private static final Duration STOP_LIMIT = Duration.ofMillis(1500);

  /**
   * How much of a function runs here at once.
   *
   * @param environments at most so many processes
   * @param waiting at most so many events wait for one of them; the next is refused at once
   * @param init how long the start of one may take, beside the function's Timeout
   */
  public record Limits(int environments, int waiting, Duration init) {}

  /**
   * Where a function finds everything.
   *
   * @param runtime the folder of the runtime interface client's jars
   * @param work zips are unpacked below it
   * @param shell overrides variables that the template declares
   * @param addresses what a reference to a queue or a table means, by logical id
   * @param parts variables that lead every function to the queue and the table
   */
  public record World(
      Path runtime,
      Path work,
      Map<String, String> shell,
      Map<String, String> addresses,
      Map<String, String> parts) {}

  private final ExecutionEnvironment.Plan plan;
  private final Limits limits;
  private final ChildProcesses children;
  private final StackConsole console;
  private final FailureReport report;
  private final Semaphore slots;
  private final AtomicInteger waiting = new AtomicInteger();
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
    this.limits = limits;
    this.children = children;
    this.console = console;
    this.report = new FailureReport(plan.function().name(), console);
    this.slots = new Semaphore(limits.environments(), true);
  }

  /**
   * Unpacks the function; starts nothing yet.
   *
   * @throws dev.skein.local.console.StartupException when its zip is missing, or the wrapper that
   *     its variables name
   */
  public static FunctionPool open(
      Deployment.Function function,
      World world,
      Limits limits,
      ChildProcesses children,
      StackConsole console) {
    try {
      Path root = TaskRoot.unpack(function.zip(), world.work().resolve(function.name()));
      Map<String, String> variables =
          FunctionVariables.of(function, world.shell(), world.addresses(), world.parts());
      Optional<Path> wrapper = ExecWrapper.of(function.name(), variables, root);
      wrapper.ifPresent(path -> variables.put(ExecWrapper.VARIABLE, path.toString()));
      return new FunctionPool(
          new ExecutionEnvironment.Plan(
              function, world.runtime(), root, wrapper, variables, limits.init()),
          limits,
          children,
          console);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /**
   * Calls the function and waits, at most {@code patience} in all: for an environment, its start
   * and its answer, or the begin of it when it streams.
   */
  public Invocation invoke(byte[] event, Duration patience) throws InterruptedException {
    if (event.length > EVENT_LIMIT) {
      return new Invocation(new InvocationResult.TooLarge(), false);
    }
    long end = System.nanoTime() + patience.toNanos();
    if (!takeSlot(patience)) {
      return new Invocation(new InvocationResult.Throttled(), false);
    }
    CompletableFuture<Invocation> result = new CompletableFuture<>();
    Thread.ofVirtual().name(name()).start(() -> serve(event, result));
    Invocation late = new Invocation(new InvocationResult.Late(), false);
    try {
      return result.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return result.complete(late) ? late : result.join();
    } catch (InterruptedException e) {
      result.complete(late);
      throw e;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends every environment: first asked, then killed. */
  @Override
  public void close() {
    closed = true;
    List<Thread> stops =
        all.stream().map(one -> Thread.ofVirtual().start(() -> stop(one))).toList();
    try {
      for (Thread stop : stops) {
        stop.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean takeSlot(Duration patience) throws InterruptedException {
    int inLine = waiting.incrementAndGet();
    try {
      if (inLine > limits.waiting() && slots.availablePermits() == 0) {
        return false;
      }
      return slots.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      waiting.decrementAndGet();
    }
  }

  private void serve(byte[] event, CompletableFuture<Invocation> result) {
    try {
      ExecutionEnvironment warm = takeIdle();
      ExecutionEnvironment environment = warm != null ? warm : start();
      InvocationResult outcome = environment.invoke(event);
      Invocation invocation = new Invocation(outcome, warm == null);
      if (outcome instanceof InvocationResult.Streamed stream) {
        stream(environment, stream, invocation, result);
      } else {
        report.answer(outcome);
        finishing.incrementAndGet();
        result.complete(invocation);
        finish(environment, outcome);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (UncheckedIOException e) {
      InvocationResult outcome =
          new InvocationResult.Ended("it cannot be started: " + e.getMessage());
      report.answer(outcome);
      result.complete(new Invocation(outcome, true));
    } finally {
      slots.release();
    }
  }

  private void stream(
      ExecutionEnvironment environment,
      InvocationResult.Streamed stream,
      Invocation invocation,
      CompletableFuture<Invocation> result)
      throws InterruptedException {
    Optional<InvocationResult> broken =
        Optional.of(new InvocationResult.Ended("the stack is being stopped"));
    try {
      if (!result.complete(invocation)) {
        // Whoever called is gone, and nobody else reads it.
        stream.abandon();
      }
      broken = environment.awaitStreamed(stream);
      if (!closed) {
        broken.ifPresent(report::brokenStream);
      }
    } finally {
      finishing.incrementAndGet();
      stream.end().complete(broken);
    }
    finish(environment, broken.orElse(stream));
  }

  /** The slot is taken until the environment is ready again, which can be later than its answer. */
  private void finish(ExecutionEnvironment environment, InvocationResult outcome)
      throws InterruptedException {
    try {
      if (isAlive(outcome)) {
        Optional<InvocationResult> end = environment.awaitReady();
        if (end.isEmpty()) {
          idle.addFirst(environment);
        } else {
          reportEnd(end.get());
        }
      }
    } finally {
      finishing.decrementAndGet();
    }
  }

  private @Nullable ExecutionEnvironment takeIdle() throws InterruptedException {
    ExecutionEnvironment environment;
    do {
      // Who has just answered is about to ask for more: that is sooner than any start.
      environment =
          finishing.get() > 0
              ? idle.pollFirst(SOON.toMillis(), TimeUnit.MILLISECONDS)
              : idle.pollFirst();
    } while (environment != null && !environment.isAlive());
    return environment;
  }

  private ExecutionEnvironment start() {
    if (closed) {
      throw new UncheckedIOException(new IOException("the stack is being stopped"));
    }
    ExecutionEnvironment environment = ExecutionEnvironment.start(plan, children, console);
    all.add(environment);
    var _ = environment.ended().thenAccept(outcome -> forget(environment, outcome));
    return environment;
  }

  private void forget(ExecutionEnvironment environment, InvocationResult outcome) {
    all.remove(environment);
    if (idle.remove(environment)) {
      reportEnd(outcome);
    }
  }

  /** Whether the environment goes on after that. */
  private static boolean isAlive(InvocationResult outcome) {
    return switch (outcome) {
      case InvocationResult.Answered _, InvocationResult.Streamed _, InvocationResult.Failed _ ->
          true;
      case InvocationResult.TimedOut _,
          InvocationResult.Ended _,
          InvocationResult.Late _,
          InvocationResult.Throttled _,
          InvocationResult.TooLarge _ ->
          false;
    };
  }

  private void reportEnd(InvocationResult outcome) {
    if (!closed) {
      report.endAfterAnswer(outcome);
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
