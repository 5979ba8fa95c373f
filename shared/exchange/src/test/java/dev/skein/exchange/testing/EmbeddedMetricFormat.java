package dev.skein.exchange.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rules by which CloudWatch reads metrics from a log line.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">Embedded
 *     metric format</a>
 */
public final class EmbeddedMetricFormat {
  private static final int MAX_LINE_BYTES = 1 << 20;

  private static final Set<String> UNITS =
      Set.of("Seconds", "Milliseconds", "Microseconds", "Bytes", "Count", "Percent", "None");

  private final JsonNode line;
  private final List<String> violations = new ArrayList<>();

  private EmbeddedMetricFormat(JsonNode line) {
    this.line = line;
  }

  /** What is wrong with a line; empty for one that CloudWatch accepts as a whole. */
  public static List<String> violations(JsonNode line) {
    var format = new EmbeddedMetricFormat(line);
    format.check();
    return format.violations;
  }

  private void check() {
    require(line.isObject(), "the line is an object");
    require(
        line.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_LINE_BYTES,
        "a log event has at most 1 MB");
    JsonNode aws = line.path("_aws");
    require(aws.path("Timestamp").isIntegralNumber(), "the timestamp is an integer");
    require(!aws.path("CloudWatchMetrics").isEmpty(), "the line has a directive");
    aws.path("CloudWatchMetrics").forEach(this::directive);
  }

  private void directive(JsonNode directive) {
    String namespace = directive.path("Namespace").asText();
    require(namespace.matches("[A-Za-z0-9._/#][A-Za-z0-9._/#:-]{0,254}"), "namespace " + namespace);
    JsonNode dimensions = directive.path("Dimensions");
    require(dimensions.isArray() && !dimensions.isEmpty(), "a directive has a set of dimensions");
    dimensions.forEach(this::dimensionSet);
    JsonNode metrics = directive.path("Metrics");
    require(metrics.isArray() && !metrics.isEmpty(), "a directive has a metric");
    require(metrics.size() <= 100, "a directive has at most 100 metrics");
    metrics.forEach(this::metric);
  }

  private void dimensionSet(JsonNode set) {
    require(set.isArray() && !set.isEmpty() && set.size() <= 30, "a set has 1 to 30 dimensions");
    var names = new HashSet<String>();
    for (JsonNode dimension : set) {
      String name = dimension.asText();
      require(dimension.isTextual() && name.matches("[!-9;-~][!-~]{0,249}"), "dimension " + name);
      require(names.add(name), "a set has a dimension once");
      JsonNode value = line.path(name);
      require(value.isTextual(), name + " is a string of the line");
      require(value.asText().matches("(?=.*[!-~])[ -~]{1,1024}"), name + " is 1 to 1024 of ASCII");
    }
  }

  private void metric(JsonNode metric) {
    String name = metric.path("Name").asText();
    require(name.matches("[ -~]{1,1024}"), "metric " + name);
    require(UNITS.contains(metric.path("Unit").asText()), "unit of " + name);
    JsonNode target = line.path(name);
    if (target.isArray()) {
      require(!target.isEmpty() && target.size() <= 100, name + " has 1 to 100 values");
      target.forEach(value -> number(name, value));
    } else {
      number(name, target);
    }
  }

  private void number(String name, JsonNode value) {
    require(value.isNumber() && Double.isFinite(value.doubleValue()), name + " is a number");
  }

  private void require(boolean holds, String rule) {
    if (!holds) {
      violations.add(rule);
    }
  }
}
