package dev.skein.llm;

import static dev.skein.llm.CircuitBreaker.Permission.DENIED;
import static dev.skein.llm.CircuitBreaker.Permission.GRANTED;
import static dev.skein.llm.CircuitBreaker.Permission.PROBE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final ManualTime time = new ManualTime();
  private final CircuitBreaker breaker = new CircuitBreaker(3, time::nanoTime);

  private void fail(int count) {
    for (int i = 0; i < count; i++) {
      breaker.recordFailure();
    }
  }

  private void openForTheWholeWait() {
    fail(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
  }

  @Test
  void fewerFailuresThanTheThresholdKeepItClosed() {
    fail(2);

    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
    assertThat(breaker.untilProbe()).isZero();
  }

  @Test
  void aSuccessBetweenFailuresStartsTheCountAnew() {
    fail(2);
    breaker.recordSuccess();
    fail(2);

    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
  }

  @Test
  void consecutiveFailuresOpenItForTheWholeWait() {
    fail(3);

    assertThat(breaker.tryAcquire()).isEqualTo(DENIED);
    assertThat(breaker.untilProbe()).isEqualTo(CircuitBreaker.WAIT_IN_OPEN_STATE);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE.minusNanos(1));
    assertThat(breaker.tryAcquire()).isEqualTo(DENIED);
  }

  @Test
  void afterTheWaitOneCallProbesAndASuccessCloses() {
    openForTheWholeWait();

    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
    assertThat(breaker.tryAcquire()).isEqualTo(DENIED);

    breaker.recordSuccess();
    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
  }

  @Test
  void aProbeThatFailsLeavesItOpenUntilTheNextOne() {
    openForTheWholeWait();
    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
    breaker.recordFailure();
    breaker.endProbe();

    assertThat(breaker.tryAcquire()).isEqualTo(DENIED);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
  }

  @Test
  void aProbeThatEndsWithoutAResultAdmitsTheNextOneAtOnce() {
    openForTheWholeWait();
    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
    breaker.endProbe();

    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
    assertThat(breaker.tryAcquire()).isEqualTo(DENIED);
  }

  @Test
  void failuresOfCallsThatBeganLongAgoPostponeNoProbe() {
    fail(3);
    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE.minusNanos(1));
    fail(5);
    time.advance(Duration.ofNanos(1));

    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
  }

  @Test
  void aProbeThatNeverEndsDelaysTheNextOneByOneWaitOnly() {
    openForTheWholeWait();
    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);

    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);
  }

  @Test
  void callsThatAwaitAProbeAreWokenByItsSuccessAndByItsEnd() {
    openForTheWholeWait();
    breaker.tryAcquire();
    var woken = new AtomicInteger();
    assertThat(breaker.awaitProbe(woken::incrementAndGet)).isTrue();
    assertThat(breaker.awaitProbe(woken::incrementAndGet)).isTrue();

    breaker.recordFailure();
    assertThat(woken).hasValue(0);
    breaker.endProbe();
    assertThat(woken).hasValue(2);

    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    breaker.tryAcquire();
    breaker.awaitProbe(woken::incrementAndGet);
    breaker.recordSuccess();
    assertThat(woken).hasValue(3);
  }

  @Test
  void withoutAProbeInFlightThereIsNothingToAwait() {
    fail(3);
    var woken = new AtomicInteger();

    assertThat(breaker.awaitProbe(woken::incrementAndGet)).isFalse();

    time.advance(CircuitBreaker.WAIT_IN_OPEN_STATE);
    breaker.tryAcquire();
    breaker.recordFailure();
    breaker.endProbe();
    assertThat(breaker.awaitProbe(woken::incrementAndGet)).isFalse();
    assertThat(woken).hasValue(0);
  }

  @Test
  void aCallThatWasDeniedJustBeforeTheProbeSucceededIsWokenAtOnce() {
    openForTheWholeWait();
    breaker.tryAcquire();
    assertThat(breaker.tryAcquire()).isEqualTo(DENIED);
    breaker.recordSuccess();
    breaker.endProbe();
    var woken = new AtomicInteger();

    assertThat(breaker.awaitProbe(woken::incrementAndGet)).isTrue();
    assertThat(woken).hasValue(1);
  }

  @Test
  void afterAMinuteWithoutAFailureItIsClosed() {
    fail(3);
    time.advance(CircuitBreaker.MEMORY.minusNanos(1));
    assertThat(breaker.tryAcquire()).isEqualTo(PROBE);

    time.advance(Duration.ofNanos(1));
    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
    fail(2);
    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
  }

  @Test
  void failuresMoreThanAMinuteApartAreNotConsecutive() {
    fail(2);
    time.advance(CircuitBreaker.MEMORY);
    fail(1);

    assertThat(breaker.tryAcquire()).isEqualTo(GRANTED);
  }
}
