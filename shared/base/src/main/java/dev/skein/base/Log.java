package dev.skein.base;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * Structured log lines: one event is one line of JSON in ASCII, whatever its values hold.
 * Thread-safe. Values are the program's own words, numbers and ids; a caller's text, a model's text
 * or a key has no place here, except in the two events that carry an audit record.
 */
public final class Log {
  private final InstantSource clock;
  private final Consumer<String> sink;

  /**
   * A log that writes to {@code sink}.
   *
   * @param sink takes one finished line, without its line end; called by many threads
   */
  public Log(InstantSource clock, Consumer<String> sink) {
    this.clock = clock;
    this.sink = sink;
  }

  /** The log that Lambda collects: standard output. */
  public static Log standard() {
    // println of one string is atomic, and flushes: a line is out before the environment freezes.
    var out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    return new Log(InstantSource.system(), out::println);
  }

  /** What went as it should. */
  public void info(String event, Consumer<ObjectNode> fields) {
    write("INFO", event, fields);
  }

  /** What somebody should look at when it recurs. */
  public void warn(String event, Consumer<ObjectNode> fields) {
    write("WARN", event, fields);
  }

  /** What somebody must look at. */
  public void error(String event, Consumer<ObjectNode> fields) {
    write("ERROR", event, fields);
  }

  /**
   * What somebody must look at, and is told of: an error that counts one in a metric of the
   * namespace Skein, without a call to CloudWatch.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">Embedded
   *     metric format</a>
   */
  public void alarm(String event, String metric, Consumer<ObjectNode> fields) {
    error(
        event,
        line -> {
          fields.accept(line);
          var aws = line.putObject("_aws");
          aws.put("Timestamp", clock.millis());
          var directive = aws.putArray("CloudWatchMetrics").addObject();
          directive.put("Namespace", "Skein");
          directive.putArray("Dimensions").addArray();
          directive.putArray("Metrics").addObject().put("Name", metric).put("Unit", "Count");
          line.put(metric, 1);
        });
  }

  /**
   * A fault in the program: its type and places in our code, never its message, which may hold what
   * a stranger sent.
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
    var line = Json.object();
    line.put("timestamp", timestamp(clock.instant()));
    line.put("level", level);
    line.put("event", event);
    fields.accept(line);
    sink.accept(Json.STRICT.write(line));
  }

  /** ISO-8601 in UTC with exactly three decimals, as every time in Skein is written. */
  public static String timestamp(Instant instant) {
    var millis = instant.truncatedTo(ChronoUnit.MILLIS);
    String text = millis.toString();
    // Instant leaves out decimals that are zero; a fixed width keeps text order and time order one.
    return text.length() == "2026-01-01T00:00:00Z".length()
        ? text.substring(0, text.length() - 1) + ".000Z"
        : text;
  }
}
