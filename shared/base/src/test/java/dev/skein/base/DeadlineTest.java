package dev.skein.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  // A monotonic clock may stand anywhere, also just before it overflows.
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);

  @Test
  void itPassesAfterItsTime() {
    var deadline = Deadline.in(Duration.ofNanos(10), now::get);
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(10));
    assertThat(deadline.hasPassed()).isFalse();

    now.addAndGet(10);

    assertThat(deadline.hasPassed()).isTrue();
    assertThat(deadline.remaining()).isZero();
  }

  @Test
  void aReserveMovesItForward() {
    var deadline = Deadline.in(Duration.ofNanos(10), now::get).less(Duration.ofNanos(4));

    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(6));
    assertThat(deadline.leavesRoomFor(Duration.ofNanos(5))).isTrue();
    assertThat(deadline.leavesRoomFor(Duration.ofNanos(6))).isFalse();
  }
}
