package dev.skein.local.console;

import java.io.Serial;

/** The stack cannot start; the message tells a person what is wrong and what to do. */
public final class StartException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  public StartException(String message) {
    super(message);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
