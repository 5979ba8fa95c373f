package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmOutcome.Abandoned;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeltaChannelTest {
  private final ManualTime time = new ManualTime();
  private final DeltaChannel channel = new DeltaChannel(true, time.world().mailboxes());

  private Deadline in(Duration wait) {
    return Deadline.in(wait, time::nanoTime);
  }

  @Test
  void aLateWakeIsNotTakenForTheReader() {
    channel.wake();
    channel.release(List.of(new Delta("x", "")));
    channel.take();

    assertThat(channel.awaitTaken(1, in(Duration.ofSeconds(1)))).isEmpty();
  }

  @Test
  void aLateWakeDoesNotEndAPause() throws InterruptedException {
    channel.wake();
    var pause = Thread.ofVirtual().start(() -> channel.pause(in(Duration.ofSeconds(1))));
    time.awaitWaitOf(Duration.ofSeconds(1));
    assertThat(pause.isAlive()).isTrue();

    time.advance(Duration.ofSeconds(1));
    pause.join();
  }

  @Test
  void closingEndsEveryWait() throws InterruptedException {
    var wait = Thread.ofVirtual().start(() -> channel.awaitWake(in(Duration.ofSeconds(1))));
    channel.close(new Abandoned());
    wait.join();

    assertThat(channel.closed()).contains(new Abandoned());
  }
}
