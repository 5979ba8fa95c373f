package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.skein.audit.AuditRecord;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;

/**
 * Measures the consumer class in this process: messages a second, and write units a message. A few
 * messages in a normal build; {@code -Dskein.throughput.records=1000} for figures. DynamoDB Local
 * is slower than the consumer, so that the table in memory shows what the consumer itself does.
 */
@ExtendWith(TestTable.OfEachTest.class)
final class ConsumerThroughputTest {
  private static final int RECORDS = Integer.getInteger("skein.throughput.records", 50);
  private static final int ROUNDS = 3;

  private final TestTable table;
  private final DoubleAdder units = new DoubleAdder();

  ConsumerThroughputTest(TestTable table) {
    this.table = table;
  }

  /** One combination that is measured; all in turns, so that a disturbance affects all of them. */
  private record Setup(boolean local, int batch, int latencyMs, int concurrency, boolean chain) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s, batch %d, +%d ms, %d at a time, chain %s",
          local ? "DynamoDB Local" : "in memory",
          batch,
          latencyMs,
          concurrency,
          chain ? "on" : "off");
    }
  }

  private static List<Setup> setups() {
    var setups = new ArrayList<Setup>();
    for (int batch : List.of(10, 200)) {
      for (int concurrency : List.of(1, 8, 16, 32)) {
        setups.add(new Setup(false, batch, 5, concurrency, true));
      }
      setups.add(new Setup(false, batch, 5, 16, false));
      for (int latency : List.of(0, 5)) {
        setups.add(new Setup(true, batch, latency, 1, true));
        setups.add(new Setup(true, batch, latency, 16, true));
      }
      setups.add(new Setup(true, batch, 0, 16, false));
    }
    return setups;
  }

  @Test
  void messagesASecondAndWriteUnitsAMessage() {
    var fastest = new double[setups().size()];
    var leastCpu = new double[fastest.length];
    Arrays.fill(leastCpu, Double.MAX_VALUE);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < fastest.length; i++) {
        units.reset();
        long cpuBefore = cpuNanos();
        long start = System.nanoTime();
        run(setups().get(i));
        double rate = 2 * RECORDS / ((System.nanoTime() - start) / 1e9);
        fastest[i] = Math.max(fastest[i], rate);
        leastCpu[i] = Math.min(leastCpu[i], (cpuNanos() - cpuBefore) / 1e3 / (2 * RECORDS));
        if (round == ROUNDS - 1) {
          System.out.printf(
              Locale.ROOT,
              "%s: %.0f messages/s, %.0f \u00b5s of CPU and %.2f write units a message%n",
              setups().get(i),
              fastest[i],
              leastCpu[i],
              units.sum() / (2 * RECORDS));
        }
      }
    }
  }

  /** Of this process, so without DynamoDB Local. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void run(Setup setup) {
    DynamoDbClient target = setup.local() ? table.dynamo() : new MemoryTable();
    var measured =
        new WrappedDynamo(
            target, request -> delayed(request, setup.latencyMs()), response -> counted(response));
    var root = new Composition(measured, table.config(), new LogLines().log());
    var config = new StoreConfig(setup.chain(), Duration.ofDays(30));
    var store = new AuditStore(measured, table.config(), config);
    var consumer =
        new AuditConsumerFunction(
            root,
            new BatchWriter(store, root.log(), setup.concurrency()),
            setup.chain() ? Optional.of(AuditConsumerFunction.chain(root)) : Optional.empty(),
            System::nanoTime);
    var messages = new ArrayList<ObjectNode>();
    for (int n = 0; n < RECORDS; n++) {
      AuditRecord intent = intent(UUID.randomUUID().toString());
      messages.add(message("i" + n, intent));
      messages.add(message("c" + n, completed(intent)));
    }
    for (int from = 0; from < messages.size(); from += setup.batch()) {
      var part = messages.subList(from, Math.min(messages.size(), from + setup.batch()));
      assertThat(Samples.failures(consumer, event(part), Duration.ofSeconds(60))).isEmpty();
    }
  }

  private static PutItemRequest delayed(PutItemRequest request, int latencyMs) {
    LockSupport.parkNanos(Duration.ofMillis(latencyMs).toNanos());
    return request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.INDEXES).build();
  }

  private PutItemResponse counted(PutItemResponse response) {
    units.add(response.consumedCapacity().capacityUnits());
    return response;
  }
}
