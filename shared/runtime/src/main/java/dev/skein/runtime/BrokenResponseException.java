package dev.skein.runtime;

import java.io.IOException;

/** Nothing more can be written to this response. The message is safe to log. */
final class BrokenResponseException extends IOException {
  private static final long serialVersionUID = 1L;

  BrokenResponseException(String message) {
    super(message);
  }
}
