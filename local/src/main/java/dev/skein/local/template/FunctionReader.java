package dev.skein.local.template;

import static java.util.Objects.requireNonNull;

import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads each {@code AWS::Serverless::Function}, with the defaults of Globals, and its events. */
final class FunctionReader {

  private static final String SHARED = "MemorySize Runtime Timeout";
  private static final String IGNORED =
      "Architectures AutoPublishAlias AutoPublishAliasAllProperties DeploymentPreference KmsKeyArn"
          + " Layers LoggingConfig ReservedConcurrentExecutions Role SnapStart Tags Tracing"
          + " VpcConfig";
  private static final int MAX_STREAM_MILLIS = 900_000;

  private final Path folder;
  private final Section globals;
  private final Map<String, Queue> queues;
  private final Set<String> routes = new HashSet<>();

  /**
   * @param folder the base of a relative CodeUri
   * @param globals the section Globals
   */
  FunctionReader(Path folder, Section globals, Map<String, Queue> queues) {
    this.folder = folder;
    this.globals = globals.section("Function", SHARED, IGNORED);
    this.queues = queues;
  }

  Function read(String name, Section resource) {
    Section function =
        resource
            .section(
                "Properties",
                SHARED + " CodeUri Environment Events Handler",
                IGNORED + " Description Policies")
            .withDefaults(globals);
    String runtime = function.oneOf("Runtime", "java25", "provided.al2023");
    Duration timeout = Duration.ofSeconds(function.integer("Timeout", 1, 900, 3));
    List<Route> routes = new ArrayList<>();
    List<QueueSource> sources = new ArrayList<>();
    for (YamlNode node : function.mapping("Events").values()) {
      Section event = Section.of(node, function.intrinsics(), "Type Properties", "");
      if (event.oneOf("Type", "Api", "SQS").equals("Api")) {
        routes.add(route(event));
      } else {
        queueSource(event, timeout).ifPresent(source -> add(source, event, sources));
      }
    }
    return new Function(
        name,
        handler(function),
        zip(function),
        timeout,
        function.integer("MemorySize", 128, 10_240, 128),
        variables(function),
        routes,
        sources,
        runtime.equals("provided.al2023"));
  }

  private static void add(QueueSource source, Section event, List<QueueSource> sources) {
    if (sources.stream().anyMatch(it -> it.queue().equals(source.queue()))) {
      throw event.location().error("is a second mapping of " + source.queue());
    }
    sources.add(source);
  }

  private static String handler(Section function) {
    String handler = function.text("Handler");
    if (!handler.matches("[\\w.$]+(::\\w+)?")) {
      throw function.error("Handler", "must be package.Class or package.Class::method");
    }
    return handler;
  }

  private Path zip(Section function) {
    String uri = function.text("CodeUri");
    if (!uri.endsWith(".zip") || uri.contains("://")) {
      throw function.error("CodeUri", "must be the path of a .zip file, not " + uri);
    }
    return folder.resolve(uri).normalize();
  }

  private static Map<String, Value> variables(Section function) {
    Map<String, Value> values = new HashMap<>();
    function
        .section("Environment", "Variables", "")
        .mapping("Variables")
        .forEach((name, node) -> values.put(name, variable(node, function.intrinsics())));
    return values;
  }

  private static Value variable(YamlNode node, Intrinsics intrinsics) {
    Optional<String> resource = intrinsics.reference(node);
    if (resource.isPresent()) {
      String id = resource.get();
      if (intrinsics.isResource(id, TemplateReader.QUEUE)
          || intrinsics.isResource(id, TemplateReader.TABLE)) {
        return new Value.Reference(id);
      }
      throw node.error("must be !Ref of a queue (its URL) or of a table (its name)");
    }
    String text = intrinsics.text(node);
    if (text.contains("{{resolve:")) {
      throw node.error(
          "must not be a dynamic reference, which puts the secret into the function's"
              + " configuration; pass the secret's name, and read it in the function");
    }
    return new Value.Literal(text);
  }

  private Route route(Section event) {
    Section route =
        event.section(
            "Properties", "Path Method RestApiId Auth ResponseTransferMode TimeoutInMillis", "");
    route.ref("RestApiId", TemplateReader.API);
    String path = route.text("Path");
    if (!path.matches("/[^{}]*|(/[^{}/]+)*/\\{\\w+\\+}")) {
      throw route.error(
          "Path", "must start with / and have no {parameter}, except a last {name+}, not " + path);
    }
    String method = route.text("Method").toUpperCase(Locale.ROOT);
    if (!method.matches("ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT")) {
      throw route.error("Method", "must be a method such as get, or any, not " + method);
    }
    if (!routes.add(method + " " + path)) {
      throw event.location().error("is a second route " + method + " " + path);
    }
    Section auth = route.section("Auth", "ApiKeyRequired Authorizer", "InvokeRole");
    boolean iam =
        auth.has("Authorizer") && auth.oneOf("Authorizer", "AWS_IAM", "NONE").equals("AWS_IAM");
    boolean open =
        !iam
            && auth.has("ApiKeyRequired")
            && auth.oneOf("ApiKeyRequired", "true", "false").equals("false");
    boolean streaming =
        route.has("ResponseTransferMode")
            && route
                .oneOf("ResponseTransferMode", "BUFFERED", "RESPONSE_STREAM")
                .equals("RESPONSE_STREAM");
    int own = (int) Route.TIMEOUT.toMillis();
    int timeout = route.integer("TimeoutInMillis", 50, streaming ? MAX_STREAM_MILLIS : own, own);
    return new Route(method, path, iam, open, streaming, Duration.ofMillis(timeout));
  }

  /** Empty if the event source mapping is disabled. */
  private Optional<QueueSource> queueSource(Section event, Duration functionTimeout) {
    Section source =
        event.section(
            "Properties",
            "BatchSize Enabled FunctionResponseTypes MaximumBatchingWindowInSeconds Queue"
                + " ScalingConfig",
            "");
    String queue = source.arn("Queue", TemplateReader.QUEUE);
    int batchSize = source.integer("BatchSize", 1, 10_000, 10);
    int window = source.integer("MaximumBatchingWindowInSeconds", 0, 300, 0);
    if (batchSize > 10 && window == 0) {
      throw source.error(
          "BatchSize", "above 10, needs a MaximumBatchingWindowInSeconds of 1 or more; add it");
    }
    checkVisibilityTimeout(source, queue, functionTimeout);
    Section scaling = source.section("ScalingConfig", "MaximumConcurrency", "");
    Optional<Integer> concurrency =
        scaling.has("MaximumConcurrency")
            ? Optional.of(scaling.integer("MaximumConcurrency", 2, 1000))
            : Optional.empty();
    List<YamlNode> types = source.items("FunctionResponseTypes");
    for (YamlNode type : types) {
      if (!type.text().equals("ReportBatchItemFailures")) {
        throw type.error("must be ReportBatchItemFailures");
      }
    }
    boolean disabled =
        source.has("Enabled") && source.oneOf("Enabled", "true", "false").equals("false");
    return Optional.of(
            new QueueSource(
                queue, batchSize, Duration.ofSeconds(window), concurrency, !types.isEmpty()))
        .filter(_ -> !disabled);
  }

  private void checkVisibilityTimeout(Section source, String queue, Duration functionTimeout) {
    Duration visibility = requireNonNull(queues.get(queue)).visibilityTimeout();
    if (visibility.compareTo(functionTimeout) < 0) {
      throw source.error(
          "Queue",
          "the VisibilityTimeout of %s, %d s, is less than the function's Timeout, %d s; raise it"
              .formatted(queue, visibility.toSeconds(), functionTimeout.toSeconds()));
    }
  }
}
