package dev.skein.local.template;

import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Route;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the events of functions. One reader sees every route, and so notices one taken twice. */
final class EventReader {

  private static final Keys ROUTE =
      new Keys("an Api event", "Path Method RestApiId Auth ResponseTransferMode TimeoutInMillis");

  private static final int LONGEST_STREAM = 900_000;

  /** Without effect: no key, token or signature is checked here. */
  private static final Keys AUTH =
      new Keys(
          "an Api event's Auth",
          "Authorizer",
          "ApiKeyRequired AuthorizationScopes InvokeRole ResourcePolicy");

  private static final Keys SOURCE =
      new Keys(
          "an SQS event",
          "BatchSize Enabled FunctionResponseTypes MaximumBatchingWindowInSeconds Queue"
              + " ScalingConfig");

  private static final Keys SCALING = new Keys("ScalingConfig", "MaximumConcurrency");

  private final Optional<Api> api;
  private final List<Queue> queues;
  private final Map<Route, Place> taken = new HashMap<>();

  /**
   * @param api the template's own; without one, SAM makes one for the events that name none
   */
  EventReader(Optional<Api> api, List<Queue> queues) {
    this.api = api;
    this.queues = queues;
  }

  Route route(Section event) {
    Section route = event.section("Properties", ROUTE);
    checkApi(route);
    String path = route.text("Path");
    if (!path.matches("/[^{}]*")) {
      throw route.error("Path", "must start with / and hold no {parameter}, not " + path);
    }
    String method = route.text("Method").toUpperCase(Locale.ROOT);
    if (!method.matches("ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT")) {
      throw route.error("Method", "must be a method such as get, or any, not " + method);
    }
    @Nullable Place other = taken.put(new Route(method, path, false), event.node().place());
    if (other != null) {
      throw event
          .node()
          .error(
              "%s %s is the route of %s (line %d) already; give one of them another path"
                  .formatted(method, path, other.path(), other.line()));
    }
    Optional<String> authorizer = route.section("Auth", AUTH).optionalText("Authorizer");
    boolean iam = authorizer.map("AWS_IAM"::equals).orElse(api.map(Api::iam).orElse(false));
    boolean streaming = isStreaming(route);
    int own = (int) Route.TIMEOUT.toMillis();
    int timeout = route.integer("TimeoutInMillis", 50, streaming ? LONGEST_STREAM : own, own);
    return new Route(method, path, iam, streaming, Duration.ofMillis(timeout));
  }

  private static boolean isStreaming(Section route) {
    return route.value("ResponseTransferMode").isPresent()
        && route
            .oneOf("ResponseTransferMode", "BUFFERED", "RESPONSE_STREAM")
            .equals("RESPONSE_STREAM");
  }

  private void checkApi(Section route) {
    if (route.value("RestApiId").isPresent()) {
      route.resource("RestApiId", Resource.API, "");
    } else if (api.isPresent()) {
      String name = api.get().name();
      throw route.error(
          "RestApiId",
          "is missing, and makes a second API beside %s; write !Ref %s".formatted(name, name));
    }
  }

  /** Empty if the event is not enabled. */
  Optional<QueueSource> queueSource(Section event, Duration functionTimeout) {
    Section source = event.section("Properties", SOURCE);
    String queue = source.resource("Queue", Resource.QUEUE, "Arn");
    int batchSize = source.integer("BatchSize", 1, 10_000, 10);
    int window = source.integer("MaximumBatchingWindowInSeconds", 0, 300, 0);
    if (batchSize > 10 && window == 0) {
      throw source.error(
          "BatchSize", "above 10, needs a MaximumBatchingWindowInSeconds of 1 or more; add it");
    }
    Duration visibility = visibilityTimeout(queue);
    if (visibility.compareTo(functionTimeout) < 0) {
      throw source.error(
          "Queue",
          "the VisibilityTimeout of %s, %d s, is less than the function's Timeout, %d s; raise it"
              .formatted(queue, visibility.toSeconds(), functionTimeout.toSeconds()));
    }
    Section scaling = source.section("ScalingConfig", SCALING);
    Optional<Integer> concurrency =
        scaling
            .value("MaximumConcurrency")
            .map(_ -> scaling.integer("MaximumConcurrency", 2, 1000));
    boolean reportsFailures = reportsFailures(source);
    return source.flag("Enabled", true)
        ? Optional.of(
            new QueueSource(
                queue, batchSize, Duration.ofSeconds(window), concurrency, reportsFailures))
        : Optional.empty();
  }

  private Duration visibilityTimeout(String queue) {
    return queues.stream()
        .filter(candidate -> candidate.name().equals(queue))
        .findFirst()
        .orElseThrow()
        .visibilityTimeout();
  }

  private static boolean reportsFailures(Section source) {
    List<TemplateNode> types = source.items("FunctionResponseTypes");
    for (TemplateNode type : types) {
      if (!source.intrinsics().text(type).equals("ReportBatchItemFailures")) {
        throw type.error("must be ReportBatchItemFailures, the only one there is");
      }
    }
    return !types.isEmpty();
  }
}
