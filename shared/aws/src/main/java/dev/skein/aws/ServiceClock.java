package dev.skein.aws;

import dev.skein.aws.AwsReply.ServiceError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * This machine's clock, corrected to a service's once that rejects a signature's time. Thread-safe.
 */
final class ServiceClock implements InstantSource {
  /** Services accept five minutes; what is nearer was rejected for another reason. */
  private static final Duration ACCEPTED = Duration.ofMinutes(4);

  private final InstantSource machine;
  private volatile Duration skew = Duration.ZERO;

  ServiceClock(InstantSource machine) {
    this.machine = machine;
  }

  @Override
  public Instant instant() {
    return machine.instant().plus(skew);
  }

  /**
   * Corrects the clock if {@code error} is about the time of a signature. The request may also have
   * been frozen between its signature and its sending; then the correction is small.
   *
   * @return whether the request is worth signing again
   */
  boolean correct(ServiceError error, Instant signedAt) {
    if (!AwsErrors.mayConcernTime(error) || error.time().isEmpty()) {
      return false;
    }
    Instant time = error.time().get();
    if (Duration.between(signedAt, time).abs().compareTo(ACCEPTED) <= 0) {
      return false;
    }
    skew = Duration.between(machine.instant(), time);
    return true;
  }
}
