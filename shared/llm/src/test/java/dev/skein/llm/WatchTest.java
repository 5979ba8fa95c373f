package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTime time = new ManualTime();
  private final AtomicInteger late = new AtomicInteger();
  private final Watch watch = new Watch(time, time::nanoTime, late::incrementAndGet);

  @Test
  void aSignThatDoesNotComeIsToldOnceAndInTime() {
    watch.arm(SECOND);

    time.advance(SECOND.minusNanos(1));
    assertThat(late).hasValue(0);
    time.advance(Duration.ofNanos(1));
    assertThat(late).hasValue(1);
    time.advance(SECOND.multipliedBy(10));
    assertThat(late).hasValue(1);
  }

  @Test
  void eachSignStartsTheTimeAnew() {
    for (int i = 0; i < 10; i++) {
      watch.arm(SECOND);
      time.advance(SECOND.minusMillis(1));
    }
    assertThat(late).hasValue(0);

    time.advance(Duration.ofMillis(1));
    assertThat(late).hasValue(1);
  }

  @Test
  void aShorterLimitHoldsAtOnce() {
    watch.arm(SECOND.multipliedBy(10));
    watch.arm(SECOND);

    time.advance(SECOND);

    assertThat(late).hasValue(1);
  }

  @Test
  void whileItRestsNothingIsLate() {
    watch.arm(SECOND);
    watch.rest();
    time.advance(SECOND.multipliedBy(10));
    assertThat(late).hasValue(0);

    watch.arm(SECOND);
    time.advance(SECOND);
    assertThat(late).hasValue(1);
  }

  @Test
  void aStoppedWatchLeavesNothingWithTheTimer() {
    watch.arm(SECOND);
    watch.stop();
    assertThat(time.waiting()).isZero();

    watch.arm(SECOND);
    time.advance(SECOND);
    assertThat(late).hasValue(0);
  }

  @Test
  void manySignsKeepOneTaskWithTheTimer() {
    for (int i = 0; i < 1000; i++) {
      watch.arm(SECOND);
    }

    assertThat(time.waiting()).isEqualTo(1);
  }
}
