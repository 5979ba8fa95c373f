package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import dev.skein.base.Log;
import dev.skein.base.MetricLine;
import dev.skein.llm.Usage;
import dev.skein.pricing.NanoUsd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the metrics of OpenTelemetry's semantic conventions as log lines: two for the calls of a
 * request to one model, and one more for each class of error. Immutable.
 */
final class GenAiMetrics {
  static final String DURATION = "gen_ai.client.operation.duration";
  static final String TOKEN_USAGE = "gen_ai.client.token.usage";

  /** The conventions have no name for it. In US dollars. */
  static final String COST = "skein.client.cost";

  private static final String OPERATION = "gen_ai.operation.name";
  private static final String MODEL = "gen_ai.request.model";
  private static final String TOKEN_TYPE = "gen_ai.token.type";
  private static final String ERROR_TYPE = "error.type";

  private final SemanticConventions conventions;
  private final List<List<String>> ofModel;
  private final List<List<String>> ofTokenType;
  private final List<List<String>> ofErrorType;

  GenAiMetrics(SemanticConventions conventions) {
    this.conventions = conventions;
    var model =
        List.of(MetricLine.STACK, MetricLine.FUNCTION, OPERATION, conventions.provider(), MODEL);
    this.ofModel = List.of(model);
    this.ofTokenType = List.of(with(TOKEN_TYPE, model));
    this.ofErrorType = List.of(with(ERROR_TYPE, model));
  }

  private static List<String> with(String dimension, List<String> others) {
    var all = new ArrayList<>(others);
    all.add(dimension);
    return List.copyOf(all);
  }

  /** What the calls of one series were, in the order in which they ended. */
  private static final class Values {
    private final List<NumericNode> durations = new ArrayList<>();
    private final List<NumericNode> firstTokens = new ArrayList<>();
    private final List<NumericNode> input = new ArrayList<>();
    private final List<NumericNode> output = new ArrayList<>();
    private final List<NumericNode> costs = new ArrayList<>();
    private final Map<String, List<NumericNode>> failed = new LinkedHashMap<>();

    private void add(GenAiCall call) {
      var operation = call.operation();
      DoubleNode duration = seconds(operation.duration());
      if (call.error().isPresent()) {
        failures(call.error().get()).add(duration);
      } else {
        durations.add(duration);
        if (operation.timeToFirstToken().isPresent()) {
          firstTokens.add(seconds(operation.timeToFirstToken().get()));
        }
      }
      if (call.cost().isPresent()) {
        costs.add(dollars(call.cost().get()));
      }
      if (call.usage().isPresent()) {
        Usage usage = call.usage().get();
        input.add(LongNode.valueOf(usage.promptTokens()));
        if (call.hasOutput()) {
          output.add(LongNode.valueOf(usage.completionTokens()));
        }
      }
    }

    private List<NumericNode> failures(String error) {
      List<NumericNode> durations = failed.get(error);
      if (durations == null) {
        durations = new ArrayList<>();
        failed.put(error, durations);
      }
      return durations;
    }

    private int lines() {
      int most = Math.max(Math.max(durations.size(), input.size()), costs.size());
      return (most + MetricLine.MAX_VALUES - 1) / MetricLine.MAX_VALUES;
    }
  }

  /**
   * Writes the lines.
   *
   * @param calls those of one request, to any models
   * @param log the request's
   */
  void write(List<GenAiCall> calls, Log log) {
    var values = new LinkedHashMap<GenAiCall.Series, Values>();
    for (GenAiCall call : calls) {
      // No computeIfAbsent: each lambda would be one more class of the cold start.
      Values ofSeries = values.get(call.series());
      if (ofSeries == null) {
        ofSeries = new Values();
        values.put(call.series(), ofSeries);
      }
      ofSeries.add(call);
    }
    for (var entry : values.entrySet()) {
      writeAnswered(entry.getKey(), entry.getValue(), log);
      for (var failed : entry.getValue().failed.entrySet()) {
        writeFailed(entry.getKey(), failed.getKey(), failed.getValue(), log);
      }
    }
  }

  private void writeAnswered(GenAiCall.Series series, Values values, Log log) {
    for (int part = 0; part < values.lines(); part++) {
      MetricLine line = line(series, log);
      line.withDimensions(ofModel);
      line.add(DURATION, MetricLine.SECONDS, part(values.durations, part));
      line.add(conventions.firstToken(), MetricLine.SECONDS, part(values.firstTokens, part));
      line.add(COST, MetricLine.NONE, part(values.costs, part));
      addTokens("input", part(values.input, part), line);
      line.write();
      var output = part(values.output, part);
      if (!output.isEmpty()) {
        line = line(series, log);
        addTokens("output", output, line);
        line.write();
      }
    }
  }

  private void writeFailed(
      GenAiCall.Series series, String error, List<NumericNode> durations, Log log) {
    for (int part = 0; part * MetricLine.MAX_VALUES < durations.size(); part++) {
      MetricLine line = line(series, log);
      line.put(ERROR_TYPE, error);
      line.withDimensions(ofErrorType);
      line.add(DURATION, MetricLine.SECONDS, part(durations, part));
      line.write();
    }
  }

  private void addTokens(String type, List<NumericNode> counts, MetricLine line) {
    if (!counts.isEmpty()) {
      line.put(TOKEN_TYPE, type);
      line.withDimensions(ofTokenType);
      line.add(TOKEN_USAGE, MetricLine.COUNT, counts);
    }
  }

  private MetricLine line(GenAiCall.Series series, Log log) {
    MetricLine line = log.metrics("gen_ai_metrics");
    line.put(OPERATION, series.operation());
    line.put(conventions.provider(), series.provider());
    line.put(MODEL, series.model());
    return line;
  }

  private static List<NumericNode> part(List<NumericNode> values, int part) {
    int from = Math.min(part * MetricLine.MAX_VALUES, values.size());
    return values.subList(from, Math.min(from + MetricLine.MAX_VALUES, values.size()));
  }

  /** A metric is a double to CloudWatch; up to a million dollars this one has all digits. */
  private static DoubleNode dollars(NanoUsd cost) {
    return DoubleNode.valueOf(cost.value() / 1e9);
  }

  /** In milliseconds: more digits would only lengthen the line. */
  private static DoubleNode seconds(Duration duration) {
    return DoubleNode.valueOf(duration.toMillis() / 1e3);
  }
}
