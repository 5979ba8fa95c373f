package dev.skein.local.template;

import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.TemplateNode.Mapping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads an {@code AWS::Serverless::Function}, with what Globals say of every function. */
final class FunctionReader {

  private static final String OBEYED = "CodeUri Environment Handler MemorySize Runtime Timeout";

  /** Permission, observation, cost, and what only matters to a deployment. */
  private static final String WITHOUT_EFFECT =
      "Architectures AutoPublishAlias CodeSigningConfigArn DeploymentPreference Description"
          + " KmsKeyArn LoggingConfig PermissionsBoundary PropagateTags"
          + " ProvisionedConcurrencyConfig RolePath RuntimeManagementConfig SnapStart Tags Tracing";

  private static final Keys GLOBALS = new Keys("Globals.Function", OBEYED, WITHOUT_EFFECT);

  private static final Keys PROPERTIES =
      new Keys(
          Resource.FUNCTION, OBEYED + " Events", WITHOUT_EFFECT + " FunctionName Policies Role");

  private static final Keys EVENT = new Keys("an event", "Type Properties");

  private final Path folder;
  private final Mapping globals;
  private final EventReader events;
  private final Intrinsics intrinsics;

  /**
   * @param folder where a relative CodeUri begins
   * @param globals the section Globals.Function
   */
  FunctionReader(Path folder, Mapping globals, EventReader events, Intrinsics intrinsics) {
    GLOBALS.check(globals);
    this.folder = folder;
    this.globals = globals;
    this.events = events;
    this.intrinsics = intrinsics;
  }

  Function read(Resource resource) {
    PROPERTIES.check(resource.properties());
    Mapping merged = merged(globals, resource.properties());
    Section function = Section.of(merged, PROPERTIES, intrinsics);
    function.oneOf("Runtime", "java25");
    Duration timeout = Duration.ofSeconds(function.integer("Timeout", 1, 900, 3));
    List<Route> routes = new ArrayList<>();
    List<QueueSource> sources = new ArrayList<>();
    for (TemplateNode node : function.mapping("Events").entries().values()) {
      Section event = Section.of(node, EVENT, intrinsics);
      if (event.oneOf("Type", "Api", "SQS").equals("Api")) {
        routes.add(events.route(event));
      } else {
        events.queueSource(event, timeout).ifPresent(sources::add);
      }
    }
    return new Function(
        resource.name(),
        handler(function),
        zip(function),
        timeout,
        function.integer("MemorySize", 128, 10_240, 128),
        Environment.read(function),
        routes,
        sources);
  }

  /** As SAM merges: mappings key by key; of anything else the function's own goes first. */
  private static Mapping merged(Mapping global, Mapping own) {
    Map<String, TemplateNode> entries = new LinkedHashMap<>(global.entries());
    own.entries().forEach((key, value) -> entries.merge(key, value, FunctionReader::mergedValue));
    return new Mapping(own.place(), entries);
  }

  private static TemplateNode mergedValue(TemplateNode global, TemplateNode own) {
    return global instanceof Mapping some
            && own instanceof Mapping more
            && Intrinsics.function(some).isEmpty()
            && Intrinsics.function(more).isEmpty()
        ? merged(some, more)
        : own;
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
}
