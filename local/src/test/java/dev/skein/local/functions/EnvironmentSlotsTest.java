package dev.skein.local.functions;

import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.functions.EnvironmentSlots.Slot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class EnvironmentSlotsTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final EnvironmentSlots slots = new EnvironmentSlots(1, 3);
  private final List<String> granted = new CopyOnWriteArrayList<>();

  @Test
  void anEventBeyondTheLimitWaitsUntilTheOneBeforeItReleasesItsSlot() throws Exception {
    Slot first = slots.acquire(caller(LONG)).orElseThrow();
    Thread second = later("second", caller(LONG));
    until("it waits", () -> second.getState() == Thread.State.TIMED_WAITING);

    slots.release(first);
    second.join();

    assertThat(granted).containsExactly("second");
  }

  @Test
  void aWaitThatIsOverGivesNoSlot() throws Exception {
    slots.acquire(caller(LONG));

    assertThat(slots.acquire(caller(Duration.ofMillis(20)))).isEmpty();
    assertThat(slots.acquire(caller(Duration.ZERO))).isEmpty();
  }

  @Test
  void noWaitAtAllIsEnoughForAFreeSlot() throws Exception {
    assertThat(slots.acquire(caller(Duration.ZERO))).hasValue(Slot.REGULAR);
  }

  @Test
  void anEventBehindTooManyOthersGetsNoSlotAtOnce() throws Exception {
    slots.acquire(caller(LONG));
    for (int i = 0; i < 3; i++) {
      Thread waiting = later("waiting", caller(LONG));
      until("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);
    }

    assertThat(slots.acquire(caller(LONG))).isEmpty();
  }

  @Test
  void aCallerThatDisconnectsGivesUpItsPlaceAndNobodyElseDoes() throws Exception {
    Slot first = slots.acquire(caller(LONG)).orElseThrow();
    Caller leaving = caller(LONG);
    Thread left = later("left", leaving);
    until("it waits", () -> left.getState() == Thread.State.TIMED_WAITING);
    Thread staying = later("stayed", caller(LONG));
    until("it waits", () -> staying.getState() == Thread.State.TIMED_WAITING);

    leaving.disconnected().complete(null);
    left.join();
    slots.release(first);
    staying.join();

    assertThat(granted).containsExactly("stayed");
  }

  @Test
  void aCallerThatDisconnectedBeforeGetsNoSlotAndTakesNone() throws Exception {
    Caller gone = caller(LONG);
    gone.disconnected().complete(null);

    assertThat(slots.acquire(gone)).isEmpty();
    assertThat(slots.acquire(caller(Duration.ZERO))).hasValue(Slot.REGULAR);
  }

  @Test
  void anInterruptedWaitTakesNoSlot() throws Exception {
    Slot first = slots.acquire(caller(LONG)).orElseThrow();
    Thread interrupted = later("interrupted", caller(LONG));
    until("it waits", () -> interrupted.getState() == Thread.State.TIMED_WAITING);

    interrupted.interrupt();
    interrupted.join();
    slots.release(first);

    assertThat(granted).isEmpty();
    assertThat(slots.acquire(caller(Duration.ZERO))).hasValue(Slot.REGULAR);
  }

  @Test
  void theReservedSlotIsForThoseThatMayUseItOnceTheOthersAreTaken() throws Exception {
    assertThat(slots.acquire(reading())).hasValue(Slot.REGULAR);
    assertThat(slots.acquire(caller(Duration.ZERO))).isEmpty();
    assertThat(slots.acquire(reading())).hasValue(Slot.RESERVED);
    assertThat(slots.acquire(reading())).isEmpty();

    slots.release(Slot.RESERVED);

    assertThat(slots.acquire(caller(Duration.ZERO))).isEmpty();
    assertThat(slots.acquire(reading())).hasValue(Slot.RESERVED);
  }

  private Thread later(String name, Caller caller) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                Optional<Slot> slot = slots.acquire(caller);
                slot.ifPresent(_ -> granted.add(name));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static Caller caller(Duration wait) {
    return new Caller(wait, LONG, false, Optional.empty(), new CompletableFuture<>());
  }

  private static Caller reading() {
    return new Caller(Duration.ZERO, LONG, true, Optional.empty(), new CompletableFuture<>());
  }
}
