package dev.skein.exchange;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NumericNode;
import dev.skein.base.Log;
import dev.skein.base.MetricLine;
import dev.skein.llm.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes the metrics of OpenTelemetry's semantic conventions as log lines: two for the calls of a
 * request to one model, and one more for each class of error. Immutable.
 */
final class GenAiMetrics {
  static final String DURATION = "gen_ai.client.operation.duration";
  static final String TOKEN_USAGE = "gen_ai.client.token.usage";

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
    private final Map<String, List<NumericNode>> failed = new LinkedHashMap<>();

    private void add(GenAiCall call) {
      var operation = call.operation();
      DoubleNode duration = seconds(operation.duration());
      if (call.error().isPresent()) {
        failed.computeIfAbsent(call.error().get(), _ -> new ArrayList<>()).add(duration);
      } else {
        durations.add(duration);
        if (operation.timeToFirstToken().isPresent()) {
          firstTokens.add(seconds(operation.timeToFirstToken().get()));
        }
      }
      if (call.usage().isPresent()) {
        Usage usage = call.usage().get();
        input.add(LongNode.valueOf(usage.promptTokens()));
        if (call.hasOutput()) {
          output.add(LongNode.valueOf(usage.completionTokens()));
        }
      }
    }

    private int lines() {
      int most = Math.max(durations.size(), input.size());
      return (most + MetricLine.MAX_VALUES - 1) / MetricLine.MAX_VALUES;
    }
  }

  /**
   * Writes the lines.
   *
   * @param calls of one request
   * @param log the request's
   */
  void write(List<GenAiCall> calls, Log log) {
    var values = new LinkedHashMap<GenAiCall.Series, Values>();
    for (GenAiCall call : calls) {
      values.computeIfAbsent(call.series(), _ -> new Values()).add(call);
    }
    for (var entry : values.entrySet()) {
      write(entry.getKey(), entry.getValue(), log);
    }
  }

  // What the calls cost belongs here once it is known: one more metric of the first line, with the
  // dimensions of the model.
  private void write(GenAiCall.Series series, Values values, Log log) {
    for (int part = 0; part < values.lines(); part++) {
      var durations = part(values.durations, part);
      var firstTokens = part(values.firstTokens, part);
      var input = part(values.input, part);
      line(
          series,
          log,
          line -> {
            line.withDimensions(ofModel);
            line.add(DURATION, MetricLine.SECONDS, durations);
            line.add(conventions.firstToken(), MetricLine.SECONDS, firstTokens);
            tokens("input", input, line);
          });
      var output = part(values.output, part);
      if (!output.isEmpty()) {
        line(series, log, line -> tokens("output", output, line));
      }
    }
    for (var failed : values.failed.entrySet()) {
      for (int part = 0; part * MetricLine.MAX_VALUES < failed.getValue().size(); part++) {
        var durations = part(failed.getValue(), part);
        line(
            series,
            log,
            line -> {
              line.put(ERROR_TYPE, failed.getKey());
              line.withDimensions(ofErrorType);
              line.add(DURATION, MetricLine.SECONDS, durations);
            });
      }
    }
  }

  private void tokens(String type, List<NumericNode> counts, MetricLine line) {
    if (!counts.isEmpty()) {
      line.put(TOKEN_TYPE, type);
      line.withDimensions(ofTokenType);
      line.add(TOKEN_USAGE, MetricLine.COUNT, counts);
    }
  }

  private void line(GenAiCall.Series series, Log log, Consumer<MetricLine> add) {
    log.metrics(
        "gen_ai_metrics",
        line -> {
          line.put(OPERATION, series.operation());
          line.put(conventions.provider(), series.provider());
          line.put(MODEL, series.model());
          add.accept(line);
        });
  }

  private static List<NumericNode> part(List<NumericNode> values, int part) {
    int from = Math.min(part * MetricLine.MAX_VALUES, values.size());
    return values.subList(from, Math.min(from + MetricLine.MAX_VALUES, values.size()));
  }

  /** In milliseconds: more digits would only lengthen the line. */
  private static DoubleNode seconds(Duration duration) {
    return DoubleNode.valueOf(duration.toMillis() / 1e3);
  }
}
