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
import java.util.Locale;
import java.util.Map;

/**
 * The console of the running stack: one line per event. Thread-safe. Control characters in a
 * function's output do not reach the terminal.
 */
public final class StackConsole {

  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final PrintStream out;
  private final boolean colour;

  private StackConsole(PrintStream out, boolean colour) {
    this.out = out;
    this.colour = colour;
  }

  /** Standard output, with colours if it is a terminal and {@code NO_COLOR} is not set. */
  public static StackConsole ofProcess(Map<String, String> environment) {
    boolean colour =
        isTerminal()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    return new StackConsole(System.out, colour);
  }

  /** Another stream, without colours. */
  public static StackConsole to(PrintStream out) {
    return new StackConsole(out, false);
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

  /** Reports a request; {@code detail} names the function, or why none was called. */
  public void request(
      String method, String path, int status, Duration took, boolean coldStart, String detail) {
    String request = String.format(Locale.ROOT, "%-4s %-12s", method, path);
    event(request, Tint.ofStatus(status), Integer.toString(status), took, coldStart, detail);
  }

  /** Reports a batch of a queue. */
  public void batch(
      String queue, String text, boolean ok, Duration took, boolean coldStart, String function) {
    event(queue, ok ? Tint.GREEN : Tint.YELLOW, text, took, coldStart, function);
  }

  private void event(
      String source, Tint tint, String result, Duration took, boolean coldStart, String detail) {
    say(
        String.format(
            Locale.ROOT,
            "%s %s %s %7s  %s%s",
            now(),
            clean(source),
            tint(tint, clean(result)),
            time(took),
            tint(Tint.DIM, clean(detail)),
            coldStart ? tint(Tint.CYAN, " cold start") : ""));
  }

  /** Prints a line of a function's output. */
  public void function(String name, String line) {
    LogLine log = LogLine.of(line);
    String level = log.level().equals("INFO") ? "" : log.level() + " ";
    say(
        now()
            + tint(Tint.DIM, "   " + name + " | ")
            + tint(Tint.ofLevel(log.level()), clean(level + log.text())));
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
