package dev.skein.local.services;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.process.ChildProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The queue and the table: processes of our own, or servers that already run where the standard
 * {@code AWS_ENDPOINT_URL_SQS} and {@code AWS_ENDPOINT_URL_DYNAMODB} point.
 */
public final class LocalServices implements AutoCloseable {

  /**
   * Where the parts come from and what they may use.
   *
   * @param jars holds {@code queue/target/lib} and {@code table/target/lib}
   * @param work for generated files
   * @param data where queues and tables survive a restart; empty: in memory
   */
  public record Plan(
      Path jars, int queuePort, int tablePort, Path work, Path logs, Optional<Path> data) {}

  private static final String QUEUE_ENDPOINT = "AWS_ENDPOINT_URL_SQS";
  private static final String TABLE_ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB";

  private final Optional<LocalService> queue;
  private final Optional<LocalService> table;
  private final Map<String, String> environment;

  private LocalServices(
      Optional<LocalService> queue, Optional<LocalService> table, Map<String, String> environment) {
    this.queue = queue;
    this.table = table;
    this.environment = environment;
  }

  /**
   * Starts both parts side by side; returns when both accept connections.
   *
   * @param environment the person's own, for endpoints that are already there
   */
  public static LocalServices start(
      Plan plan, Map<String, String> environment, ChildProcesses children, StackConsole console)
      throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<LocalService>> queue =
          threads.submit(
              unlessGiven(environment, QUEUE_ENDPOINT, () -> queue(plan), children, console));
      Future<Optional<LocalService>> table =
          threads.submit(
              unlessGiven(environment, TABLE_ENDPOINT, () -> table(plan), children, console));
      LocalServices parts = new LocalServices(started(queue), started(table), environment);
      for (Future<Optional<LocalService>> one : List.of(queue, table)) {
        if (one.state() == Future.State.FAILED) {
          parts.close();
          throw failure(one.exceptionNow());
        }
      }
      return parts;
    }
  }

  /** Where SQS answers. */
  public URI sqs() {
    return queue.map(LocalService::uri).orElseGet(() -> given(QUEUE_ENDPOINT));
  }

  /** Where DynamoDB answers. */
  public URI dynamoDb() {
    return table.map(LocalService::uri).orElseGet(() -> given(TABLE_ENDPOINT));
  }

  /** The process ids of the parts that were started here. */
  public List<Long> pids() {
    return Stream.of(queue, table).flatMap(Optional::stream).map(LocalService::pid).toList();
  }

  /** Where each part is, in words. */
  public String told() {
    return "%s on %s, %s on %s"
        .formatted(
            queue.isPresent() ? "ElasticMQ" : "your SQS",
            sqs(),
            table.isPresent() ? "DynamoDB Local" : "your DynamoDB",
            dynamoDb());
  }

  @Override
  public void close() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Stream.of(queue, table)
          .flatMap(Optional::stream)
          .forEach(part -> threads.execute(part::close));
    }
  }

  private static Callable<Optional<LocalService>> unlessGiven(
      Map<String, String> environment,
      String endpoint,
      Callable<LocalService.Plan> plan,
      ChildProcesses children,
      StackConsole console) {
    return () ->
        environment.getOrDefault(endpoint, "").isBlank()
            ? Optional.of(LocalService.start(plan.call(), children, console))
            : Optional.empty();
  }

  private static LocalService.Plan queue(Plan plan) {
    return ElasticMq.plan(
        jars(plan, "queue"),
        Ports.claim(plan.queuePort(), "QUEUE_PORT"),
        plan.work(),
        plan.logs(),
        plan.data());
  }

  private static LocalService.Plan table(Plan plan) {
    return DynamoDbLocal.plan(
        jars(plan, "table"),
        ownClasses(),
        Ports.claim(plan.tablePort(), "TABLE_PORT"),
        plan.logs(),
        plan.data());
  }

  private static Path jars(Plan plan, String name) {
    Path folder = plan.jars().resolve(name).resolve("target/lib").toAbsolutePath();
    if (!Files.isDirectory(folder)) {
      throw new StartupException(folder + " is not there: build it with `mvn package`.");
    }
    return folder;
  }

  private static Path ownClasses() {
    try {
      return Path.of(
          LocalServices.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<LocalService> started(Future<Optional<LocalService>> start)
      throws InterruptedException {
    try {
      return start.get();
    } catch (ExecutionException e) {
      return Optional.empty();
    }
  }

  private static RuntimeException failure(Throwable cause) {
    return switch (cause) {
      case RuntimeException known -> known;
      case IOException io -> new UncheckedIOException(io);
      default -> new IllegalStateException(cause);
    };
  }

  private URI given(String variable) {
    String value = environment.getOrDefault(variable, "");
    try {
      return new URI(value);
    } catch (URISyntaxException e) {
      throw new StartupException(variable + " is not a URL: " + value, e);
    }
  }
}
