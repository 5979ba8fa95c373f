package dev.skein.bench;

/** Nothing was measured; the message tells a person why. */
final class MeasurementException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MeasurementException(String message) {
    super(message);
  }
}
