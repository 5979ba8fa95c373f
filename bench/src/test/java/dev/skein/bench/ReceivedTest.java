package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReceivedTest {

  private final Received received = new Received();

  @Test
  void aMessageThatArrivesLaterEndsTheWait() throws Exception {
    Thread sender = Thread.ofVirtual().unstarted(() -> received.message("late"));
    sender.start();

    assertThat(received.await(1, 0, Duration.ofSeconds(10))).isTrue();
    sender.join();
  }

  @Test
  void theWaitForWhatNeverArrivesEndsAtItsLimit() throws Exception {
    received.message("one");

    assertThat(received.await(2, 0, Duration.ofMillis(20))).isFalse();
    assertThat(received.await(1, 1, Duration.ofMillis(20))).isFalse();
  }

  @Test
  void aClearedRecordStartsAnew() {
    received.message("one");
    received.item();

    received.clear();

    assertThat(received.messages()).isEmpty();
    assertThat(received.items()).isZero();
  }
}
