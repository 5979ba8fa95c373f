package dev.skein.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.chaos.Caller.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests to the whole service while its processes are killed, its queue and its table fail, and
 * messages come twice, late and out of order. Run one again with {@code -Dskein.seed=…}; what a
 * seed determines is in {@link ChaosPlan}. More requests than {@link #LONGEST_RUN} are several
 * runs, with the seeds that follow.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
@ParameterizedClass
@MethodSource("seeds")
class ChaosTest {
  private static final long FIRST_SEED = Long.getLong("skein.seed", 1);
  private static final int ALL_REQUESTS = Integer.getInteger("skein.chaos.requests", 2000);

  /** DynamoDB Local stopped to answer scans of a table of 44,000 records. */
  private static final int LONGEST_RUN = 10_000;

  private static final int REQUESTS = Math.min(ALL_REQUESTS, LONGEST_RUN);
  private static final int CALLERS = 6;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(15);

  /** Enough time on a busy machine; a queue that is down is noticed sooner. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "AUDIT_TIMEOUT_MS", "3000",
          "DEADLINE_RESERVE_MS", "5000",
          "LLM_FIRST_BYTE_TIMEOUT_MS", "10000",
          "LLM_MAX_RETRIES", "0",
          "LLM_BREAKER_FAULTS", "100000");

  private static final List<String> POISON =
      List.of(
          "{\"poison\":",
          "[]",
          "{\"schema_version\":2,\"audit_id\":\"poison\"}",
          "{\"schema_version\":1,\"audit_id\":7}",
          "[".repeat(5000));

  @TempDir private Path folder;

  private final long seed;
  private final ChaosPlan plan;
  private final Killer killer = new Killer();
  private final TableScript tableScript;
  private final QueueScript queueScript;
  private final ModelScript model;
  private final List<Answer> answers = Collections.synchronizedList(new ArrayList<>());

  ChaosTest(long seed) {
    this.seed = seed;
    this.plan = new ChaosPlan(seed, REQUESTS);
    this.tableScript = new TableScript(plan, killer);
    this.queueScript = new QueueScript(plan, killer, tableScript, POISON);
    this.model = new ModelScript(plan, killer);
  }

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + Math.ceilDiv(ALL_REQUESTS, LONGEST_RUN));
  }

  @Test
  void nothingIsLostDoubledOrMisroutedWhateverIsKilledAndWhateverFails() throws Exception {
    System.out.printf("chaos: %d requests, -Dskein.seed=%d%n", REQUESTS, seed);
    long start = System.nanoTime();
    try (var world = ChaosStack.start(folder, SETTINGS, queueScript, tableScript);
        var caller = new Caller(world.stack().api(), killer::killNoted)) {
      world.script(model);
      model.serveOn(world.modelPort());
      killer.attach(world.stack());
      queueScript.hastenWith(world::hasten);
      POISON.forEach(world::send);

      call(world, caller);
      long called = System.nanoTime();
      recover(world);
      awaitDrained(world);
      for (int route = 0; route < 5; route++) {
        var answer = caller.call(plan.request(REQUESTS + route));
        answers.add(answer);
      }
      awaitDrained(world);

      var trail = Trail.of(world);
      report(world, trail, called - start, System.nanoTime() - start);
      assertThat(new Invariants(plan, model, killer.killed(), answers, trail).violations(POISON))
          .as("repeat with -Dskein.seed=%d -Dskein.chaos.requests=%d", seed, REQUESTS)
          .isEmpty();
      assertThat(answers).hasSize(REQUESTS + 5);
    }
  }

  private void call(ChaosStack world, Caller caller) throws Exception {
    var next = new AtomicInteger();
    List<Future<?>> callers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CALLERS; i++) {
        callers.add(
            threads.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < REQUESTS; n = next.getAndIncrement()) {
                    disturb(world, n);
                    answers.add(caller.call(plan.request(n)));
                  }
                  return null;
                }));
      }
      for (Future<?> finished : callers) {
        finished.get();
      }
    }
  }

  /** What happens to the services when a request of this number starts. */
  private void disturb(ChaosStack world, int number) throws InterruptedException {
    if (plan.queueGoesDown(number)) {
      world.queue().down();
    } else if (plan.queueComesBack(number)) {
      world.queue().up();
    } else if (plan.tableGoesDown(number)) {
      world.table().down();
    } else if (plan.tableComesBack(number)) {
      world.table().up();
    }
    if (plan.repeatsAMessage(number)) {
      queueScript.queued(plan.random("repeated", number).nextInt(1000)).ifPresent(world::send);
    }
  }

  /** The services are up, and nothing fails any more. */
  private void recover(ChaosStack world) throws InterruptedException {
    queueScript.stop();
    tableScript.stop();
    world.queue().down();
    world.queue().up();
    world.table().down();
    world.table().up();
  }

  private static void awaitDrained(ChaosStack world) throws InterruptedException {
    long end = System.nanoTime() + DRAIN_LIMIT.toNanos();
    while (!world.isDrained()) {
      assertThat(System.nanoTime()).as("the queue is not drained").isLessThan(end);
      Thread.sleep(200);
    }
  }

  private void report(ChaosStack world, Trail trail, long calling, long all) {
    var moments = new TreeMap<>(killer.counts());
    long logged = trail.logged().stream().filter(Trail::isCompleted).count();
    System.out.printf(
        "chaos: %d answers, %d complete, in %d s and %d s with drain%n",
        answers.size(),
        answers.stream().filter(Answer::isComplete).count(),
        TimeUnit.NANOSECONDS.toSeconds(calling),
        TimeUnit.NANOSECONDS.toSeconds(all));
    System.out.printf(
        "chaos: %d records in the table, %d intents alone, %d logged (%d completed), %d dead"
            + " letters%n",
        trail.table().size(),
        trail.byId().values().stream().filter(record -> !Trail.isCompleted(record)).count(),
        trail.logged().size(),
        logged,
        trail.deadLetters().size());
    System.out.println("chaos: killed " + moments);
    System.out.println("chaos: queue " + world.queue().counts());
    System.out.println("chaos: table " + world.table().counts());
    world.log().problems().stream()
        .filter(line -> !line.contains("could not be deleted"))
        .forEach(line -> System.out.println("chaos: " + line));
  }
}
