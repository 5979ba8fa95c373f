package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;

@ExtendWith(TestTable.OfEachTest.class)
final class ConsumerThroughputTest {
  private static final int RECORDS = Integer.getInteger("skein.throughput.records", 100);

  private final TestTable table;
  private final DoubleAdder units = new DoubleAdder();

  ConsumerThroughputTest(TestTable table) {
    this.table = table;
  }

  @Test
  void recordsPerSecondAndWriteUnitsPerRecord(TestReporter reporter) {
    for (int batch : List.of(10, 100)) {
      for (int latency : List.of(0, 5)) {
        run(batch, Duration.ofMillis(latency), RECORDS / 5); // warms up
        units.reset();
        long start = System.nanoTime();
        run(batch, Duration.ofMillis(latency), RECORDS);
        double seconds = (System.nanoTime() - start) / 1e9;
        String line =
            String.format(
                Locale.ROOT,
                "batch %d, +%d ms: %.0f messages/s, %.2f write units a message",
                batch,
                latency,
                2 * RECORDS / seconds,
                units.sum() / (2 * RECORDS));
        System.out.println(line);
        reporter.publishEntry(line);
      }
    }
  }

  private void run(int batch, Duration latency, int records) {
    var measured =
        new WrappedDynamo(
            table.dynamo(),
            request -> delayed(request, latency),
            response -> {
              units.add(response.consumedCapacity().capacityUnits());
              return response;
            });
    var consumer =
        new AuditConsumerFunction(
            new Composition(measured, table.config(), new LogLines().log()), System::nanoTime);
    var messages = new ArrayList<ObjectNode>();
    for (int n = 0; n < records; n++) {
      AuditRecord intent = intent(UUID.randomUUID().toString());
      messages.add(message("i" + n, intent));
      messages.add(message("c" + n, completed(intent)));
    }
    for (int from = 0; from < messages.size(); from += batch) {
      var part = messages.subList(from, Math.min(messages.size(), from + batch));
      assertThat(Samples.failures(consumer, event(part), Duration.ofSeconds(30))).isEmpty();
    }
  }

  private static PutItemRequest delayed(PutItemRequest request, Duration latency) {
    LockSupport.parkNanos(latency.toNanos());
    return request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.INDEXES).build();
  }
}
