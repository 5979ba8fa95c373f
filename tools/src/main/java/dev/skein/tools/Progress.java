package dev.skein.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Says how far a command is: on a terminal in one line that is written again and again, elsewhere
 * in a new line every ten seconds.
 */
final class Progress {
  private static final Duration ON_TERMINAL = Duration.ofMillis(200);
  private static final Duration ELSEWHERE = Duration.ofSeconds(10);
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private long next;
  private boolean shown;

  Progress(PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong() + interval().toNanos();
  }

  /** On standard error, which the summary's reader can do without. */
  static Progress standard() {
    return new Progress(System.err, isTerminal(), System::nanoTime);
  }

  /** Standard output may be a file when standard error is a terminal; the console knows both. */
  private static boolean isTerminal() {
    try {
      String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  /** Shows the text, unless another one was shown a moment ago. */
  void update(Supplier<String> text) {
    if (nanoTime.getAsLong() - next < 0) {
      return;
    }
    next = nanoTime.getAsLong() + interval().toNanos();
    if (terminal) {
      out.print(CLEAR_LINE + text.get());
      out.flush();
      shown = true;
    } else {
      out.println(text.get());
    }
  }

  /** Prints a line that stays. */
  void say(String line) {
    end();
    out.println(line);
  }

  /** Removes what {@link #update} shows. */
  void end() {
    if (shown) {
      out.print(CLEAR_LINE);
      out.flush();
      shown = false;
    }
  }

  private Duration interval() {
    return terminal ? ON_TERMINAL : ELSEWHERE;
  }
}
