package dev.skein.aot;

/** A zip cannot be made; the message says why. */
final class AotBuildException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  AotBuildException(String message) {
    super(message);
  }
}
