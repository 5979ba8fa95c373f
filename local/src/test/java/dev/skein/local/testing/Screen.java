package dev.skein.local.testing;

import dev.skein.local.console.StackConsole;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A console whose lines a test can read. */
public final class Screen {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final StackConsole console =
      StackConsole.to(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  public StackConsole console() {
    return console;
  }

  /** All that was shown so far. */
  public String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
