package dev.skein.local.console;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The console of the running stack: one line per request. Thread-safe. Control characters in a
 * function's output do not reach the terminal.
 */
public final class StackConsole {

  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final PrintStream out;
  private final boolean colour;
  private final boolean functionLogs;
  private final BiConsumer<String, String> observer;
  private final ModelCalls calls = new ModelCalls();

  private StackConsole(
      PrintStream out, boolean colour, boolean functionLogs, BiConsumer<String, String> observer) {
    this.out = out;
    this.colour = colour;
    this.functionLogs = functionLogs;
    this.observer = observer;
  }

  /**
   * A response to an HTTP request.
   *
   * @param id the request ID in the functions' logs
   * @param callsModel whether a function will log the model calls of this request
   * @param streamed whether it was a stream of events
   * @param note what else there is to know; may be empty
   */
  public record Response(
      String id,
      boolean callsModel,
      String method,
      String path,
      int status,
      boolean streamed,
      Duration took,
      String note) {}

  /**
   * Standard output, with colours if it is a terminal and {@code NO_COLOR} is not set; without the
   * functions' logs.
   */
  public static StackConsole ofProcess(Map<String, String> environment) {
    boolean colour =
        isTerminal()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    return new StackConsole(System.out, colour, false, (_, _) -> {});
  }

  /** Another stream, without colours; with the functions' logs. */
  public static StackConsole to(PrintStream out) {
    return to(out, (_, _) -> {});
  }

  /**
   * As {@link #to(PrintStream)}.
   *
   * @param observer receives the name of a function and each line of its output as it is, on many
   *     threads
   */
  public static StackConsole to(PrintStream out, BiConsumer<String, String> observer) {
    return new StackConsole(out, false, true, observer);
  }

  /**
   * This console, with or without the functions' logs and successful batches. Warnings and errors
   * that no other line reports are always shown.
   */
  public StackConsole withFunctionLogs(boolean shown) {
    return new StackConsole(out, colour, shown, observer);
  }

  /** Prints a line as it is. */
  public void say(String text) {
    out.println(text);
  }

  /** Prints a line in bold. */
  public void headline(String text) {
    say(tint(Tint.BOLD, text));
  }

  /** Reports a finished step of the start or the shutdown. */
  public void step(String number, String text, Duration took) {
    say(tint(Tint.GREEN, number) + " " + clean(text) + tint(Tint.DIM, " (" + time(took) + ")"));
  }

  /** Reports a problem, which may have several lines. */
  public void problem(String text) {
    text.lines().forEach(line -> say(now() + " " + tint(Tint.RED, "! " + clean(line))));
  }

  /** Reports a request, as soon as its model calls are known. */
  public void request(Response response) {
    if (!response.callsModel()) {
      say(line(response, ModelCalls.Summary.UNKNOWN));
      return;
    }
    var _ = calls.of(response.id()).thenAccept(summary -> say(line(response, summary)));
  }

  private String line(Response response, ModelCalls.Summary calls) {
    Tint tint = Tint.ofStatus(response.status());
    StringBuilder line = new StringBuilder(now());
    line.append(' ').append(clean(response.method() + " " + response.path())).append(' ');
    line.append(tint(tint, Integer.toString(response.status())));
    line.append(response.streamed() ? " streamed " : " ");
    if (!calls.models().isEmpty()) {
      line.append(tint(calls.failed() ? Tint.RED : Tint.PLAIN, clean(calls.models())));
      line.append(calls.failed() ? ", " : " ");
    }
    line.append(time(response.took()));
    for (String more : List.of(calls.tokens(), response.note())) {
      line.append(more.isEmpty() ? "" : ", " + clean(more));
    }
    return line.toString();
  }

  /** Reports a batch of a queue, if it failed or the functions' logs are shown. */
  public void batch(String queue, String text, boolean ok, Duration took, String function) {
    if (!ok || functionLogs) {
      String result = tint(ok ? Tint.GREEN : Tint.YELLOW, clean(text));
      say(now() + " " + clean(queue) + " " + result + " " + time(took) + ", " + clean(function));
    }
  }

  /** Reads a line of a function's output, and prints it unless another line reports it. */
  public void function(String name, String line) {
    observer.accept(name, line);
    LogLine log = LogLine.of(line);
    if (functionLogs || log.isImportant()) {
      String level = log.level().equals("INFO") ? "" : log.level() + " ";
      say(
          now()
              + tint(Tint.DIM, "   " + name + " | ")
              + tint(Tint.ofLevel(log.level()), clean(level + log.text())));
    }
    calls.add(log);
  }

  /** {@code System.console()} would require a terminal as standard input, too. */
  private static boolean isTerminal() {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  private String tint(Tint tint, String text) {
    return colour && tint != Tint.PLAIN ? tint.escape + text + "\u001b[0m" : text;
  }

  private String now() {
    return tint(
        Tint.DIM,
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).format(CLOCK));
  }

  private static String time(Duration took) {
    long millis = took.toMillis();
    return millis < 10_000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1e3);
  }

  /** Escape sequences in a log line or a path could repaint the terminal. */
  private static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> clean.appendCodePoint(Character.isISOControl(c) && c != '\t' ? '\ufffd' : c));
    return clean.toString();
  }

  private enum Tint {
    PLAIN(""),
    BOLD("\u001b[1m"),
    DIM("\u001b[2m"),
    RED("\u001b[31m"),
    GREEN("\u001b[32m"),
    YELLOW("\u001b[33m"),
    CYAN("\u001b[36m");

    private final String escape;

    Tint(String escape) {
      this.escape = escape;
    }

    static Tint ofStatus(int status) {
      return status < 400 ? GREEN : status < 500 ? YELLOW : RED;
    }

    static Tint ofLevel(String level) {
      return switch (level) {
        case "ERROR", "FATAL" -> RED;
        case "WARN", "WARNING" -> YELLOW;
        default -> PLAIN;
      };
    }
  }
}
