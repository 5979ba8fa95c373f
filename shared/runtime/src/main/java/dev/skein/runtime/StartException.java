package dev.skein.runtime;

/** The function cannot start; its failure is told to the Runtime API. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  StartException(String type, String message) {
    super(message);
    this.failure = new Failure(type, message);
  }

  StartException(Failure failure, Throwable cause) {
    super(failure.message(), cause);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
