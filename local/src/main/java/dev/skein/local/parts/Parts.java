package dev.skein.local.parts;

import dev.skein.local.console.Console;
import dev.skein.local.console.StartException;
import dev.skein.local.process.Children;
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
public final class Parts implements AutoCloseable {

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

  private final Optional<Part> queue;
  private final Optional<Part> table;
  private final Map<String, String> environment;

  private Parts(Optional<Part> queue, Optional<Part> table, Map<String, String> environment) {
    this.queue = queue;
    this.table = table;
    this.environment = environment;
  }

  /**
   * Starts both parts side by side; returns when both accept connections.
   *
   * @param environment the person's own, for endpoints that are already there
   */
  public static Parts start(
      Plan plan, Map<String, String> environment, Children children, Console console)
      throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<Part>> queue =
          threads.submit(
              unlessGiven(environment, QUEUE_ENDPOINT, () -> queue(plan), children, console));
      Future<Optional<Part>> table =
          threads.submit(
              unlessGiven(environment, TABLE_ENDPOINT, () -> table(plan), children, console));
      Parts parts = new Parts(started(queue), started(table), environment);
      for (Future<Optional<Part>> one : List.of(queue, table)) {
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
    return queue.map(Part::uri).orElseGet(() -> given(QUEUE_ENDPOINT));
  }

  /** Where DynamoDB answers. */
  public URI dynamoDb() {
    return table.map(Part::uri).orElseGet(() -> given(TABLE_ENDPOINT));
  }

  /** The process ids of the parts that were started here. */
  public List<Long> pids() {
    return Stream.of(queue, table).flatMap(Optional::stream).map(Part::pid).toList();
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

  private static Callable<Optional<Part>> unlessGiven(
      Map<String, String> environment,
      String endpoint,
      Callable<Part.Plan> plan,
      Children children,
      Console console) {
    return () ->
        environment.getOrDefault(endpoint, "").isBlank()
            ? Optional.of(Part.start(plan.call(), children, console))
            : Optional.empty();
  }

  private static Part.Plan queue(Plan plan) {
    return QueuePart.plan(
        jars(plan, "queue"),
        Ports.claim(plan.queuePort(), "QUEUE_PORT"),
        plan.work(),
        plan.logs(),
        plan.data());
  }

  private static Part.Plan table(Plan plan) {
    return TablePart.plan(
        jars(plan, "table"),
        ownClasses(),
        Ports.claim(plan.tablePort(), "TABLE_PORT"),
        plan.logs(),
        plan.data());
  }

  private static Path jars(Plan plan, String name) {
    Path folder = plan.jars().resolve(name).resolve("target/lib").toAbsolutePath();
    if (!Files.isDirectory(folder)) {
      throw new StartException(folder + " is not there: build it with `mvn package`.");
    }
    return folder;
  }

  private static Path ownClasses() {
    try {
      return Path.of(Parts.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Part> started(Future<Optional<Part>> start) throws InterruptedException {
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
      throw new StartException(variable + " is not a URL: " + value, e);
    }
  }
}
