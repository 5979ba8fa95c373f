package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;

/** What the two records of one request cost, by DynamoDB Local's own count. */
@ExtendWith(TestTable.OfEachTest.class)
final class WriteUnitsTest {
  private final TestTable table;

  WriteUnitsTest(TestTable table) {
    this.table = table;
  }

  /** The write units of the table and of each index that is written to. */
  private Map<String, Double> write(ObjectNode record) throws PoisonException {
    var item = AuditItem.of(AuditMessage.read(record.toString()), table.config());
    var capacity =
        table
            .patient()
            .putItem(
                put ->
                    put.tableName(table.config().table())
                        .item(item)
                        .returnConsumedCapacity(ReturnConsumedCapacity.INDEXES))
            .consumedCapacity();
    var units = new TreeMap<String, Double>();
    units.put("table", capacity.table().capacityUnits());
    capacity.globalSecondaryIndexes().forEach((name, it) -> units.put(name, it.capacityUnits()));
    return units;
  }

  @Test
  void completingARecordWritesOnlyToTheIndexesWhoseKeyItChanges() throws Exception {
    var intent = Samples.intent("7f3c1f0a-0d3a-4c58-9a53-6f0d9b1f2a4e");

    assertThat(write(intent.toJson()))
        .isEqualTo(
            Map.of(
                "table", 1.0,
                "by_time", 1.0,
                "by_user", 1.0,
                "by_identity", 1.0,
                "by_intent", 1.0,
                "by_request", 1.0));
    assertThat(write(Samples.completed(intent).toJson()))
        .isEqualTo(Map.of("table", 1.0, "by_intent", 1.0, "by_model", 1.0, "by_status", 1.0));
  }
}
