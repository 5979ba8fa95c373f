package dev.skein.local.template;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a template declares, as far as a machine without a cloud can run it: immutable, and free of
 * intrinsics. References between resources are logical ids; they become addresses once the parts
 * listen.
 *
 * @param functions in the template's order
 * @param gatewayResponses API Gateway's own answers by response type, for example {@code THROTTLED}
 */
public record Deployment(
    List<Function> functions,
    List<Queue> queues,
    List<Table> tables,
    Map<String, GatewayResponse> gatewayResponses) {

  public Deployment {
    functions = List.copyOf(functions);
    queues = List.copyOf(queues);
    tables = List.copyOf(tables);
    gatewayResponses = Map.copyOf(gatewayResponses);
  }

  /**
   * One function and what calls it.
   *
   * @param name its logical id
   * @param handler what the runtime loads, {@code package.Class} or {@code package.Class::method}
   * @param zip its CodeUri, resolved against the template's folder
   * @param memorySize in MiB
   * @param environment values that may still hold a {@link Value.Reference}
   */
  public record Function(
      String name,
      String handler,
      Path zip,
      Duration timeout,
      int memorySize,
      Map<String, Value> environment,
      List<Route> routes,
      List<QueueSource> queueSources) {

    public Function {
      environment = Map.copyOf(environment);
      routes = List.copyOf(routes);
      queueSources = List.copyOf(queueSources);
    }
  }

  /**
   * One API event.
   *
   * @param method upper case, or {@code ANY}
   * @param path a literal path such as {@code /chat}
   * @param iam whether callers sign with IAM (else: an API key)
   * @param streaming whether the function's response goes to the caller as it comes
   * @param timeout how long the API waits for the function; 50 ms to 29 s, when streaming 15 min
   */
  public record Route(
      String method, String path, boolean iam, boolean streaming, Duration timeout) {

    /** How long the API waits where nothing says otherwise. */
    public static final Duration TIMEOUT = Duration.ofSeconds(29);

    /** One that is not streaming, with the API's own timeout. */
    public Route(String method, String path, boolean iam) {
      this(method, path, iam, false, TIMEOUT);
    }
  }

  /**
   * One event source mapping of a queue.
   *
   * @param queue the queue's logical id
   * @param batchSize 1 to 10,000; above 10 a window is needed
   * @param window how long a batch may wait to fill
   * @param maximumConcurrency batches in flight at once, if limited
   * @param reportBatchItemFailures whether the function's list of failures is obeyed
   */
  public record QueueSource(
      String queue,
      int batchSize,
      Duration window,
      Optional<Integer> maximumConcurrency,
      boolean reportBatchItemFailures) {}

  /**
   * One SQS queue.
   *
   * @param name its logical id, and the name it gets on this machine
   */
  public record Queue(
      String name,
      Duration visibilityTimeout,
      Duration messageRetention,
      Optional<Redrive> redrive) {}

  /** After {@code maxReceiveCount} receives a message moves to {@code deadLetterQueue}. */
  public record Redrive(String deadLetterQueue, int maxReceiveCount) {}

  /**
   * One DynamoDB table, billed on demand.
   *
   * @param name its logical id, and the name it gets on this machine
   * @param attributes name to type, {@code S}, {@code N} or {@code B}
   * @param timeToLive the attribute that holds the expiry in epoch seconds
   */
  public record Table(
      String name,
      Map<String, String> attributes,
      Key key,
      List<Index> indexes,
      Optional<String> timeToLive) {

    public Table {
      attributes = Map.copyOf(attributes);
      indexes = List.copyOf(indexes);
    }
  }

  /** A primary key. */
  public record Key(String hash, Optional<String> range) {}

  /** A global secondary index that projects every attribute. */
  public record Index(String name, Key key) {}

  /**
   * One of API Gateway's own answers.
   *
   * @param headers names to values, without the template's inner quotes
   * @param body may hold {@code $context.requestId}
   */
  public record GatewayResponse(int status, Map<String, String> headers, String body) {

    public GatewayResponse {
      headers = Map.copyOf(headers);
    }
  }

  /** The value of an environment variable. */
  public sealed interface Value {

    /** A value known from the template alone. */
    record Literal(String text) implements Value {}

    /** {@code Ref} to a queue (its URL) or a table (its name). */
    record Reference(String logicalId) implements Value {}

    /** A {@code {{resolve:secretsmanager:…}}} that only a deployment resolves. */
    record Secret(String name) implements Value {}
  }
}
