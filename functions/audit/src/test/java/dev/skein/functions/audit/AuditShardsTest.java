package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.event;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.audit.AuditRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@ExtendWith(TestTable.OfEachTest.class)
final class AuditShardsTest {
  private final TestTable table;
  private final LogLines log = new LogLines();

  AuditShardsTest(TestTable table) {
    this.table = table;
  }

  private Composition root(int shards) {
    var config = new TableConfig(table.config().table(), Duration.ofDays(365), shards);
    return new Composition(table.dynamo(), config, log.log());
  }

  private void store(int shards, AuditRecord... records) {
    var messages =
        IntStream.range(0, records.length).mapToObj(n -> message("m" + n, records[n])).toList();
    var consumer = new AuditConsumerFunction(root(shards), System::nanoTime);
    assertThat(Samples.failures(consumer, event(messages), Duration.ofSeconds(30))).isEmpty();
  }

  private List<String> read() {
    var clock = InstantSource.fixed(Samples.NOON.plusSeconds(1));
    var reader = new AuditReaderFunction(root(1), clock, System::nanoTime);
    return new AuditApiCaller(reader).all(Map.of(), 3);
  }

  private int recordedShards() {
    return ShardCount.read(table.dynamo(), table.config(), Duration.ofSeconds(10));
  }

  @Test
  void recordsOfAnyNumberOfShardsAreReadWhateverTheReadersSettingIs() {
    store(1, intent("a"), intent("b"), intent("c"));
    store(32, intent("d"), intent("e"), intent("f"), intent("g"));
    store(2, intent("h"));

    assertThat(read()).containsExactly("h", "g", "f", "e", "d", "c", "b", "a");
  }

  @Test
  void theRecordedNumberOfShardsNeverDecreases() {
    assertThat(recordedShards()).isEqualTo(1);
    store(8, intent("a"));
    assertThat(recordedShards()).isEqualTo(8);
    store(2, intent("b"));
    assertThat(recordedShards()).isEqualTo(8);
    store(9, intent("c"));
    assertThat(recordedShards()).isEqualTo(9);
  }

  @Test
  void aRecordThatIsDeliveredAgainAfterAChangeOfTheSettingIsADuplicate() {
    store(1, intent("a"), completed(intent("b")));
    store(16, intent("a"), completed(intent("b")));

    assertThat(log.of("audit_batch").getLast().path("duplicates").asInt()).isEqualTo(2);
    assertThat(read()).containsExactly("b", "a");
  }

  @Test
  void aCompletedRecordLeavesTheIndexOfIntents() {
    store(4, intent("a"), intent("b"), completed(intent("b")));

    assertThat(table.items())
        .filteredOn(item -> item.containsKey(AuditItem.INTENT_SHARD))
        .extracting(item -> item.get("audit_id"))
        .containsExactly(AttributeValue.fromS("a"));
  }

  @Test
  void onlyCompletedRecordsAreIndexedByTheirResult() {
    store(4, intent("a"), completed(intent("b")), Samples.failed(intent("c")));

    assertThat(indexed("model_shard")).containsExactly("b", "c");
    assertThat(indexed("status_shard")).containsExactly("b", "c");
    assertThat(indexed("error_shard")).containsExactly("c");
    assertThat(indexed("user_shard")).containsExactly("a", "b", "c");
    assertThat(indexed("identity_shard")).containsExactly("a", "b", "c");
    assertThat(indexed("request_key")).containsExactly("a", "b", "c");
  }

  /** The index of requests has no shards, and is searched with each shard of another filter. */
  @Test
  void aRecordFoundInSeveralShardsIsReturnedOnce() {
    var records =
        IntStream.range(0, 300)
            .mapToObj(
                n ->
                    intent("a" + n, Samples.NOON.minusSeconds(n + 1), "ann")
                        .toJson()
                        .put("request_id", n % 10 == 0 ? "r" : "r" + n))
            .toList();
    table.put(records);
    var clock = InstantSource.fixed(Samples.NOON);
    var reader = new AuditReaderFunction(root(1), clock, System::nanoTime);

    assertThat(new AuditApiCaller(reader).all(Map.of("request_id", "r", "user_id", "ann"), 7))
        .hasSize(30)
        .doesNotHaveDuplicates();
  }

  private List<String> indexed(String attribute) {
    return table.items().stream()
        .filter(item -> item.containsKey(attribute))
        .map(item -> AuditItem.record(item).path("audit_id").asText())
        .sorted()
        .toList();
  }

  @Test
  void aValueTooLongForAKeyIsStoredAndIndexedByItsHash() {
    var long3 = "\u20ac".repeat(3000);
    var record =
        new AuditRecord("a", Samples.NOON, long3, "/chat", "ann", long3, "m", "", Optional.empty());

    store(1, record);

    assertThat(indexed("identity_shard")).containsExactly("a");
    assertThat(table.record("a").path("identity").asText()).isEqualTo(long3.substring(0, 1024));
  }

  @Test
  void aRecordWithoutARequestIdIsStored() {
    var record =
        new AuditRecord("a", Samples.NOON, "", "/chat", "ann", "", "m", "", Optional.empty());

    store(1, record);

    assertThat(indexed("request_key")).isEmpty();
    assertThat(read()).containsExactly("a");
  }
}
