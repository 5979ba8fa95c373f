package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import dev.skein.local.template.TemplateNode.Scalar;
import dev.skein.local.template.TemplateNode.Sequence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The Conditions section, each condition evaluated when it is first asked for. Not thread-safe. */
final class Conditions {

  private final Mapping section;
  private final Intrinsics intrinsics;
  private final Map<String, Boolean> known = new HashMap<>();
  private final Set<String> open = new HashSet<>();

  Conditions(Mapping section, Intrinsics intrinsics) {
    this.section = section;
    this.intrinsics = intrinsics;
  }

  /** Evaluates those too that nothing uses, so that their faults are not left for the cloud. */
  void evaluateAll() {
    section.entries().forEach((name, node) -> holds(name, node.place()));
  }

  boolean holds(String name, Place use) {
    @Nullable Boolean value = known.get(name);
    if (value != null) {
      return value;
    }
    TemplateNode node =
        section
            .entry(name)
            .orElseThrow(
                () -> use.error("there is no condition " + name + "; add it under Conditions"));
    if (!open.add(name)) {
      throw node.error("depends on itself; break the circle");
    }
    boolean result = evaluate(node);
    known.put(name, result);
    return result;
  }

  private boolean evaluate(TemplateNode node) {
    if (!(node instanceof Mapping mapping) || mapping.entries().size() != 1) {
      throw notACondition(node);
    }
    var call = mapping.entries().entrySet().iterator().next();
    TemplateNode argument = call.getValue();
    return switch (call.getKey()) {
      case "Fn::Equals" -> equal(argument);
      case "Fn::Not" -> !evaluate(operands(argument, 1, 1).getFirst());
      case "Fn::And" -> operands(argument, 2, 10).stream().allMatch(this::evaluate);
      case "Fn::Or" -> operands(argument, 2, 10).stream().anyMatch(this::evaluate);
      case "Condition" -> named(argument);
      default -> throw notACondition(node);
    };
  }

  private boolean equal(TemplateNode argument) {
    List<TemplateNode> sides = operands(argument, 2, 2);
    return intrinsics.text(sides.getFirst()).equals(intrinsics.text(sides.getLast()));
  }

  private boolean named(TemplateNode argument) {
    if (argument instanceof Scalar name) {
      return holds(name.text(), name.place());
    }
    throw argument.error("must be the name of a condition");
  }

  private static List<TemplateNode> operands(TemplateNode argument, int atLeast, int atMost) {
    if (argument instanceof Sequence list
        && list.items().size() >= atLeast
        && list.items().size() <= atMost) {
      return list.items();
    }
    String count = atLeast == atMost ? "" + atLeast : atLeast + " to " + atMost;
    throw argument.error("needs a list of " + count + (atMost == 1 ? " operand" : " operands"));
  }

  private static TemplateException notACondition(TemplateNode node) {
    return node.error("is no condition; use Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition");
  }
}
