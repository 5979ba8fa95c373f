package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final ManualTime time = new ManualTime();
  private final CircuitBreaker breaker = new CircuitBreaker(3, time::nanoTime);

  private void faults(int count) {
    for (int i = 0; i < count; i++) {
      breaker.recordFailure();
    }
  }

  @Test
  void fewerFaultsThanTheLimitShutNobodyOut() {
    faults(2);
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.untilProbe()).isZero();
  }

  @Test
  void aSoundAnswerBetweenFaultsStartsTheCountAnew() {
    faults(2);
    breaker.recordSuccess();
    faults(2);

    assertThat(breaker.tryAcquire()).isTrue();
  }

  @Test
  void consecutiveFaultsShutTheEndpointOutForTheWholePause() {
    faults(3);

    assertThat(breaker.tryAcquire()).isFalse();
    assertThat(breaker.untilProbe()).isEqualTo(CircuitBreaker.WAIT_IN_OPEN_STATE);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE.minusNanos(1));
    assertThat(breaker.tryAcquire()).isFalse();
  }

  @Test
  void afterThePauseOneCallProbesAndTheOthersWaitForItsResult() {
    faults(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);

    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.tryAcquire()).isFalse();

    breaker.recordSuccess();
    assertThat(breaker.tryAcquire()).isTrue();
    assertThat(breaker.tryAcquire()).isTrue();
  }

  @Test
  void aProbeThatFailsLeavesTheEndpointShutOutUntilTheNextOne() {
    faults(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(breaker.tryAcquire()).isTrue();
    breaker.recordFailure();

    assertThat(breaker.tryAcquire()).isFalse();
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(breaker.tryAcquire()).isTrue();
  }

  @Test
  void theLateFaultOfAnOldCallDoesNotPutTheNextProbeOff() {
    faults(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE.minusNanos(1));
    breaker.recordFailure();

    time.advance(Duration.ofNanos(1));
    assertThat(breaker.tryAcquire()).isTrue();
  }

  @Test
  void faultsOfCallsThatBeganLongAgoPutNoProbeOff() {
    faults(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE.minusNanos(1));
    faults(5);
    time.advance(Duration.ofNanos(1));

    assertThat(breaker.tryAcquire()).isTrue();
  }

  @Test
  void aProbeThatNeverEndsKeepsTheNextOneWaitingForOnePauseOnly() {
    faults(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(breaker.tryAcquire()).isTrue();

    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(breaker.tryAcquire()).isTrue();
  }
}
