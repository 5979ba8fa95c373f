package dev.skein.local.template;

import dev.skein.local.template.TemplateNode.Mapping;
import dev.skein.local.template.TemplateNode.Scalar;
import dev.skein.local.template.TemplateNode.Sequence;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of the Parameters section, checked against what it says of them. */
final class Parameters {

  private static final Keys KEYS =
      new Keys(
          "a parameter",
          "Type Default AllowedValues AllowedPattern MinValue MaxValue MinLength MaxLength NoEcho",
          "Description ConstraintDescription");

  private static final String NUMBER = "[-+]?\\d{1,18}(\\.\\d{1,18})?";

  private final Intrinsics intrinsics;

  private Parameters(Intrinsics intrinsics) {
    this.intrinsics = intrinsics;
  }

  /**
   * @param overrides by parameter name; each must name a parameter
   */
  static Map<String, TemplateNode> values(Mapping section, Map<String, String> overrides) {
    for (String name : overrides.keySet()) {
      if (section.entry(name).isEmpty()) {
        throw section.error("there is no parameter " + name + " to override; check its spelling");
      }
    }
    Parameters parameters = new Parameters(Intrinsics.ofNothing(section.place()));
    Map<String, TemplateNode> values = new HashMap<>();
    section
        .entries()
        .forEach((name, node) -> values.put(name, parameters.value(node, overrides.get(name))));
    return values;
  }

  private TemplateNode value(TemplateNode node, @Nullable String override) {
    Section parameter = Section.of(node, KEYS, intrinsics);
    String type = parameter.oneOf("Type", "String", "Number", "CommaDelimitedList", "List<Number>");
    String text =
        Optional.ofNullable(override)
            .or(() -> parameter.value("Default").map(intrinsics::text))
            .orElseThrow(() -> node.error("has no Default and no value; give it one of them"));
    boolean list = type.contains("List");
    List<String> items =
        list ? Stream.of(text.split(",", -1)).map(String::strip).toList() : List.of(text);
    for (String item : items) {
      problem(parameter, item, type.contains("Number"))
          .ifPresent(
              problem -> {
                // A parameter with NoEcho holds a secret.
                String shown = parameter.flag("NoEcho", false) ? "the value" : '"' + item + '"';
                throw node.error(shown + " " + problem + "; give another value");
              });
    }
    return list
        ? new Sequence(
            node.place(),
            items.stream().<TemplateNode>map(item -> new Scalar(node.place(), item)).toList())
        : new Scalar(node.place(), text);
  }

  private Optional<String> problem(Section parameter, String value, boolean isNumber) {
    List<String> allowed = parameter.items("AllowedValues").stream().map(intrinsics::text).toList();
    if (!allowed.isEmpty() && !allowed.contains(value)) {
      return Optional.of("is not one of " + String.join(", ", allowed));
    }
    if (!matches(parameter, value)) {
      return Optional.of("does not match " + parameter.text("AllowedPattern"));
    }
    if (isNumber && !value.matches(NUMBER)) {
      return Optional.of("is not a number");
    }
    BigDecimal length = BigDecimal.valueOf(value.length());
    return isNumber
        ? outOf(parameter, "MinValue", "MaxValue", new BigDecimal(value))
        : outOf(parameter, "MinLength", "MaxLength", length);
  }

  private static boolean matches(Section parameter, String value) {
    try {
      return value.matches(parameter.optionalText("AllowedPattern").orElse("(?s).*"));
    } catch (PatternSyntaxException e) {
      throw parameter.error(
          "AllowedPattern", "is no regular expression: " + e.getDescription() + "; mend it");
    }
  }

  private static Optional<String> outOf(Section parameter, String min, String max, BigDecimal is) {
    if (bound(parameter, min).filter(bound -> is.compareTo(bound) < 0).isPresent()) {
      return Optional.of("is below the " + min + " of " + parameter.text(min));
    }
    return bound(parameter, max)
        .filter(bound -> is.compareTo(bound) > 0)
        .map(bound -> "is above the " + max + " of " + bound);
  }

  private static Optional<BigDecimal> bound(Section parameter, String key) {
    Optional<String> text = parameter.optionalText(key);
    if (text.filter(bound -> !bound.matches(NUMBER)).isPresent()) {
      throw parameter.error(key, "must be a number");
    }
    return text.map(BigDecimal::new);
  }
}
