package dev.skein.local.services;

import dev.skein.local.console.StackConsole;
import dev.skein.local.console.StartupException;
import dev.skein.local.process.ChildProcesses;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * ElasticMQ for SQS and DynamoDB Local, each in its own process; or servers that already run, where
 * the standard variables {@code AWS_ENDPOINT_URL_SQS} and {@code AWS_ENDPOINT_URL_DYNAMODB} name
 * them.
 */
public final class LocalServices implements AutoCloseable {

  /**
   * The files and ports that the services use.
   *
   * @param jars contains {@code queue/target/lib} and {@code table/target/lib}
   * @param work for generated files
   * @param data where queues and tables survive a restart; empty: in memory
   */
  public record Plan(
      Path jars, int queuePort, int tablePort, Path work, Path logs, Optional<Path> data) {}

  private final List<LocalService> started;
  private final URI sqs;
  private final URI dynamoDb;

  private LocalServices(List<LocalService> started, URI sqs, URI dynamoDb) {
    this.started = started;
    this.sqs = sqs;
    this.dynamoDb = dynamoDb;
  }

  /**
   * Starts both services; returns when both accept connections.
   *
   * @param environment the user's environment variables
   * @throws StartupException if one cannot start; then neither runs
   */
  public static LocalServices start(
      Plan plan, Map<String, String> environment, ChildProcesses children, StackConsole console)
      throws InterruptedException {
    List<LocalService> started = new ArrayList<>();
    try {
      URI sqs =
          endpoint(environment, "AWS_ENDPOINT_URL_SQS", () -> elasticMq(plan), started, children);
      URI dynamoDb =
          endpoint(
              environment, "AWS_ENDPOINT_URL_DYNAMODB", () -> dynamoDb(plan), started, children);
      for (LocalService service : started) {
        service.awaitListening();
        service.reportExitTo(console);
      }
      return new LocalServices(started, sqs, dynamoDb);
    } catch (Throwable t) {
      close(started);
      throw t;
    }
  }

  /** The SQS endpoint. */
  public URI sqs() {
    return sqs;
  }

  /** The DynamoDB endpoint. */
  public URI dynamoDb() {
    return dynamoDb;
  }

  /** The process IDs of the services that were started here. */
  public List<Long> pids() {
    return started.stream().map(LocalService::pid).toList();
  }

  /** Where each service listens, for the console. */
  public String description() {
    return "SQS on %s, DynamoDB on %s".formatted(sqs, dynamoDb);
  }

  @Override
  public void close() {
    close(started);
  }

  private static void close(List<LocalService> services) {
    services.forEach(LocalService::terminate);
    services.forEach(LocalService::close);
  }

  private static URI endpoint(
      Map<String, String> environment,
      String variable,
      Supplier<LocalService.Plan> plan,
      List<LocalService> started,
      ChildProcesses children) {
    String external = environment.getOrDefault(variable, "");
    if (external.isBlank()) {
      started.add(LocalService.launch(plan.get(), children));
      return started.getLast().uri();
    }
    try {
      return new URI(external);
    } catch (URISyntaxException e) {
      throw new StartupException(variable + " is not a URL: " + external, e);
    }
  }

  private static LocalService.Plan elasticMq(Plan plan) {
    int port = Ports.claim(plan.queuePort(), "QUEUE_PORT");
    return ElasticMq.plan(jars(plan, "queue"), port, plan.work(), plan.logs(), plan.data());
  }

  private static LocalService.Plan dynamoDb(Plan plan) {
    int port = Ports.claim(plan.tablePort(), "TABLE_PORT");
    return DynamoDbLocal.plan(jars(plan, "table"), port, plan.logs(), plan.data());
  }

  private static Path jars(Plan plan, String name) {
    Path folder = plan.jars().resolve(name).resolve("target/lib").toAbsolutePath();
    if (!Files.isDirectory(folder)) {
      throw new StartupException(folder + " is missing: build it with `mvn package`.");
    }
    return folder;
  }
}
