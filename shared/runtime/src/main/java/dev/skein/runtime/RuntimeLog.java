package dev.skein.runtime;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The runtime's log on standard output: one line of JSON per log event, without anything that
 * callers sent. Also the logger in the handlers' context, which writes their lines unchanged.
 * Thread-safe.
 */
final class RuntimeLog implements LambdaLogger {
  private static final int FRAMES = 12;

  private final PrintStream out;

  RuntimeLog(PrintStream out) {
    this.out = out;
  }

  /** The log that Lambda collects: standard output. */
  static RuntimeLog standard() {
    return new RuntimeLog(System.out);
  }

  @Override
  public void log(String message) {
    log(message.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void log(byte[] message) {
    byte[] line = message;
    if (message.length == 0 || message[message.length - 1] != '\n') {
      line = Arrays.copyOf(message, message.length + 1);
      line[message.length] = '\n';
    }
    // One write per line, so that the lines of several workers do not mix; flushed because the
    // environment may be frozen.
    out.write(line, 0, line.length);
    out.flush();
  }

  /** An unexpected exception: its class and its stack frames in Skein, never its message. */
  void fault(String event, @Nullable InvocationEvent invocation, Throwable fault) {
    log(
        line("ERROR", event, invocation)
            .put("fault", fault.getClass().getName())
            .putJson("at", frames(fault))
            .end());
  }

  /** A failed initialization; its message tells the operator what to fix. */
  void initFailed(ErrorReport report, Throwable fault) {
    log(
        line("ERROR", "init_failed")
            .put("fault", report.type())
            .put("message", report.message())
            .putJson("at", frames(fault))
            .end());
  }

  /**
   * A failure that happened outside the handler.
   *
   * @param invocation null if there was none yet
   */
  void warn(String event, @Nullable InvocationEvent invocation, String reason) {
    log(line("WARN", event, invocation).put("reason", reason).end());
  }

  /** The function has an AOT cache that the JVM did not accept. */
  void aotCacheUnused() {
    String reason = "the JVM, its flags or the jars are not those that the cache was made with";
    log(line("WARN", "aot_cache_unused").put("reason", reason).end());
  }

  /** Why the process ends. */
  void ending(String reason) {
    log(line("ERROR", "runtime_ended").put("reason", reason).end());
  }

  private static JsonText line(String level, String event, @Nullable InvocationEvent invocation) {
    JsonText line = line(level, event);
    if (invocation != null) {
      line.put("request_id", invocation.requestId());
      String traceRoot = invocation.traceRoot();
      if (traceRoot != null) {
        line.put("trace_id", traceRoot);
      }
    }
    return line;
  }

  private static JsonText line(String level, String event) {
    return new JsonText()
        .put("timestamp", timestamp(Instant.now()))
        .put("level", level)
        .put("event", event);
  }

  /** ISO 8601 in UTC with exactly three decimals, which Instant omits if they are zero. */
  private static String timestamp(Instant now) {
    String text = now.truncatedTo(ChronoUnit.MILLIS).toString();
    return text.length() == "2026-01-01T00:00:00Z".length()
        ? text.substring(0, text.length() - 1) + ".000Z"
        : text;
  }

  private static String frames(Throwable fault) {
    var frames = new StringBuilder("[");
    int count = 0;
    // A chain of causes may be circular.
    Throwable cause = fault;
    for (int depth = 0; cause != null && depth < FRAMES; depth++) {
      for (StackTraceElement frame : cause.getStackTrace()) {
        if (count < FRAMES && frame.getClassName().startsWith("dev.skein")) {
          frames.append(count++ == 0 ? "\"" : ",\"").append(quotable(frame)).append('"');
        }
      }
      cause = cause.getCause();
    }
    return frames.append(']').toString();
  }

  private static String quotable(StackTraceElement frame) {
    return frame.toString().replace('"', '_').replace('\\', '_');
  }
}
