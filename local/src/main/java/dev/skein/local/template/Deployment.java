package dev.skein.local.template;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The resources of a template that run locally, with intrinsic functions resolved. Immutable.
 * Resources refer to each other by logical ID; addresses are known only when they run.
 *
 * @param functions in the template's order
 * @param gatewayResponses API Gateway's own responses by type, for example {@code THROTTLED}
 * @param limits how often the API's routes can be called
 */
public record Deployment(
    List<Function> functions,
    List<Queue> queues,
    List<Table> tables,
    Map<String, GatewayResponse> gatewayResponses,
    ApiLimits limits) {

  public Deployment {
    functions = List.copyOf(functions);
    queues = List.copyOf(queues);
    tables = List.copyOf(tables);
    gatewayResponses = Map.copyOf(gatewayResponses);
  }

  /** A deployment without limits. */
  public Deployment(
      List<Function> functions,
      List<Queue> queues,
      List<Table> tables,
      Map<String, GatewayResponse> gatewayResponses) {
    this(functions, queues, tables, gatewayResponses, ApiLimits.NONE);
  }

  /**
   * The queue with this name.
   *
   * @throws java.util.NoSuchElementException if there is none
   */
  public Queue queue(String name) {
    return queues.stream().filter(queue -> queue.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * One function and its event sources.
   *
   * @param name its logical ID
   * @param handler {@code package.Class} or {@code package.Class::method}
   * @param zip its CodeUri, resolved against the template's folder
   * @param memorySize in MiB
   * @param environment values that may still hold a {@link Value.Reference}
   * @param ownRuntime whether the zip contains its runtime, which its {@code bootstrap} starts
   *     ({@code provided.al2023}); otherwise it runs on {@code java25}
   */
  public record Function(
      String name,
      String handler,
      Path zip,
      Duration timeout,
      int memorySize,
      Map<String, Value> environment,
      List<Route> routes,
      List<QueueSource> queueSources,
      boolean ownRuntime) {

    public Function {
      environment = Map.copyOf(environment);
      routes = List.copyOf(routes);
      queueSources = List.copyOf(queueSources);
    }

    /** A function that runs on {@code java25}. */
    public Function(
        String name,
        String handler,
        Path zip,
        Duration timeout,
        int memorySize,
        Map<String, Value> environment,
        List<Route> routes,
        List<QueueSource> queueSources) {
      this(name, handler, zip, timeout, memorySize, environment, routes, queueSources, false);
    }
  }

  /**
   * One API event.
   *
   * @param method an HTTP method in upper case, or {@code ANY}
   * @param path a literal path such as {@code /chat}, or one that ends in a greedy path variable
   *     such as {@code /v1/{proxy+}}
   * @param iam whether callers sign requests with IAM rather than send an API key
   * @param open whether callers need neither
   * @param streaming whether the response is streamed to the caller
   * @param timeout the integration timeout: 50 ms to 29 s, or to 15 min when streaming
   */
  public record Route(
      String method, String path, boolean iam, boolean open, boolean streaming, Duration timeout) {

    /** The default integration timeout. */
    public static final Duration TIMEOUT = Duration.ofSeconds(29);

    /** A route whose callers send an API key or sign requests. */
    public Route(String method, String path, boolean iam, boolean streaming, Duration timeout) {
      this(method, path, iam, false, streaming, timeout);
    }

    /** A buffered route with the default timeout. */
    public Route(String method, String path, boolean iam) {
      this(method, path, iam, false, TIMEOUT);
    }

    /** Whether the path ends in a greedy path variable. */
    public boolean isGreedy() {
      return path.endsWith("+}");
    }

    /** The literal part of the path, up to its greedy path variable. */
    public String prefix() {
      return isGreedy() ? path.substring(0, path.lastIndexOf('{')) : path;
    }

    /** Whether a request's path matches this one. */
    public boolean matches(String requested) {
      return isGreedy()
          ? requested.startsWith(prefix()) && requested.length() > prefix().length()
          : requested.equals(path);
    }
  }

  /**
   * One event source mapping of a queue.
   *
   * @param queue the queue's logical ID
   * @param batchSize 1 to 10,000; above 10 a window is required
   * @param window the maximum batching window
   * @param maximumConcurrency the maximum number of batches in flight; empty if unlimited
   * @param reportBatchItemFailures whether the function reports partial batch failures
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
   * @param name its logical ID, which is also its local name
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
   * @param name its logical ID, which is also its local name
   * @param attributes attribute names to their types, {@code S}, {@code N} or {@code B}
   * @param key attribute names to their key types, {@code HASH} or {@code RANGE}
   * @param timeToLive the attribute that holds the expiry in epoch seconds
   */
  public record Table(
      String name,
      Map<String, String> attributes,
      Map<String, String> key,
      List<Index> indexes,
      Optional<String> timeToLive) {

    public Table {
      attributes = Map.copyOf(attributes);
      key = Map.copyOf(key);
      indexes = List.copyOf(indexes);
    }
  }

  /**
   * A global secondary index.
   *
   * @param key as a table's
   * @param projection which attributes it has: {@code ALL} or {@code KEYS_ONLY}
   */
  public record Index(String name, Map<String, String> key, String projection) {

    public Index {
      key = Map.copyOf(key);
    }
  }

  /**
   * One of API Gateway's own responses.
   *
   * @param headers names to values, without the template's inner quotes; {@code $context.requestId}
   *     stands for the request's ID
   * @param body may contain {@code $context.requestId}
   */
  public record GatewayResponse(int status, Map<String, String> headers, String body) {

    public GatewayResponse {
      headers = Map.copyOf(headers);
    }
  }

  /**
   * How often the routes of an API can be called.
   *
   * @param throttle the usage plan's, for each API key
   * @param quota the usage plan's, for each API key
   * @param stage the stage's throttling, for each method of each route; the most specific first
   */
  public record ApiLimits(
      Optional<Throttle> throttle, Optional<Quota> quota, List<StageThrottle> stage) {

    /** No limits. */
    public static final ApiLimits NONE =
        new ApiLimits(Optional.empty(), Optional.empty(), List.of());

    public ApiLimits {
      stage = List.copyOf(stage);
    }
  }

  /**
   * A token bucket.
   *
   * @param rate requests per second
   * @param burst the most requests at once
   */
  public record Throttle(double rate, int burst) {}

  /**
   * The most requests in a period.
   *
   * @param limit at least 0
   */
  public record Quota(int limit, Period period) {
    /** A period of UTC; weeks begin on Sunday. */
    public enum Period {
      DAY,
      WEEK,
      MONTH
    }
  }

  /**
   * Throttling of some methods.
   *
   * @param path of a route, or {@code /*} for every route
   * @param method an HTTP method, or {@code *} for every method
   */
  public record StageThrottle(String path, String method, Throttle throttle) {
    /**
     * Whether it is for requests to this route.
     *
     * @param requested the method of the request, which counts even if the route's is any
     */
    public boolean appliesTo(Route route, String requested) {
      return (path.equals("/*") || path.equals(route.path()))
          && (method.equals("*") || method.equals(requested));
    }
  }

  /** The value of an environment variable. */
  public sealed interface Value {

    /** A plain value. */
    record Literal(String text) implements Value {}

    /** {@code Ref} to a queue (its URL) or a table (its name). */
    record Reference(String logicalId) implements Value {}
  }
}
