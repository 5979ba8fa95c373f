package dev.skein.pricing;

/**
 * A line of a price list is not of its form. The message says which, or is the rest of that
 * sentence.
 */
final class InvalidLineException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidLineException(String problem) {
    super(problem);
  }

  /** The same problem, with the number of the line. */
  InvalidLineException at(int line) {
    return new InvalidLineException("line " + line + " " + getMessage());
  }
}
