package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What the consumer's response promises holds for every batch: each id at most once, only ids of
 * the event, and exactly the messages that are not stored, or may not be.
 */
final class RandomBatchesTest {

  /** A seed, and what was wrong with its response. */
  private record Wrong(long seed, List<String> faults) {}

  @Test
  void noPartialResponseIsWrong() {
    long first = Long.getLong("skein.seed", 1);
    long batches = Long.getLong("skein.batches", 5_000);
    System.out.println("seeds: " + first + " to " + (first + batches - 1));

    List<Wrong> wrong =
        LongStream.range(first, first + batches)
            .parallel()
            .mapToObj(seed -> new Wrong(seed, new RandomBatch(seed).faults()))
            .filter(batch -> !batch.faults().isEmpty())
            .limit(10)
            .toList();

    assertThat(wrong).as("repeat one with -Dskein.seed=... -Dskein.batches=1").isEmpty();
  }
}
