package dev.skein.local.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The alarms of template.yaml that watch metrics of the functions' logs. */
public final class SkeinAlarms {

  private SkeinAlarms() {}

  /**
   * An alarm.
   *
   * @param dimensions the value of each dimension by name; {@code AWS::StackName} for the stack's
   */
  public record Alarm(
      String name, String namespace, String metric, Map<String, String> dimensions) {

    /** Whether CloudWatch would add this line to the metric that the alarm watches. */
    public boolean counts(JsonNode line, String stackName) {
      return line.path(metric).asInt() > 0
          && line.at("/_aws/CloudWatchMetrics")
              .valueStream()
              .anyMatch(directive -> isWritten(directive))
          && dimensions.entrySet().stream()
              .allMatch(
                  it ->
                      line.path(it.getKey())
                          .asText()
                          .equals(it.getValue().replace("AWS::StackName", stackName)));
    }

    private boolean isWritten(JsonNode directive) {
      return directive.path("Namespace").asText().equals(namespace)
          && directive
              .path("Metrics")
              .valueStream()
              .anyMatch(it -> it.path("Name").asText().equals(metric))
          && directive
              .path("Dimensions")
              .valueStream()
              .anyMatch(set -> names(set).equals(dimensions.keySet()));
    }

    private static Set<String> names(JsonNode set) {
      return set.valueStream().map(JsonNode::asText).collect(Collectors.toSet());
    }
  }

  /** All of them. */
  public static List<Alarm> all() {
    return TemplateJson.resources("AWS::CloudWatch::Alarm").entrySet().stream()
        .map(it -> alarm(it.getKey(), it.getValue().path("Properties")))
        .filter(alarm -> alarm.namespace().equals("Skein"))
        .toList();
  }

  private static Alarm alarm(String name, JsonNode properties) {
    var dimensions = new TreeMap<String, String>();
    properties
        .path("Dimensions")
        .forEach(
            it ->
                dimensions.put(
                    it.path("Name").asText(),
                    it.at("/Value/Ref").asText(it.path("Value").asText())));
    return new Alarm(
        name,
        properties.path("Namespace").asText(),
        properties.path("MetricName").asText(),
        dimensions);
  }
}
