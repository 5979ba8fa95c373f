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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/**
 * A queue that delivers at least once and in any order, and a table with random faults: in the end
 * the table has exactly the records that were sent, and the dead-letter queue exactly the poison.
 */
@ExtendWith(TestTable.OfEachTest.class)
final class ConsumerInvariantsTest {
  private static final int MAX_RECEIVE_COUNT = 5;

  private final TestTable table;
  private final LogLines log = new LogLines();
  private final AtomicLong nanos = new AtomicLong();

  /** What was sent, by message id; taken away as the queue deletes it. */
  private final Map<String, ObjectNode> queue = new TreeMap<>();

  private final Map<String, Integer> received = new HashMap<>();
  private final Set<String> deadLetters = new TreeSet<>();
  private final Set<String> poison = new TreeSet<>();
  private final Map<String, String> expected = new TreeMap<>();

  ConsumerInvariantsTest(TestTable table) {
    this.table = table;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void everyRecordIsStoredAndOnlyPoisonIsDeadLettered(long seed) {
    var random = new Random(seed);
    send(random);

    while (!queue.isEmpty()) {
      deliver(random);
    }

    assertThat(deadLetters).isEqualTo(poison);
    var stored = new TreeMap<String, String>();
    table.records().forEach((id, record) -> stored.put(id, Json.STRICT.write(record)));
    assertThat(stored).isEqualTo(expected);
  }

  private void send(Random random) {
    for (int n = 0; n < 25; n++) {
      AuditRecord intent = intent("a" + n);
      AuditRecord result = random.nextBoolean() ? completed(intent) : failed(intent);
      int phases = random.nextInt(3);
      for (int copy = 0; copy <= random.nextInt(3); copy++) {
        if (phases != 1) {
          queue.put("i%d-%d".formatted(n, copy), message("i%d-%d".formatted(n, copy), intent));
        }
        if (phases != 0) {
          queue.put("c%d-%d".formatted(n, copy), message("c%d-%d".formatted(n, copy), result));
        }
      }
      expected.put("a" + n, Samples.body(phases == 0 ? intent : result));
      if (random.nextInt(4) == 0) {
        String body = PoisonTest.BODIES.get(random.nextInt(PoisonTest.BODIES.size()));
        queue.put("p" + n, message("p" + n, body));
        poison.add("p" + n);
      }
    }
  }

  private void deliver(Random random) {
    var ids = new ArrayList<>(queue.keySet());
    Collections.shuffle(ids, random);
    var batch = new ArrayList<>(ids.subList(0, Math.min(ids.size(), 1 + random.nextInt(10))));
    if (random.nextInt(3) == 0) {
      batch.add(batch.getFirst());
    }
    batch.forEach(id -> received.merge(id, 1, Integer::sum));

    var failures = consume(batch, random);

    assertThat(failures).doesNotHaveDuplicates().isSubsetOf(batch);
    for (String id : Set.copyOf(batch)) {
      if (!failures.contains(id)) {
        assertThat(poison).doesNotContain(id);
        queue.remove(id);
      } else if (isDead(id)) {
        queue.remove(id);
        deadLetters.add(id);
      }
    }
    assertThat(table.records().keySet()).containsAll(idsOfDeleted(batch));
  }

  /** A valid message may meet a random fault, or a busy machine, in many of its deliveries. */
  private boolean isDead(String id) {
    int deliveries = received.getOrDefault(id, 0);
    assertThat(deliveries).as(id).isLessThan(100 * MAX_RECEIVE_COUNT);
    return poison.contains(id) && deliveries >= MAX_RECEIVE_COUNT;
  }

  private Set<String> idsOfDeleted(List<String> batch) {
    var ids = new TreeSet<String>();
    for (String id : batch) {
      if (!queue.containsKey(id) && !poison.contains(id)) {
        ids.add("a" + id.substring(1, id.indexOf('-')));
      }
    }
    return ids;
  }

  private List<String> consume(List<String> batch, Random random) {
    var shaky =
        new WrappedDynamo(
            table.dynamo(),
            request -> shaken(request, random),
            response -> {
              if (random.nextInt(8) == 0) {
                throw SdkClientException.create("the answer was lost");
              }
              return response;
            });
    var consumer =
        new AuditConsumerFunction(new Composition(shaky, table.config(), log.log()), nanos::get);
    var messages = batch.stream().map(queue::get).toList();
    return Samples.failures(consumer, event(messages), Duration.ofSeconds(30));
  }

  private PutItemRequest shaken(PutItemRequest request, Random random) {
    nanos.addAndGet(Duration.ofSeconds(random.nextInt(8)).toNanos());
    return switch (random.nextInt(12)) {
      case 0 -> throw SdkClientException.create("not connected");
      case 1 -> throw new IllegalStateException("a bug");
      case 2 -> throw new AssertionError("an Error");
      default -> request;
    };
  }
}
