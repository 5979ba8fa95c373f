package dev.skein.tools;

import java.io.IOException;

/** A file's content cannot be read. The message says where, and contains none of it. */
final class UnreadableException extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableException(String message) {
    super(message);
  }
}
