package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.audit.ChainLink;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.base.Deadline;
import dev.skein.functions.audit.AuditChain.Result;
import dev.skein.functions.audit.AuditChain.Result.Linked;
import dev.skein.functions.audit.AuditChain.Result.NotLinked;
import dev.skein.functions.audit.FaultyTable.Fault;
import dev.skein.functions.audit.StoreResult.FailureReason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

final class AuditChainTest {
  private static final TableConfig ONE_CHAIN = new TableConfig("audit", Duration.ofDays(365), 1);

  private final MemoryTable table = new MemoryTable();

  private static AuditChain chain(DynamoDbClient table) {
    return chain(table, ONE_CHAIN);
  }

  private static AuditChain chain(DynamoDbClient table, TableConfig config) {
    var clock = InstantSource.fixed(Samples.NOON);
    return new AuditChain(table, config, clock, new Random(1));
  }

  private static Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(20), System::nanoTime);
  }

  private static Entry entry(String id) {
    return new Entry("ab".repeat(32), "intent", id);
  }

  private static Result append(AuditChain chain, String... ids) {
    var entries = List.of(ids).stream().map(AuditChainTest::entry).toList();
    return chain.append(entries, deadline());
  }

  private static ChainLink linked(Result result) {
    assertThat(result).isInstanceOf(Linked.class);
    return ((Linked) result).last();
  }

  /** A table whose puts have the given faults, one after the other, and then none. */
  private DynamoDbClient puts(Fault... faults) {
    Deque<Fault> left = new ArrayDeque<>(List.of(faults));
    return new FaultyTable(
        table,
        request ->
            request instanceof PutItemRequest && !left.isEmpty() ? left.remove() : Fault.NONE);
  }

  private Set<String> entries() {
    return ChainCheck.entriesOf(table.links());
  }

  @Test
  void eachLinkFollowsTheOneBeforeAlsoInANewEnvironment() {
    var chain = chain(table);
    var first = linked(append(chain, "a", "b"));
    var second = linked(append(chain, "c"));
    var third = linked(append(chain(table), "d"));

    assertThat(first.previous()).isEqualTo(ChainLink.NO_PREVIOUS);
    assertThat(second.previous()).isEqualTo(first.sha256());
    assertThat(third.previous()).isEqualTo(second.sha256());
    assertThat(third.link()).isEqualTo(3);
    assertThat(entries()).hasSize(4);
  }

  @Test
  void aLinkIsAnItemThatExpiresAsLateAsTheRecords() {
    var link = linked(append(chain(table), "a"));

    var item = table.item("#chain#0", "000000000001").orElseThrow();
    assertThat(item.get("expires_at"))
        .isEqualTo(
            AttributeValue.fromN(
                Long.toString(Samples.NOON.plus(Duration.ofDays(365)).getEpochSecond())));
    assertThat(ChainLink.fromJson(AuditItem.record(item))).contains(link);
  }

  /** Otherwise the chain would have a gap as long as the older links last. */
  @Test
  void aLinkDoesNotExpireBeforeTheOneBeforeItWhenTheRetentionIsLowered() {
    linked(append(chain(table), "a"));
    var lowered = new TableConfig("audit", Duration.ofDays(7), 1);
    linked(append(chain(table, lowered), "b"));

    var first = table.item("#chain#0", "000000000001").orElseThrow();
    var second = table.item("#chain#0", "000000000002").orElseThrow();
    assertThat(second.get("expires_at")).isEqualTo(first.get("expires_at"));
  }

  @Test
  void aChainThatEndsWithAMalformedLinkIsNamed() {
    linked(append(chain(table), "a"));
    var malformed = new HashMap<>(table.item("#chain#0", "000000000001").orElseThrow());
    malformed.remove("previous");
    var _ = table.putItem(PutItemRequest.builder().tableName("audit").item(malformed).build());

    assertThat(append(chain(table), "b"))
        .isInstanceOfSatisfying(
            NotLinked.class,
            it -> {
              assertThat(it.failure().reason()).isEqualTo(FailureReason.UNAVAILABLE);
              assertThat(it.failure().detail()).isEqualTo("chain 0 ends with a malformed link");
            });
  }

  @Test
  void manyEntriesBecomeSeveralLinks() {
    int count = 2 * AuditChain.MAX_ENTRIES + 50;
    var ids = IntStream.range(0, count).mapToObj(n -> "a" + n).toArray(String[]::new);

    assertThat(linked(append(chain(table), ids)).link()).isEqualTo(3);
    assertThat(entries()).hasSize(count);
  }

  @Test
  void anEnvironmentWhoseHeadIsOldReadsItAgain() {
    var one = chain(table);
    linked(append(one, "a"));
    var two = chain(table);
    linked(append(two, "b"));
    linked(append(two, "c"));

    assertThat(linked(append(one, "d")).link()).isEqualTo(4);
    assertThat(entries()).hasSize(4);
  }

  /** The SDK repeats a put whose response was lost, and the repetition fails its condition. */
  @Test
  void aLinkThatTheSdkHasWrittenTwiceIsRecognizedByItsHash() {
    var chain = chain(puts(Fault.REPEATED));

    assertThat(linked(append(chain, "a")).link()).isEqualTo(1);
    assertThat(linked(append(chain, "b")).link()).isEqualTo(2);
    assertThat(table.links()).hasSize(2);
  }

  @Test
  void aLinkWhoseResponseWasLostIsFollowedByAnother() {
    var chain = chain(puts(Fault.RESPONSE_LOST));

    assertThat(append(chain, "a"))
        .isInstanceOfSatisfying(
            NotLinked.class,
            it -> assertThat(it.failure().reason()).isEqualTo(FailureReason.UNAVAILABLE));
    assertThat(linked(append(chain, "a")).link()).isEqualTo(2);
    assertThat(entries()).hasSize(1);
  }

  @Test
  void aTableThatThrottlesFailsTheAppend() {
    assertThat(append(chain(puts(Fault.THROTTLED)), "a"))
        .isInstanceOfSatisfying(
            NotLinked.class,
            it -> assertThat(it.failure().reason()).isEqualTo(FailureReason.THROTTLED));
    assertThat(table.links()).isEmpty();
  }

  @Test
  void nothingIsReadOrWrittenAfterTheDeadline() {
    var passed = Deadline.in(Duration.ZERO, System::nanoTime);
    var untouched =
        new FaultyTable(
            table,
            request -> {
              throw new AssertionError(request);
            });

    assertThat(chain(untouched).append(List.of(entry("a")), passed))
        .isInstanceOfSatisfying(
            NotLinked.class,
            it -> assertThat(it.failure().reason()).isEqualTo(FailureReason.OUT_OF_TIME));
    assertThat(table.links()).isEmpty();
  }

  @Test
  void eightConsumersWithFaultsForkNothingAndLoseNothing() throws Exception {
    long seed = Long.getLong("skein.seed", 1);
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    var consumers = new ArrayList<Callable<Integer>>();
    for (int c = 0; c < 8; c++) {
      int consumer = c;
      consumers.add(() -> appendMany(consumer, new Random(seed * 8 + consumer), acknowledged));
    }

    int failed = 0;
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (var appended : threads.invokeAll(consumers)) {
        failed += appended.get();
      }
    }

    assertThat(failed).isPositive();
    assertThat(entries()).containsAll(acknowledged);
    assertThat(acknowledged).hasSize(8 * 200);
  }

  /** Appends each of 200 entries until it is linked; returns the number of failures. */
  private int appendMany(int consumer, Random random, Set<String> acknowledged) {
    var chain =
        chain(
            new FaultyTable(
                table,
                _ ->
                    switch (random.nextInt(12)) {
                      case 0 -> Fault.THROTTLED;
                      case 1 -> Fault.RESPONSE_LOST;
                      case 2 -> Fault.REPEATED;
                      default -> Fault.NONE;
                    }));
    int failed = 0;
    for (int n = 0; n < 200; n++) {
      String id = consumer + "-" + n;
      while (append(chain, id) instanceof NotLinked) {
        failed++;
      }
      acknowledged.add(entry(id).toText());
    }
    return failed;
  }
}
