package dev.skein.local.template;

import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.Table;
import dev.skein.local.template.TemplateNode.Mapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a SAM template into what one machine can run.
 *
 * <p>Nothing is passed over in silence: a section, resource type, property or function that is
 * neither obeyed nor listed as being without effect here is refused with its line. So is what the
 * cloud would refuse later, such as a value out of its bounds. What a resource whose condition does
 * not hold declares stays unread.
 */
public final class TemplateReader {

  private static final Keys SECTIONS =
      new Keys(
          "a template",
          "AWSTemplateFormatVersion Transform Globals Parameters Mappings Conditions Resources",
          "Description Metadata Outputs");

  private static final Keys GLOBALS = new Keys("Globals", "Function");

  private final Path folder;
  private final Section root;
  private final Map<String, Resource> resources;
  private final Intrinsics intrinsics;

  private TemplateReader(Mapping template, Path folder, Map<String, String> overrides) {
    this.folder = folder;
    this.root = Section.of(template, SECTIONS, Intrinsics.ofNothing(template.place()));
    if (root.value("AWSTemplateFormatVersion").isPresent()) {
      root.oneOf("AWSTemplateFormatVersion", "2010-09-09");
    }
    root.oneOf("Transform", "AWS::Serverless-2016-10-31");
    if (root.value("Resources").isEmpty()) {
      throw root.missing("Resources");
    }
    this.resources = Resource.readAll(root.mapping("Resources"));
    this.intrinsics =
        new Intrinsics(
            Parameters.values(root.mapping("Parameters"), overrides),
            root.mapping("Mappings"),
            root.mapping("Conditions"),
            resources);
  }

  /**
   * Reads a template, with each of its functions resolved.
   *
   * @param templateFile YAML in UTF-8; a CodeUri is relative to its folder
   * @param parameterOverrides values that go before a parameter's Default, by parameter name
   * @throws TemplateException if it cannot be read, or cannot be run here as it stands
   */
  public static Deployment read(Path templateFile, Map<String, String> parameterOverrides) {
    Path file = templateFile.toAbsolutePath().normalize();
    Path folder = file.resolveSibling("");
    return new TemplateReader(YamlFile.read(file), folder, parameterOverrides).deployment();
  }

  private Deployment deployment() {
    intrinsics.conditions().evaluateAll();
    List<Queue> queues =
        created(Resource.QUEUE).map(queue -> QueueReader.read(queue, intrinsics)).toList();
    List<Table> tables =
        created(Resource.TABLE).map(table -> TableReader.read(table, intrinsics)).toList();
    Optional<Api> api = Api.readOnly(created(Resource.API).toList(), intrinsics);
    FunctionReader functions =
        new FunctionReader(
            folder,
            root.section("Globals", GLOBALS).mapping("Function"),
            new EventReader(api, queues),
            intrinsics);
    return new Deployment(
        created(Resource.FUNCTION).map(functions::read).toList(),
        queues,
        tables,
        api.map(Api::gatewayResponses).orElse(Map.of()));
  }

  private Stream<Resource> created(String type) {
    return resources.values().stream()
        .filter(resource -> resource.type().equals(type) && intrinsics.created(resource));
  }
}
