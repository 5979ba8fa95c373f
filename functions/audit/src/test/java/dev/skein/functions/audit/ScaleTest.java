package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.failed;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.functions.audit.FaultyTable.Fault;
import dev.skein.functions.audit.MemoryQueue.Message;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Many records through the real consumer, in several environments side by side: messages delivered
 * twice and in any order, a table that throttles, cannot be reached and loses responses, and
 * environments killed in the middle of a batch. In the end the table has exactly the records that
 * were sent, the chains have all of them, and the dead-letter queue has exactly the poison.
 */
final class ScaleTest {
  private static final int RECORDS = Integer.getInteger("skein.records", 20_000);
  private static final long SEED = Long.getLong("skein.seed", 1);

  /** A slice has its own table, queue and seed. */
  private static final int SLICE = 10_000;

  private static final int ENVIRONMENTS = 3;
  private static final TableConfig CONFIG = new TableConfig("audit", Duration.ofDays(365), 2);
  private static final List<String> POISON =
      List.of("", "null", "{}", "[1]", "{\"schema_version\":2}");

  @Test
  void everyRecordIsStoredOnceAndOnlyPoisonIsDeadLettered() {
    long slices = Math.ceilDiv(RECORDS, SLICE);
    System.out.println("seeds: " + SEED + " to " + (SEED + slices - 1));
    LongStream.range(SEED, SEED + slices)
        .forEach(seed -> new Slice(seed, Math.min(RECORDS, SLICE)).run());
  }

  /** One table and one queue. */
  private static final class Slice {
    private final long seed;
    private final MemoryTable table = new MemoryTable();
    private final MemoryQueue queue;
    private final Map<String, String> expected = new HashMap<>();
    private final Set<String> poison = new TreeSet<>();
    private final AtomicInteger kills = new AtomicInteger();

    Slice(long seed, int records) {
      this.seed = seed;
      this.queue = new MemoryQueue(seed);
      var random = new Random(seed);
      for (int n = 0; n < records; n++) {
        send("a" + n, random);
        if (random.nextInt(100) == 0) {
          queue.send("p" + n, POISON.get(random.nextInt(POISON.size())));
          poison.add("p" + n);
        }
      }
    }

    private void send(String id, Random random) {
      AuditRecord intent = intent(id);
      AuditRecord result = random.nextBoolean() ? completed(intent) : failed(intent);
      int phases = random.nextInt(6); // 0: the intent alone; 1: the result alone
      for (int copy = 0; copy <= random.nextInt(8) / 7; copy++) {
        if (phases != 1) {
          queue.send("i" + id + copy, Samples.body(intent));
        }
        if (phases != 0) {
          queue.send("c" + id + copy, Samples.body(result));
        }
      }
      expected.put(id, Samples.body(phases == 0 ? intent : result));
    }

    void run() {
      try (var threads = Executors.newFixedThreadPool(ENVIRONMENTS)) {
        var environments =
            LongStream.range(0, ENVIRONMENTS)
                .mapToObj(n -> threads.submit(() -> new Environment(n).run()))
                .toList();
        for (var environment : environments) {
          environment.get();
        }
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
      // What was in work when the others found the queue empty.
      new Environment(ENVIRONMENTS).run();
      var stored = new HashMap<String, String>();
      var records = new HashMap<String, ObjectNode>();
      table.records().forEach((id, item) -> records.put(id, AuditItem.record(item)));
      records.forEach((id, record) -> stored.put(id, Json.STRICT.write(record)));
      assertThat(stored).as("repeat with -Dskein.seed=%d", seed).isEqualTo(expected);
      assertThat(queue.deadLetters()).isEqualTo(poison);
      ChainCheck.assertLinked(records.values(), table.links());
      System.out.printf(
          "seed %d: %d records, %d deliveries, %d kills, %d links; lost 0, doubled 0%n",
          seed, records.size(), queue.delivered(), kills.get(), table.links().size());
    }

    /** An execution environment, which is replaced when it is killed. */
    private final class Environment {
      private final Random random;
      private final AtomicInteger callsUntilKilled = new AtomicInteger();
      private AuditConsumerFunction consumer;
      private boolean isTableDown;

      Environment(long number) {
        this.random = new Random(seed * (ENVIRONMENTS + 1) + number);
        this.consumer = consumer();
      }

      private AuditConsumerFunction consumer() {
        var silent = new Log(InstantSource.system(), _ -> {});
        return new AuditConsumerFunction(
            new Composition(new FaultyTable(table, _ -> fault()), CONFIG, silent),
            System::nanoTime);
      }

      private Fault fault() {
        if (callsUntilKilled.getAndDecrement() <= 0) {
          return Fault.ERROR;
        }
        double chance = ThreadLocalRandom.current().nextDouble();
        return isTableDown
            ? Fault.UNREACHABLE
            : chance < 0.002
                ? Fault.THROTTLED
                : chance < 0.004
                    ? Fault.RESPONSE_LOST
                    : chance < 0.006 ? Fault.REPEATED : Fault.NONE;
      }

      void run() {
        for (var batch = queue.receive(size()); !batch.isEmpty(); batch = queue.receive(size())) {
          deliver(batch);
        }
      }

      private int size() {
        return 1 + random.nextInt(100);
      }

      private void deliver(List<Message> batch) {
        boolean isKilled = random.nextInt(200) == 0;
        isTableDown = random.nextInt(500) == 0;
        callsUntilKilled.set(isKilled ? random.nextInt(batch.size() + 2) : Integer.MAX_VALUE);
        var messages = batch.stream().map(it -> message(it.id(), it.body())).toList();
        var failures =
            new HashSet<>(Samples.failures(consumer, event(messages), Duration.ofSeconds(30)));
        if (isKilled) {
          // Its response was never sent.
          kills.incrementAndGet();
          consumer = consumer();
        }
        for (Message message : batch) {
          if (isKilled || failures.contains(message.id())) {
            queue.fail(message);
          } else {
            assertThat(poison).doesNotContain(message.id());
          }
        }
      }
    }
  }
}
