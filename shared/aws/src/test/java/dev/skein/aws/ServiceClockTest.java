package dev.skein.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.aws.AwsReply.ServiceError;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ServiceClockTest {
  private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");

  private Instant now = NOON;
  private final ServiceClock clock = new ServiceClock(() -> now);

  @Test
  void aClockThatIsWrongIsCorrectedByTheServices() {
    Instant signedAt = clock.instant();
    Instant serviceTime = NOON.plus(Duration.ofHours(2));

    assertThat(clock.correct(rejected(serviceTime), signedAt)).isTrue();
    assertThat(clock.instant()).isEqualTo(serviceTime);
  }

  /** The environment was frozen in between, and its clock is right again. */
  @Test
  void aRequestThatWasSentLongAfterItWasSignedIsSignedAgainWithTheTimeOfNow() {
    Instant signedAt = clock.instant();
    now = NOON.plus(Duration.ofMinutes(20));

    assertThat(clock.correct(rejected(now), signedAt)).isTrue();
    assertThat(clock.instant()).isEqualTo(now);
  }

  @Test
  void aSignatureThatWasRejectedInTimeIsFinal() {
    Instant signedAt = clock.instant();

    assertThat(clock.correct(rejected(NOON.plusSeconds(2)), signedAt)).isFalse();
    assertThat(clock.instant()).isEqualTo(NOON);
  }

  private static ServiceError rejected(Instant time) {
    return new ServiceError(
        403, "InvalidSignatureException", Optional.of("r-1"), Optional.of(time));
  }
}
