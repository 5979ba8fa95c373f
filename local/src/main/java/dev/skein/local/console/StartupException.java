package dev.skein.local.console;

import java.io.Serial;

/** The stack cannot start. The message says what is wrong and how to fix it. */
public final class StartupException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
