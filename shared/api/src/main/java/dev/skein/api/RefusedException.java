package dev.skein.api;

/**
 * Ends the handling of a request with a problem document. Checked, and caught in one place, {@link
 * ApiFunction}.
 */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Problem problem;

  public RefusedException(Problem problem) {
    super(problem.name(), null, false, false);
    this.problem = problem;
  }

  /** The response to the caller. */
  public Problem problem() {
    return problem;
  }
}
