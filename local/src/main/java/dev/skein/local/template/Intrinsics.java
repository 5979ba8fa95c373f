package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import dev.skein.local.template.TemplateNode.Reference;
import dev.skein.local.template.TemplateNode.Scalar;
import dev.skein.local.template.TemplateNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Resolves CloudFormation's intrinsic functions, one level at a time: what stands inside a list or
 * a mapping is resolved when it is read, and what is never read is never resolved. A function that
 * is not known here is an error, not a guess. Not thread-safe.
 */
final class Intrinsics {

  private static final Map<String, String> PSEUDO_PARAMETERS =
      Map.of(
          "AWS::AccountId", "000000000000",
          "AWS::Partition", "aws",
          "AWS::Region", "us-east-1",
          "AWS::StackName", "skein",
          "AWS::URLSuffix", "amazonaws.com");

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(!?)([^{}]*)(}?)");

  private final Map<String, TemplateNode> parameters;
  private final Mapping mappings;
  private final Map<String, Resource> resources;
  private final Conditions conditions;

  /**
   * @param parameters their checked values
   * @param mappings the section of that name, like {@code conditions}
   */
  Intrinsics(
      Map<String, TemplateNode> parameters,
      Mapping mappings,
      Mapping conditions,
      Map<String, Resource> resources) {
    this.parameters = parameters;
    this.mappings = mappings;
    this.resources = resources;
    this.conditions = new Conditions(conditions, this);
  }

  /** For a section in which CloudFormation allows no function that refers to anything. */
  static Intrinsics ofNothing(Place place) {
    Mapping none = new Mapping(place, Map.of());
    return new Intrinsics(Map.of(), none, none, Map.of());
  }

  Conditions conditions() {
    return conditions;
  }

  boolean created(Resource resource) {
    return resource.condition().map(name -> conditions.holds(name, resource.place())).orElse(true);
  }

  /** The resource of that name, which the template must declare and its conditions must create. */
  Resource resource(String name, Place use) {
    @Nullable Resource resource = resources.get(name);
    if (resource == null) {
      throw use.error(
          "there is no parameter or resource " + name + "; check the spelling, or declare it");
    }
    if (!created(resource)) {
      throw use.error(
          "%s is not created, because its condition %s does not hold; use Fn::If around it"
              .formatted(name, resource.condition().orElseThrow()));
    }
    return resource;
  }

  /** The text that a node resolves to. */
  String text(TemplateNode node) {
    return switch (value(node)) {
      case Scalar scalar -> scalar.text();
      case Reference reference ->
          throw reference.error("needs plain text, and not the resource " + reference.logicalId());
      case Sequence _, Mapping _ -> throw node.error("must be text, not a list or a mapping");
    };
  }

  /** The items of the list that a node resolves to, each resolved; AWS::NoValue is left out. */
  List<TemplateNode> items(TemplateNode node) {
    if (value(node) instanceof Sequence list) {
      return list.items().stream().flatMap(item -> resolve(item).stream()).toList();
    }
    throw node.error("must be a list");
  }

  Mapping mapping(TemplateNode node) {
    if (value(node) instanceof Mapping mapping) {
      return mapping;
    }
    throw node.error("must be a mapping");
  }

  private TemplateNode value(TemplateNode node) {
    return resolve(node).orElseThrow(() -> node.error("AWS::NoValue cannot stand here"));
  }

  /** What a node stands for; empty for AWS::NoValue. */
  Optional<TemplateNode> resolve(TemplateNode node) {
    if (!(node instanceof Mapping mapping)) {
      return Optional.of(node);
    }
    Optional<String> function = function(mapping);
    if (function.isEmpty()) {
      return Optional.of(node);
    }
    if (mapping.entries().size() > 1) {
      throw node.error(function.get() + " must stand alone; move the other keys elsewhere");
    }
    TemplateNode argument = mapping.entries().values().iterator().next();
    return call(function.get(), argument, node.place());
  }

  /** The function that a mapping calls, if it is a call and not data. */
  static Optional<String> function(Mapping mapping) {
    return mapping.entries().keySet().stream()
        .filter(key -> key.equals("Ref") || key.startsWith("Fn::"))
        .findFirst();
  }

  private Optional<TemplateNode> call(String function, TemplateNode argument, Place use) {
    return switch (function) {
      case "Ref" -> {
        String name = text(argument);
        yield name.equals("AWS::NoValue") ? Optional.empty() : Optional.of(named(name, use));
      }
      case "Fn::GetAtt" -> Optional.of(attribute(argument, use));
      case "Fn::Sub" -> Optional.of(substitute(argument, use));
      case "Fn::Join" -> {
        List<TemplateNode> parts = arguments(argument, 2, "[delimiter, [values]]");
        yield Optional.of(concatenate(items(parts.getLast()), text(parts.getFirst()), use));
      }
      case "Fn::If" -> {
        List<TemplateNode> parts = arguments(argument, 3, "[condition, then, else]");
        boolean holds = conditions.holds(text(parts.getFirst()), use);
        yield resolve(holds ? parts.get(1) : parts.getLast()).map(node -> node.at(use));
      }
      case "Fn::Select" -> Optional.of(select(arguments(argument, 2, "[index, [values]]"), use));
      case "Fn::FindInMap" ->
          Optional.of(find(arguments(argument, 3, "[map, first key, second key]"), use));
      default ->
          throw use.error(
              function
                  + " is not resolved on this machine; use Ref, Fn::GetAtt, Fn::Sub, Fn::Join,"
                  + " Fn::If, Fn::Select or Fn::FindInMap");
    };
  }

  private static List<TemplateNode> arguments(TemplateNode argument, int count, String shape) {
    if (argument instanceof Sequence list && list.items().size() == count) {
      return list.items();
    }
    throw argument.error("needs " + shape);
  }

  private TemplateNode named(String name, Place use) {
    @Nullable TemplateNode parameter = parameters.get(name);
    if (parameter != null) {
      return parameter.at(use);
    }
    @Nullable String pseudo = PSEUDO_PARAMETERS.get(name);
    if (pseudo != null) {
      return new Scalar(use, pseudo);
    }
    if (name.startsWith("AWS::")) {
      throw use.error(name + " has no value on this machine; remove it");
    }
    return new Reference(use, resource(name, use).name(), "");
  }

  private Reference attribute(TemplateNode argument, Place use) {
    String name;
    if (argument instanceof Sequence) {
      List<TemplateNode> parts = arguments(argument, 2, "[resource, attribute]");
      name = text(parts.getFirst()) + "." + text(parts.getLast());
    } else {
      name = text(argument);
    }
    return attribute(name, use);
  }

  private Reference attribute(String name, Place use) {
    int dot = name.indexOf('.');
    if (dot < 1 || dot == name.length() - 1) {
      throw use.error("Fn::GetAtt needs Resource.Attribute and found " + name);
    }
    Resource resource = resource(name.substring(0, dot), use);
    return new Reference(use, resource.name(), name.substring(dot + 1));
  }

  private TemplateNode substitute(TemplateNode argument, Place use) {
    Mapping variables = new Mapping(use, Map.of());
    TemplateNode template = argument;
    if (argument instanceof Sequence) {
      List<TemplateNode> parts = arguments(argument, 2, "text, or [text, {name: value}]");
      template = parts.getFirst();
      variables = mapping(parts.getLast());
    }
    if (!(template instanceof Scalar scalar)) {
      throw template.error("Fn::Sub needs plain text; CloudFormation allows no function there");
    }
    return substitute(scalar.text(), variables, use);
  }

  private TemplateNode substitute(String text, Mapping variables, Place use) {
    List<TemplateNode> pieces = new ArrayList<>();
    Matcher variable = VARIABLE.matcher(text);
    int end = 0;
    while (variable.find()) {
      literal(text.substring(end, variable.start()), use, pieces);
      end = variable.end();
      String name = variable.group(2);
      if (variable.group(3).isEmpty()) {
        throw use.error("${" + name + " is not closed; add the } to the text of Fn::Sub");
      }
      if (variable.group(1).isEmpty()) {
        pieces.add(variable(name, variables, use));
      } else {
        literal("${" + name + "}", use, pieces);
      }
    }
    literal(text.substring(end), use, pieces);
    return concatenate(pieces, "", use);
  }

  private static void literal(String text, Place use, List<TemplateNode> pieces) {
    if (!text.isEmpty()) {
      pieces.add(new Scalar(use, text));
    }
  }

  private TemplateNode variable(String name, Mapping variables, Place use) {
    Optional<TemplateNode> own = variables.entry(name);
    if (own.isPresent()) {
      return value(own.get());
    }
    return name.contains(".") ? attribute(name, use) : named(name, use);
  }

  private static TemplateNode concatenate(List<TemplateNode> pieces, String delimiter, Place use) {
    if (pieces.size() == 1 && pieces.getFirst() instanceof Reference reference) {
      return new Reference(use, reference.logicalId(), reference.attribute());
    }
    List<String> texts = new ArrayList<>();
    for (TemplateNode piece : pieces) {
      texts.add(
          switch (piece) {
            case Scalar scalar -> scalar.text();
            case Reference reference ->
                throw use.error(
                    "%s has no address before it runs, and cannot be part of a longer text; pass it alone"
                        .formatted(reference.logicalId()));
            case Sequence _, Mapping _ -> throw use.error("joins text, not a list or a mapping");
          });
    }
    return new Scalar(use, String.join(delimiter, texts));
  }

  private TemplateNode select(List<TemplateNode> parts, Place use) {
    String index = text(parts.getFirst());
    List<TemplateNode> values = items(parts.getLast());
    if (!index.matches("\\d{1,6}") || Integer.parseInt(index) >= values.size()) {
      throw use.error(
          "Fn::Select has no item %s in a list of %d; count from 0"
              .formatted(index, values.size()));
    }
    return values.get(Integer.parseInt(index)).at(use);
  }

  private TemplateNode find(List<TemplateNode> parts, Place use) {
    TemplateNode found = mappings;
    StringBuilder path = new StringBuilder("Mappings");
    for (TemplateNode part : parts) {
      String key = text(part);
      path.append('.').append(key);
      found =
          (found instanceof Mapping level ? level.entry(key) : Optional.<TemplateNode>empty())
              .orElseThrow(() -> use.error("there is no " + path + "; add it, or mend the key"));
    }
    if (found instanceof Mapping) {
      throw use.error(path + " must be text or a list; only two levels of keys are allowed");
    }
    return found.at(use);
  }
}
