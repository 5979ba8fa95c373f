package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The whole of template.yaml as JSON, with intrinsic functions in their long form and unresolved:
 * {@code !Ref X} is {@code {"Ref": "X"}}. Scalars are strings.
 */
final class TemplateJson {

  static final ObjectMapper JSON = new ObjectMapper();
  static final String FUNCTION = TemplateReader.FUNCTION;
  static final String ROLE = "AWS::IAM::Role";

  private static final JsonNode TEMPLATE =
      json(YamlNode.parse(Path.of("..").toAbsolutePath().normalize().resolve("template.yaml")));

  private TemplateJson() {}

  /** The properties in Globals that every function has. */
  static JsonNode globals() {
    return TEMPLATE.at("/Globals/Function");
  }

  static JsonNode parameter(String name) {
    return TEMPLATE.path("Parameters").path(name);
  }

  static JsonNode resource(String name) {
    return TEMPLATE.path("Resources").path(name);
  }

  static JsonNode properties(String name) {
    return resource(name).path("Properties");
  }

  /** The resources of a type by logical ID. */
  static Map<String, JsonNode> resources(String type) {
    var found = new TreeMap<String, JsonNode>();
    TEMPLATE
        .path("Resources")
        .properties()
        .forEach(
            resource -> {
              if (resource.getValue().path("Type").asText().equals(type)) {
                found.put(resource.getKey(), resource.getValue());
              }
            });
    return found;
  }

  /** The properties of the API events of all functions. */
  static List<JsonNode> routes() {
    return resources(FUNCTION).values().stream()
        .flatMap(function -> function.at("/Properties/Events").valueStream())
        .filter(event -> event.path("Type").asText().equals("Api"))
        .map(event -> event.path("Properties"))
        .toList();
  }

  /** The statements of a role, those with a condition included. */
  static List<JsonNode> statements(String role) {
    var statements = new ArrayList<JsonNode>();
    for (JsonNode policy : properties(role).path("Policies")) {
      for (JsonNode statement : policy.at("/PolicyDocument/Statement")) {
        JsonNode conditional = statement.path("Fn::If");
        statements.add(conditional.isMissingNode() ? statement : conditional.get(1));
      }
    }
    assertThat(statements).as(role).isNotEmpty();
    return statements;
  }

  static List<String> actions(JsonNode statement) {
    return texts(statement.path("Action")).map(JsonNode::asText).toList();
  }

  /** Where a statement has one, or a list. */
  static Stream<JsonNode> texts(JsonNode node) {
    return node.isArray() ? node.valueStream() : Stream.of(node);
  }

  private static JsonNode json(YamlNode node) {
    JsonNode value = plain(node);
    String function = node.function();
    return function.isEmpty()
        ? value
        : JSON.createObjectNode().set(function.equals("Ref") ? "Ref" : "Fn::" + function, value);
  }

  private static JsonNode plain(YamlNode node) {
    if (node.yaml() instanceof MappingNode) {
      var object = JSON.createObjectNode();
      node.entries().forEach((key, value) -> object.set(key, json(value)));
      return object;
    }
    if (node.yaml() instanceof SequenceNode) {
      var array = JSON.createArrayNode();
      node.items().forEach(item -> array.add(json(item)));
      return array;
    }
    return JSON.getNodeFactory().textNode(node.text());
  }
}
