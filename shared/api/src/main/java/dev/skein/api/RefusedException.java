package dev.skein.api;

/**
 * Ends the handling of a request with a problem document. It is checked, and caught in one place,
 * {@link ApiFunction}: a reader of a request stops at the first thing that makes no sense.
 */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Problem problem;

  public RefusedException(Problem problem) {
    super(problem.name(), null, false, false);
    this.problem = problem;
  }

  /** What the caller is told. */
  public Problem problem() {
    return problem;
  }
}
