package dev.skein.base;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A log line in the embedded metric format: CloudWatch reads metrics of the namespace {@code Skein}
 * from it, without a call. Not thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">Embedded
 *     metric format</a>
 */
public final class MetricLine {
  /** The dimension that tells the stacks of a Region apart; a member of every line. */
  public static final String STACK = "stack";

  /** The dimension that tells the functions of a stack apart; a member of every line. */
  public static final String FUNCTION = "function";

  /** The unit of tokens and events. */
  public static final String COUNT = "Count";

  /** The unit of durations. */
  public static final String SECONDS = "Seconds";

  /** No unit that CloudWatch knows, such as dollars. */
  public static final String NONE = "None";

  /** How many values a metric may have in one line. */
  public static final int MAX_VALUES = 100;

  private final ObjectNode line;
  private final Consumer<String> sink;
  private final ArrayNode directives;
  private List<List<String>> dimensions = List.of();
  private @Nullable ArrayNode metrics;

  /**
   * A line of which no metric is read yet.
   *
   * @param timestamp of the values, in milliseconds since 1970
   * @param sink receives the finished line
   */
  MetricLine(
      ObjectNode line, String stack, String function, long timestamp, Consumer<String> sink) {
    this.line = line;
    this.sink = sink;
    line.put(STACK, stack);
    line.put(FUNCTION, function);
    this.directives =
        line.putObject("_aws").put("Timestamp", timestamp).putArray("CloudWatchMetrics");
  }

  /** Adds a member that can be a dimension. Its value must come from a bounded set. */
  public void put(String dimension, String value) {
    line.put(dimension, value);
  }

  /**
   * The metrics that are added from now on have these dimensions.
   *
   * @param sets each a list of names of members; a metric has one series for each set
   */
  public void withDimensions(List<List<String>> sets) {
    dimensions = sets;
    metrics = null;
  }

  /**
   * Adds a metric.
   *
   * @param unit {@link #COUNT}, {@link #SECONDS} or {@link #NONE}
   * @param values at most {@value #MAX_VALUES}; without any, nothing is added
   */
  public void add(String metric, String unit, List<? extends NumericNode> values) {
    if (values.isEmpty()) {
      return;
    }
    if (metrics == null) {
      metrics = directive();
    }
    metrics.addObject().put("Name", metric).put("Unit", unit);
    if (values.size() == 1) {
      line.set(metric, values.getFirst());
    } else {
      line.putArray(metric).addAll(values);
    }
  }

  /** Writes the line. */
  public void write() {
    sink.accept(Json.STRICT.write(line));
  }

  private ArrayNode directive() {
    var directive = directives.addObject().put("Namespace", "Skein");
    var sets = directive.putArray("Dimensions");
    for (List<String> names : dimensions) {
      var set = sets.addArray();
      for (String name : names) {
        set.add(name);
      }
    }
    return directive.putArray("Metrics");
  }
}
