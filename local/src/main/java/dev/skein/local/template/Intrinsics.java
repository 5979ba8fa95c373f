package dev.skein.local.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the intrinsic functions {@code !Ref}, {@code !Sub}, {@code !GetAtt} and {@code !If}, and
 * the conditions {@code !Equals} and {@code !Not}, when a value is read. Immutable.
 */
final class Intrinsics {

  private static final Map<String, String> PSEUDO_PARAMETERS =
      Map.of(
          "AWS::AccountId", "000000000000",
          "AWS::Partition", "aws",
          "AWS::Region", "us-east-1",
          "AWS::StackName", "local",
          "AWS::URLSuffix", "amazonaws.com");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");

  /** For sections in which CloudFormation allows no reference. */
  static final Intrinsics NONE = new Intrinsics(Map.of(), Map.of(), Map.of());

  private final Map<String, String> variables = new HashMap<>(PSEUDO_PARAMETERS);
  private final Map<String, String> resourceTypes;
  private final Map<String, Boolean> conditions = new HashMap<>();

  /**
   * @param parameters values by parameter name
   * @param conditions the Conditions section; each condition is evaluated here
   * @param resourceTypes resource types by logical ID
   */
  Intrinsics(
      Map<String, String> parameters,
      Map<String, YamlNode> conditions,
      Map<String, String> resourceTypes) {
    this.variables.putAll(parameters);
    this.resourceTypes = resourceTypes;
    conditions.forEach((name, condition) -> this.conditions.put(name, evaluate(condition)));
  }

  /** The branch that {@code !If} selects, or the node itself. */
  YamlNode select(YamlNode node) {
    return switch (node.function()) {
      case "If" -> {
        List<YamlNode> arguments = arguments(node, 3);
        String name = arguments.getFirst().text();
        @Nullable Boolean condition = conditions.get(name);
        if (condition == null) {
          throw node.error("there is no condition " + name + "; add it under Conditions");
        }
        yield select(arguments.get(condition ? 1 : 2));
      }
      case "", "Ref", "Sub", "GetAtt" -> node;
      default ->
          throw node.error(
              "!%s is not supported locally; use !Ref, !Sub, !GetAtt or !If"
                  .formatted(node.function()));
    };
  }

  /** Whether a property whose value is this node counts as absent. */
  static boolean isNoValue(YamlNode node) {
    return node.function().equals("Ref") && node.text().equals("AWS::NoValue");
  }

  /** The text that a node resolves to. */
  String text(YamlNode unresolved) {
    YamlNode node = select(unresolved);
    return switch (node.function()) {
      case "Ref" -> variable(node, node.text());
      case "Sub" ->
          VARIABLE
              .matcher(node.text())
              .replaceAll(m -> Matcher.quoteReplacement(variable(node, m.group(1))));
      case "GetAtt" -> throw node.error("needs text, but !GetAtt names a resource");
      default -> node.text();
    };
  }

  /** The logical ID of the resource that {@code !Ref} names; empty for any other value. */
  Optional<String> reference(YamlNode unresolved) {
    YamlNode node = select(unresolved);
    return node.function().equals("Ref") && resourceTypes.containsKey(node.text())
        ? Optional.of(node.text())
        : Optional.empty();
  }

  /** Whether there is a resource of this name and type. */
  boolean isResource(String logicalId, String type) {
    return type.equals(resourceTypes.get(logicalId));
  }

  private boolean evaluate(YamlNode condition) {
    return switch (condition.function()) {
      case "Not" -> !evaluate(arguments(condition, 1).getFirst());
      case "Equals" -> {
        List<YamlNode> arguments = arguments(condition, 2);
        yield text(arguments.getFirst()).equals(text(arguments.getLast()));
      }
      default -> throw condition.error("is not a supported condition; use !Equals or !Not");
    };
  }

  private String variable(YamlNode use, String name) {
    @Nullable String value = variables.get(name);
    if (value != null) {
      return value;
    }
    throw use.error(
        resourceTypes.containsKey(name)
            ? name + " has no address before it runs, so it cannot be part of a text"
            : "there is no parameter or resource " + name + "; check the spelling, or declare it");
  }

  private static List<YamlNode> arguments(YamlNode call, int count) {
    List<YamlNode> arguments = call.items();
    if (arguments.size() != count) {
      throw call.error(
          "!%s needs a list of %d, not of %d".formatted(call.function(), count, arguments.size()));
    }
    return arguments;
  }
}
