package dev.skein.local.template;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/** Reads the Parameters section. Locally a parameter has its default value. */
final class Parameters {

  private static final String KEYS = "Type Default AllowedValues AllowedPattern MinValue MaxValue";

  private Parameters() {}

  /** The default values by parameter name, checked against the parameters' own constraints. */
  static Map<String, String> defaults(Map<String, YamlNode> section) {
    Map<String, String> values = new HashMap<>();
    section.forEach(
        (name, node) ->
            values.put(name, read(Section.of(node, Intrinsics.NONE, KEYS, "Description"))));
    return values;
  }

  private static String read(Section parameter) {
    String value = parameter.text("Default");
    if (parameter.oneOf("Type", "String", "Number").equals("Number")) {
      checkRange(parameter);
    }
    List<String> allowed = parameter.items("AllowedValues").stream().map(YamlNode::text).toList();
    if (!allowed.isEmpty() && !allowed.contains(value)) {
      throw parameter.error("Default", "must be one of " + String.join(", ", allowed));
    }
    try {
      if (parameter.has("AllowedPattern") && !value.matches(parameter.text("AllowedPattern"))) {
        throw parameter.error("Default", "does not match " + parameter.text("AllowedPattern"));
      }
    } catch (PatternSyntaxException e) {
      throw parameter.error("AllowedPattern", "is not a regular expression: " + e.getDescription());
    }
    return value;
  }

  private static void checkRange(Section parameter) {
    BigDecimal value = number(parameter, "Default");
    boolean low = parameter.has("MinValue") && value.compareTo(number(parameter, "MinValue")) < 0;
    boolean high = parameter.has("MaxValue") && value.compareTo(number(parameter, "MaxValue")) > 0;
    if (low || high) {
      throw parameter.error("Default", "is out of the range of MinValue and MaxValue");
    }
  }

  private static BigDecimal number(Section parameter, String key) {
    try {
      return new BigDecimal(parameter.text(key));
    } catch (NumberFormatException e) {
      throw parameter.error(key, "must be a number");
    }
  }
}
