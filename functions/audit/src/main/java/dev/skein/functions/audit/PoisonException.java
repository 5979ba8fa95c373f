package dev.skein.functions.audit;

/**
 * A message that no retry can store. The consumer catches it in one place and reports the message
 * as failed; after its last delivery it is in the dead-letter queue. The text never quotes the
 * message.
 */
final class PoisonException extends Exception {
  private static final long serialVersionUID = 1;

  PoisonException(String problem) {
    super(problem, null, false, false);
  }

  /** What is wrong with the message. */
  String problem() {
    return String.valueOf(getMessage());
  }
}
