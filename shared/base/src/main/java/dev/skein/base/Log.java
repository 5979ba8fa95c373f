package dev.skein.base;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Structured log lines: each event is one line of JSON in ASCII, whatever its values contain.
 * Thread-safe. Values are constants, numbers and IDs of this program: never a caller's text, a
 * model's text or a key, except in the two events that carry an audit record.
 */
public final class Log {
  private static final String UNKNOWN = "unknown";

  private static final List<List<String>> OF_STACK_AND_OF_FUNCTION =
      List.of(List.of(MetricLine.STACK), List.of(MetricLine.STACK, MetricLine.FUNCTION));

  private final InstantSource clock;
  private final Consumer<String> sink;
  private final String stack;
  private final String function;
  private final @Nullable String requestId;
  private final @Nullable String traceId;

  /**
   * A log that writes to {@code sink}, of an unknown stack and function.
   *
   * @param sink receives one finished line without its line end; called by many threads
   */
  public Log(InstantSource clock, Consumer<String> sink) {
    this(clock, sink, UNKNOWN, UNKNOWN);
  }

  /**
   * A log that writes to {@code sink}.
   *
   * @param sink receives one finished line without its line end; called by many threads
   * @param stack the first dimension of its metrics, not empty
   * @param function the second dimension of its metrics, not empty
   */
  public Log(InstantSource clock, Consumer<String> sink, String stack, String function) {
    this(clock, sink, stack, function, null, null);
  }

  private Log(
      InstantSource clock,
      Consumer<String> sink,
      String stack,
      String function,
      @Nullable String requestId,
      @Nullable String traceId) {
    this.clock = clock;
    this.sink = sink;
    this.stack = stack;
    this.function = function;
    this.requestId = requestId;
    this.traceId = traceId;
  }

  /**
   * This log for the lines of one request, which have {@code request_id} and, if it is known,
   * {@code trace_id}.
   *
   * @param traceId the caller's trace
   */
  public Log ofRequest(String requestId, Optional<String> traceId) {
    return new Log(clock, sink, stack, function, requestId, traceId.orElse(null));
  }

  /** The log that Lambda collects: standard output. */
  public static Log standard(Settings settings) {
    // println of one string is atomic, and flushes: the line is written before a freeze.
    var out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    return new Log(
        InstantSource.system(),
        out::println,
        settings.text("STACK_NAME").orElse(UNKNOWN),
        settings.text("AWS_LAMBDA_FUNCTION_NAME").orElse(UNKNOWN));
  }

  /** A normal event. */
  public void info(String event, Consumer<ObjectNode> fields) {
    write("INFO", event, fields);
  }

  /** An event to look into when it recurs. */
  public void warn(String event, Consumer<ObjectNode> fields) {
    write("WARN", event, fields);
  }

  /** An event to look into. */
  public void error(String event, Consumer<ObjectNode> fields) {
    write("ERROR", event, fields);
  }

  /** An event to look into when it recurs, which adds {@code count} to a metric. */
  public void warn(String event, String metric, int count, Consumer<ObjectNode> fields) {
    warn(event, fields.andThen(line -> putMetric(metric, count, line)));
  }

  /** An event to be alerted of: an error that adds 1 to a metric. */
  public void alarm(String event, String metric, Consumer<ObjectNode> fields) {
    error(event, fields.andThen(line -> putMetric(metric, 1, line)));
  }

  /** A normal event whose line holds values of metrics, for the caller to fill and to write. */
  public MetricLine metrics(String event) {
    return metricLine(begin("INFO", event));
  }

  /** Adds to a metric once for the stack and once for the function: stacks can share a Region. */
  private void putMetric(String metric, int count, ObjectNode line) {
    var values = metricLine(line);
    values.withDimensions(OF_STACK_AND_OF_FUNCTION);
    values.add(metric, MetricLine.COUNT, List.of(IntNode.valueOf(count)));
  }

  private MetricLine metricLine(ObjectNode line) {
    return new MetricLine(line, stack, function, clock.millis(), sink);
  }

  /**
   * A bug: the exception's class and its stack frames in Skein, never its message, which may hold
   * what a caller sent.
   */
  public void bug(String event, Throwable fault, Consumer<ObjectNode> fields) {
    error(
        event,
        line -> {
          line.put("fault", fault.getClass().getName());
          var at = line.putArray("at");
          for (Throwable cause = fault; cause != null && at.size() < 12; cause = cause.getCause()) {
            for (var frame : cause.getStackTrace()) {
              if (frame.getClassName().startsWith("dev.skein") && at.size() < 12) {
                at.add(frame.toString());
              }
            }
          }
          fields.accept(line);
        });
  }

  private void write(String level, String event, Consumer<ObjectNode> fields) {
    var line = begin(level, event);
    fields.accept(line);
    sink.accept(Json.STRICT.write(line));
  }

  private ObjectNode begin(String level, String event) {
    var line = Json.object();
    line.put("timestamp", timestamp(clock.instant()));
    line.put("level", level);
    line.put("event", event);
    if (requestId != null) {
      line.put("request_id", requestId);
    }
    if (traceId != null) {
      line.put("trace_id", traceId);
    }
    return line;
  }

  /** ISO-8601 in UTC with exactly three decimals, the format of every time in Skein. */
  public static String timestamp(Instant instant) {
    var millis = instant.truncatedTo(ChronoUnit.MILLIS);
    String text = millis.toString();
    // Instant omits decimals that are zero; a fixed width sorts as text like as time.
    return text.length() == "2026-01-01T00:00:00Z".length()
        ? text.substring(0, text.length() - 1) + ".000Z"
        : text;
  }
}
