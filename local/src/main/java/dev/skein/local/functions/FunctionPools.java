package dev.skein.local.functions;

import dev.skein.local.console.StackConsole;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** All functions of a deployment. Thread-safe. */
public final class FunctionPools implements AutoCloseable {

  private final Map<String, FunctionPool> pools = new LinkedHashMap<>();

  private FunctionPools() {}

  /**
   * Unpacks the functions; no environment starts yet.
   *
   * @throws dev.skein.local.console.StartupException if a zip or an exec wrapper is missing
   */
  public static FunctionPools open(
      List<Deployment.Function> functions,
      FunctionPool.Context context,
      FunctionPool.Limits limits,
      ChildProcesses children,
      StackConsole console) {
    FunctionPools all = new FunctionPools();
    for (Deployment.Function function : functions) {
      all.pools.put(
          function.name(), FunctionPool.open(function, context, limits, children, console));
    }
    return all;
  }

  /** The functions in the order of the template. */
  public Collection<FunctionPool> all() {
    return pools.values();
  }

  /**
   * The function with this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public FunctionPool get(String name) {
    FunctionPool pool = pools.get(name);
    if (pool == null) {
      throw new IllegalArgumentException("there is no function " + name);
    }
    return pool;
  }

  /**
   * Starts an environment of each of these functions.
   *
   * @return why they cannot be initialized, a line each; empty if they can
   */
  public String initialize(Predicate<Deployment.Function> which) throws InterruptedException {
    List<Callable<Optional<String>>> starts =
        pools.values().stream()
            .filter(pool -> which.test(pool.function()))
            .<Callable<Optional<String>>>map(pool -> pool::initialize)
            .toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.invokeAll(starts).stream()
          .flatMap(start -> start.resultNow().stream())
          .distinct()
          .collect(Collectors.joining("\n"));
    }
  }

  /** Stops every environment of every function. */
  @Override
  public void close() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      pools.values().forEach(pool -> threads.execute(pool::close));
    }
  }
}
