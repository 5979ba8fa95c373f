package dev.skein.local.console;

import java.io.Serial;

/** The stack cannot start; the message tells a person what is wrong and what to do. */
public final class StartupException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
