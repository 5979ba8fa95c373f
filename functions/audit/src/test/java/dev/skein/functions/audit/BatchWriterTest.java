package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.intent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.functions.audit.FaultyTable.Fault;
import dev.skein.functions.audit.FaultyTable.Faults;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

final class BatchWriterTest {
  private static final TableConfig CONFIG = new TableConfig("audit", Duration.ofDays(365), 1);

  private final MemoryTable table = new MemoryTable();
  private final AtomicInteger puts = new AtomicInteger();
  private final LogLines log = new LogLines();

  private List<StoreResult> write(DynamoDbClient dynamo, List<@Nullable String> bodies) {
    return write(dynamo, bodies, Deadline.in(Duration.ofSeconds(20), System::nanoTime));
  }

  private List<StoreResult> write(
      DynamoDbClient dynamo, List<@Nullable String> bodies, Deadline deadline) {
    return new BatchWriter(new AuditStore(dynamo, CONFIG), log.log()).write(bodies, deadline);
  }

  private DynamoDbClient faulty(Faults faults) {
    return new FaultyTable(
        table,
        request -> {
          if (request instanceof PutItemRequest) {
            puts.incrementAndGet();
            return faults.of(request);
          }
          return Fault.NONE;
        });
  }

  private static List<@Nullable String> intents(int count) {
    return IntStream.range(0, count)
        .<@Nullable String>mapToObj(n -> Samples.body(intent("a" + n)))
        .toList();
  }

  private static boolean isOf(String auditId, Object request) {
    return request instanceof PutItemRequest put
        && AttributeValue.fromS(auditId).equals(put.item().get("audit_id"));
  }

  private static FailureReason reason(StoreResult result) {
    assertThat(result).isInstanceOf(NotStored.class);
    return ((NotStored) result).reason();
  }

  @Test
  void messagesAreStoredSideBySideWithinTheBound() {
    // Ends only if as many writes as the bound are in work at once.
    var barrier = new CyclicBarrier(BatchWriter.CONCURRENCY);
    var inWork = new AtomicInteger();
    var most = new AtomicInteger();

    var results =
        write(
            faulty(
                _ -> {
                  most.accumulateAndGet(inWork.incrementAndGet(), Math::max);
                  await(barrier);
                  inWork.decrementAndGet();
                  return Fault.NONE;
                }),
            intents(2 * BatchWriter.CONCURRENCY));

    assertThat(results).hasOnlyElementsOfType(StoreResult.Stored.class);
    assertThat(most.get()).isLessThanOrEqualTo(BatchWriter.CONCURRENCY);
    assertThat(table.records()).hasSize(2 * BatchWriter.CONCURRENCY);
  }

  @Test
  void theResultsAreInTheOrderOfTheMessages() {
    var bodies = new ArrayList<>(intents(50));
    bodies.set(7, "poison");
    bodies.set(31, null);

    var results = write(table, bodies);

    for (int i = 0; i < bodies.size(); i++) {
      if (i == 7 || i == 31) {
        assertThat(reason(results.get(i))).isEqualTo(FailureReason.POISON);
      } else {
        assertThat(results.get(i)).isInstanceOf(StoreResult.Stored.class);
      }
    }
  }

  @Test
  void aTableThatIsDownIsNotCalledForEachMessage() {
    var results = write(faulty(_ -> Fault.UNREACHABLE), intents(100));

    assertThat(puts.get())
        .isLessThan(BatchWriter.MAX_CONSECUTIVE_FAILURES + BatchWriter.CONCURRENCY);
    assertThat(results.subList(50, 100))
        .allSatisfy(it -> assertThat(reason(it)).isEqualTo(FailureReason.CIRCUIT_OPEN));
    assertThat(results).extracting(BatchWriterTest::reason).contains(FailureReason.UNAVAILABLE);
  }

  @Test
  void aTableThatThrottlesIsNotCalledForEachMessage() {
    var results = write(faulty(_ -> Fault.THROTTLED), intents(100));

    assertThat(puts.get())
        .isLessThan(BatchWriter.MAX_CONSECUTIVE_FAILURES + BatchWriter.CONCURRENCY);
    assertThat(reason(results.getLast())).isEqualTo(FailureReason.CIRCUIT_OPEN);
  }

  /** Four of five writes fail, and yet each is tried. */
  @Test
  void aSuccessResetsTheCountOfFailures() {
    var dynamo =
        faulty(
            _ ->
                puts.get() % BatchWriter.MAX_CONSECUTIVE_FAILURES == 0
                    ? Fault.NONE
                    : Fault.UNREACHABLE);
    var oneByOne = new BatchWriter(new AuditStore(dynamo, CONFIG), log.log(), 1);

    var results =
        oneByOne.write(intents(50), Deadline.in(Duration.ofSeconds(20), System::nanoTime));

    assertThat(puts.get()).isEqualTo(50);
    assertThat(results).filteredOn(it -> it instanceof StoreResult.Stored).hasSize(10);
  }

  @Test
  void afterFiveFailuresInARowTheRestIsNotTried() {
    var oneByOne =
        new BatchWriter(new AuditStore(faulty(_ -> Fault.UNREACHABLE), CONFIG), log.log(), 1);

    var results =
        oneByOne.write(intents(50), Deadline.in(Duration.ofSeconds(20), System::nanoTime));

    assertThat(puts.get()).isEqualTo(5);
    assertThat(results.subList(5, 50))
        .allSatisfy(it -> assertThat(reason(it)).isEqualTo(FailureReason.CIRCUIT_OPEN));
  }

  @Test
  void poisonSaysNothingAboutTheTable() {
    var bodies = new ArrayList<@Nullable String>();
    for (int i = 0; i < 40; i++) {
      bodies.add("poison");
    }
    bodies.addAll(intents(5));

    var results = write(table, bodies);

    assertThat(results.subList(40, 45)).hasOnlyElementsOfType(StoreResult.Stored.class);
  }

  @Test
  void whateverIsThrownFailsItsMessageAlone() {
    var results =
        write(
            faulty(
                request ->
                    isOf("a3", request)
                        ? Fault.ERROR
                        : isOf("a5", request) ? Fault.EXCEPTION : Fault.NONE),
            intents(9));

    assertThat(results).filteredOn(it -> it instanceof NotStored).hasSize(2);
    assertThat(reason(results.get(3))).isEqualTo(FailureReason.BUG);
    assertThat(reason(results.get(5))).isEqualTo(FailureReason.BUG);
    assertThat(table.records()).hasSize(7);
  }

  @Test
  void aWriteThatHangsIsGivenUpAtTheDeadline() {
    var never = new CountDownLatch(1);
    var nanos = new AtomicLong();
    var deadline = Deadline.in(Duration.ofSeconds(3), nanos::get);

    var results =
        write(
            faulty(
                request -> {
                  if (isOf("a0", request)) {
                    nanos.addAndGet(Duration.ofSeconds(4).toNanos());
                    awaitForever(never);
                  }
                  return Fault.NONE;
                }),
            intents(3),
            deadline);

    assertThat(reason(results.getFirst())).isEqualTo(FailureReason.OUT_OF_TIME);
    never.countDown();
  }

  @Test
  void aBatchWhoseWritesAllHangIsGivenUpAfterOneGracePeriod() {
    var never = new CountDownLatch(1);
    long start = System.nanoTime();

    var results =
        write(
            faulty(
                _ -> {
                  awaitForever(never);
                  return Fault.NONE;
                }),
            intents(BatchWriter.CONCURRENCY),
            Deadline.in(Duration.ofSeconds(1), System::nanoTime));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    assertThat(results).extracting(BatchWriterTest::reason).containsOnly(FailureReason.OUT_OF_TIME);
    never.countDown();
  }

  @Test
  void eachWriteOfAMessageMayTakeNoLongerThanTheTimeThatIsLeft() {
    var nanos = new AtomicLong();
    var limits = new ArrayList<Duration>();
    var dynamo =
        faulty(
            request -> {
              limits.add(limit((PutItemRequest) request));
              nanos.addAndGet(Duration.ofSeconds(6).toNanos());
              return Fault.NONE;
            });
    var json = intent("a").toJson();
    json.putObject("content").put("message", "H4sIAAAAAAACA8vILAYA4rO2xAMAAAA=");

    var _ =
        write(
            dynamo,
            List.of(Json.STRICT.write(json)),
            Deadline.in(Duration.ofSeconds(10), nanos::get));

    assertThat(limits).containsExactly(Duration.ofSeconds(8), Duration.ofSeconds(4));
  }

  private static Duration limit(PutItemRequest request) {
    return request.overrideConfiguration().orElseThrow().apiCallTimeout().orElseThrow();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      var _ = barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitForever(CountDownLatch never) {
    try {
      assertThat(never.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void bothPhasesOfOneIdInABatchEndAsTheCompletedRecord() {
    for (int round = 0; round < 200; round++) {
      String id = "r" + round;
      String intent = Samples.body(intent(id));
      String result = Samples.body(completed(intent(id)));

      var results = write(table, List.of(result, intent, intent, result, intent));

      assertThat(results).noneMatch(it -> it instanceof NotStored);
      var stored = AuditItem.record(Objects.requireNonNull(table.records().get(id)));
      assertThat(Json.STRICT.write(stored)).isEqualTo(result);
    }
  }

  @Test
  void withoutTheNumberOfShardsNothingIsStored() {
    var failing =
        new FaultyTable(
            table, request -> request instanceof PutItemRequest ? Fault.NONE : Fault.UNREACHABLE);

    assertThat(write(failing, intents(3)))
        .allSatisfy(it -> assertThat(reason(it)).isEqualTo(FailureReason.UNAVAILABLE));
    assertThat(table.records()).isEmpty();
  }
}
