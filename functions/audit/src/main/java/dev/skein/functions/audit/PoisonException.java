package dev.skein.functions.audit;

/**
 * A message that no retry can store. It is checked, and caught in one place: the consumer reports
 * the message as failed, and after its last delivery it lies in the dead-letter queue. The text is
 * ours, without any of the message.
 */
final class PoisonException extends Exception {
  private static final long serialVersionUID = 1;

  PoisonException(String problem) {
    super(problem, null, false, false);
  }

  /** What is wrong with it, in our own words. */
  String problem() {
    return String.valueOf(getMessage());
  }
}
