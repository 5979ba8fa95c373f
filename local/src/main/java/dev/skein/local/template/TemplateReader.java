package dev.skein.local.template;

import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a SAM template into what runs on one machine.
 *
 * <p>It supports what the project's own template uses. Any other section, resource type, property
 * or intrinsic function is rejected with its line, and so is a value out of range: ignoring it
 * could hide a difference from the cloud. A function with a condition runs, whatever the condition
 * says: nothing that can be deployed is missing locally.
 */
public final class TemplateReader {

  static final String FUNCTION = "AWS::Serverless::Function";
  static final String API = "AWS::Serverless::Api";
  static final String QUEUE = "AWS::SQS::Queue";
  static final String USAGE_PLAN = "AWS::ApiGateway::UsagePlan";
  static final String TABLE = "AWS::DynamoDB::Table";

  private static final List<String> LOCAL_TYPES = List.of(FUNCTION, API, USAGE_PLAN, QUEUE, TABLE);

  /** What makes no difference locally: permissions, encryption, monitoring and the network. */
  private static final List<String> CLOUD_TYPES =
      List.of(
          "AWS::ApiGateway::BasePathMapping",
          "AWS::ApiGateway::DomainName",
          "AWS::CloudWatch::Alarm",
          "AWS::CloudWatch::Dashboard",
          "AWS::IAM::ManagedPolicy",
          "AWS::IAM::Role",
          "AWS::Logs::LogGroup",
          "AWS::SNS::Topic",
          "AWS::SNS::TopicPolicy",
          "AWS::SQS::QueuePolicy",
          "AWS::Serverless::LayerVersion",
          "AWS::WAFv2::WebACL",
          "AWS::WAFv2::WebACLAssociation");

  private static final String[] TYPES =
      Stream.concat(LOCAL_TYPES.stream(), CLOUD_TYPES.stream()).toArray(String[]::new);

  private final Section template;
  private final Map<String, Section> resources = new LinkedHashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final Intrinsics intrinsics;

  private TemplateReader(YamlNode root) {
    this.template =
        Section.of(
            root,
            Intrinsics.NONE,
            "Transform Globals Parameters Conditions Resources",
            "AWSTemplateFormatVersion Description Metadata Outputs");
    template.oneOf("Transform", "AWS::Serverless-2016-10-31");
    template.value("Resources").entries().forEach(this::addResource);
    this.intrinsics =
        new Intrinsics(
            Parameters.defaults(template.mapping("Parameters")),
            template.mapping("Conditions"),
            types);
  }

  /**
   * Reads a template. Its parameters have their default values.
   *
   * @param templateFile YAML in UTF-8; a CodeUri is relative to its folder
   * @throws TemplateException if it cannot be read, or cannot be run locally
   */
  public static Deployment read(Path templateFile) {
    Path file = templateFile.toAbsolutePath().normalize();
    return new TemplateReader(YamlNode.parse(file)).deployment(file.resolveSibling(""));
  }

  private void addResource(String name, YamlNode node) {
    String ignored = "DeletionPolicy DependsOn Metadata UpdateReplacePolicy";
    Section resource = Section.of(node, Intrinsics.NONE, "Type Properties Condition", ignored);
    String type = resource.oneOf("Type", TYPES);
    boolean conditional = resource.has("Condition") && !type.equals(FUNCTION);
    if (conditional && LOCAL_TYPES.contains(type)) {
      throw resource.error("Condition", "is not supported locally for an " + type + "; remove it");
    }
    resources.put(name, resource);
    types.put(name, type);
  }

  private Deployment deployment(Path folder) {
    List<Section> apis = List.copyOf(ofType(API).values());
    if (apis.size() > 1) {
      throw apis.get(1).location().error("is a second API; only one is supported locally");
    }
    Map<String, GatewayResponse> gatewayResponses = new HashMap<>();
    apis.forEach(api -> gatewayResponses.putAll(ApiReader.gatewayResponses(api)));
    Optional<Section> usagePlan = ofType(USAGE_PLAN).values().stream().findFirst();
    ApiLimits limits =
        apis.stream()
            .findFirst()
            .map(api -> ApiReader.limits(api, usagePlan))
            .orElse(ApiLimits.NONE);
    Map<String, Queue> queues = new LinkedHashMap<>();
    List<Table> tables = new ArrayList<>();
    ofType(QUEUE).forEach((name, queue) -> queues.put(name, StorageReader.queue(name, queue)));
    ofType(TABLE).forEach((name, table) -> tables.add(StorageReader.table(name, table)));
    Section globals = template.section("Globals", "Function", "").with(intrinsics);
    FunctionReader reader = new FunctionReader(folder, globals, queues);
    List<Function> functions = new ArrayList<>();
    ofType(FUNCTION).forEach((name, function) -> functions.add(reader.read(name, function)));
    return new Deployment(
        functions, List.copyOf(queues.values()), tables, gatewayResponses, limits);
  }

  private Map<String, Section> ofType(String type) {
    Map<String, Section> found = new LinkedHashMap<>();
    resources.forEach(
        (name, resource) -> {
          if (intrinsics.isResource(name, type)) {
            found.put(name, resource.with(intrinsics));
          }
        });
    return found;
  }
}
