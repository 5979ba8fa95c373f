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
 * What a person sees of the running stack: one tidy line for each thing that happened. Thread-safe;
 * lines never mix, and control characters of a function's output never reach the terminal.
 */
public final class StackConsole {

  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final PrintStream out;
  private final boolean colour;

  private StackConsole(PrintStream out, boolean colour) {
    this.out = out;
    this.colour = colour;
  }

  /**
   * This process's standard output, coloured when it is a terminal and {@code NO_COLOR} is not set.
   */
  public static StackConsole ofProcess(Map<String, String> environment) {
    boolean colour =
        isTerminal()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    return new StackConsole(System.out, colour);
  }

  /** Any other stream, without colours. */
  public static StackConsole to(PrintStream out) {
    return new StackConsole(out, false);
  }

  /** A line as it is. */
  public void say(String text) {
    print(text);
  }

  /** A line that stands out. */
  public void headline(String text) {
    print(tint(Tint.BOLD, text));
  }

  /** A step of the start or the stop that is done. */
  public void step(String number, String text, Duration took) {
    print(tint(Tint.GREEN, number) + " " + clean(text) + tint(Tint.DIM, " (" + told(took) + ")"));
  }

  /** Something went wrong, and a person may want to act; may have several lines. */
  public void problem(String text) {
    text.lines().forEach(line -> print(now() + " " + tint(Tint.RED, "! " + clean(line))));
  }

  /** One answered request; {@code detail} names the function or why there was none. */
  public void request(
      String method, String path, int status, Duration took, boolean coldStart, String detail) {
    String line =
        String.format(
            Locale.ROOT,
            "%-4s %-12s %s %7s  %s%s",
            clean(method),
            clean(path),
            tint(Tint.ofStatus(status), Integer.toString(status)),
            told(took),
            tint(Tint.DIM, clean(detail)),
            coldStart ? tint(Tint.CYAN, " cold start") : "");
    print(now() + " " + line);
  }

  /** One batch of a queue, delivered well or partly. */
  public void batch(
      String queue, String text, boolean well, Duration took, boolean coldStart, String function) {
    String line =
        String.format(
            Locale.ROOT,
            "%s %s %7s  %s%s",
            clean(queue),
            tint(well ? Tint.GREEN : Tint.YELLOW, clean(text)),
            told(took),
            tint(Tint.DIM, clean(function)),
            coldStart ? tint(Tint.CYAN, " cold start") : "");
    print(now() + " " + line);
  }

  /** A line that a function printed. */
  public void function(String name, String line) {
    LogLine log = LogLine.of(line);
    String level = log.level().equals("INFO") ? "" : log.level() + " ";
    print(
        now()
            + tint(Tint.DIM, "   " + name + " | ")
            + tint(Tint.ofLevel(log.level()), clean(level + log.text())));
  }

  /** {@code System.console()} would also ask for a standard input that is a terminal. */
  private static boolean isTerminal() {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  private void print(String line) {
    out.println(line);
  }

  private String tint(Tint tint, String text) {
    return colour && tint != Tint.PLAIN ? tint.escape + text + "\u001b[0m" : text;
  }

  private String now() {
    return tint(
        Tint.DIM,
        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).format(CLOCK));
  }

  private static String told(Duration took) {
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
