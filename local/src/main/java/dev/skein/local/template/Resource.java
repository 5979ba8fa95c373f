package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One entry of the Resources section, its properties still unread.
 *
 * @param condition the name of the condition without which it is not created
 */
record Resource(
    String name, String type, Mapping properties, Place place, Optional<String> condition) {

  static final String FUNCTION = "AWS::Serverless::Function";
  static final String API = "AWS::Serverless::Api";
  static final String QUEUE = "AWS::SQS::Queue";
  static final String TABLE = "AWS::DynamoDB::Table";

  private static final Keys ATTRIBUTES =
      new Keys(
          "a resource",
          "Type Properties Condition",
          "DependsOn DeletionPolicy UpdateReplacePolicy Metadata");

  private static final Set<String> UNDERSTOOD = Set.of(FUNCTION, API, QUEUE, TABLE);

  /** What a deployment may hold and one machine does without, each with the reason. */
  private static final Map<String, String> WITHOUT_EFFECT =
      Map.ofEntries(
          Map.entry("AWS::ApiGateway::Account", "logs go to the console"),
          Map.entry("AWS::ApiGateway::ApiKey", "no key is checked"),
          Map.entry("AWS::ApiGateway::UsagePlan", "no key is checked, no quota counted"),
          Map.entry("AWS::ApiGateway::UsagePlanKey", "no key is checked"),
          Map.entry("AWS::CloudWatch::Alarm", "no metric is kept"),
          Map.entry("AWS::CloudWatch::Dashboard", "no metric is kept"),
          Map.entry("AWS::IAM::ManagedPolicy", "no permission is checked"),
          Map.entry("AWS::IAM::Policy", "no permission is checked"),
          Map.entry("AWS::IAM::Role", "no permission is checked"),
          Map.entry("AWS::KMS::Alias", "nothing is encrypted at rest"),
          Map.entry("AWS::KMS::Key", "nothing is encrypted at rest"),
          Map.entry("AWS::Lambda::Permission", "no permission is checked"),
          Map.entry("AWS::Logs::LogGroup", "logs go to the console"),
          Map.entry("AWS::Logs::MetricFilter", "no metric is kept"),
          Map.entry("AWS::SNS::Topic", "only alarms publish, and there are none"),
          Map.entry("AWS::SQS::QueuePolicy", "no permission is checked"));

  static Map<String, Resource> readAll(Mapping section) {
    Map<String, Resource> resources = new LinkedHashMap<>();
    section.entries().forEach((name, node) -> resources.put(name, read(name, node)));
    return resources;
  }

  private static Resource read(String name, TemplateNode node) {
    Section resource = Section.of(node, ATTRIBUTES, Intrinsics.ofNothing(node.place()));
    String type = resource.text("Type");
    if (!UNDERSTOOD.contains(type) && !WITHOUT_EFFECT.containsKey(type)) {
      throw resource.error(
          "Type", type + " is not run on this machine; remove it, or teach TemplateReader");
    }
    Mapping properties = resource.mapping("Properties");
    return new Resource(name, type, properties, node.place(), resource.optionalText("Condition"));
  }
}
