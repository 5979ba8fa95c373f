package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final ManualTime time = new ManualTime();
  private final Breaker breaker = new Breaker(3, time::nanoTime);

  private void faults(int count) {
    for (int i = 0; i < count; i++) {
      breaker.fault();
    }
  }

  @Test
  void fewerFaultsThanTheLimitShutNobodyOut() {
    faults(2);
    assertThat(breaker.admits()).isTrue();
    assertThat(breaker.untilProbe()).isZero();
  }

  @Test
  void aSoundAnswerBetweenFaultsStartsTheCountAnew() {
    faults(2);
    breaker.sound();
    faults(2);

    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void consecutiveFaultsShutTheEndpointOutForTheWholePause() {
    faults(3);

    assertThat(breaker.admits()).isFalse();
    assertThat(breaker.untilProbe()).isEqualTo(Breaker.PAUSE);
    time.advance(Breaker.PAUSE.minusNanos(1));
    assertThat(breaker.admits()).isFalse();
  }

  @Test
  void afterThePauseOneCallProbesAndTheOthersWaitForItsResult() {
    faults(3);
    time.advance(Breaker.PAUSE);

    assertThat(breaker.admits()).isTrue();
    assertThat(breaker.admits()).isFalse();

    breaker.sound();
    assertThat(breaker.admits()).isTrue();
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void aProbeThatFailsLeavesTheEndpointShutOutUntilTheNextOne() {
    faults(3);
    time.advance(Breaker.PAUSE);
    assertThat(breaker.admits()).isTrue();
    breaker.fault();

    assertThat(breaker.admits()).isFalse();
    time.advance(Breaker.PAUSE);
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void theLateFaultOfAnOldCallDoesNotPutTheNextProbeOff() {
    faults(3);
    time.advance(Breaker.PAUSE.minusNanos(1));
    breaker.fault();

    time.advance(Duration.ofNanos(1));
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void faultsOfCallsThatBeganLongAgoPutNoProbeOff() {
    faults(3);
    time.advance(Breaker.PAUSE.minusNanos(1));
    faults(5);
    time.advance(Duration.ofNanos(1));

    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void aProbeThatNeverEndsKeepsTheNextOneWaitingForOnePauseOnly() {
    faults(3);
    time.advance(Breaker.PAUSE);
    assertThat(breaker.admits()).isTrue();

    time.advance(Breaker.PAUSE);
    assertThat(breaker.admits()).isTrue();
  }
}
