package dev.skein.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What the client promises holds in every schedule: one end, not after the deadline, and then no
 * exchange and no thread; a text that is the sum of its pieces; no more attempts than are allowed.
 */
class RandomSchedulesTest {

  /** A seed, and what did not go as promised. */
  private record Broken(long seed, List<String> faults) {}

  @Test
  void thePromisesHoldInEverySchedule() {
    long first = Long.getLong("skein.seed", 1);
    long schedules = Long.getLong("skein.schedules", 10_000);
    System.out.println("first seed: " + Long.toString(first));

    List<Broken> broken =
        LongStream.range(first, first + schedules)
            .parallel()
            .mapToObj(seed -> new Broken(seed, RandomSchedule.faults(seed)))
            .filter(schedule -> !schedule.faults().isEmpty())
            .limit(10)
            .toList();

    assertThat(broken).as("repeat one with -Dskein.seed=... -Dskein.schedules=1").isEmpty();
  }
}
