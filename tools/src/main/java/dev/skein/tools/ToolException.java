package dev.skein.tools;

/** A command cannot go on. The message is for the operator and contains no record's text. */
final class ToolException extends Exception {
  private static final long serialVersionUID = 1;

  ToolException(String message) {
    super(message, null, false, false);
  }
}
