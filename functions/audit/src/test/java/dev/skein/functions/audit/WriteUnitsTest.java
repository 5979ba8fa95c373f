package dev.skein.functions.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    var completed = write(Samples.completed(intent).toJson());

    assertThat(completed.keySet()).containsExactly("by_intent", "by_model", "by_status", "table");
  }

  /** The figures of ADR 19. */
  @ParameterizedTest
  @CsvSource({"16, 11, 12", "100, 11, 12", "1500, 16, 17"})
  void theUnitsOfARequestDependOnTheLengthOfItsTexts(int length, double units, double withAnError)
      throws Exception {
    var intent = Samples.intent("7f3c1f0a-0d3a-4c58-9a53-6f0d9b1f2a4e");
    var other = Samples.intent("7f3c1f0a-0d3a-4c58-9a53-6f0d9b1f2a4f");

    assertThat(units(intent, Samples.completed(intent), length)).isEqualTo(units);
    assertThat(units(other, Samples.failed(other), length)).isEqualTo(withAnError);
  }

  private double units(AuditRecord intent, AuditRecord completed, int length)
      throws PoisonException {
    String text = "x".repeat(length);
    double sum = 0;
    for (AuditRecord record : List.of(intent, completed)) {
      var json = record.toJson().put("message_preview", text);
      if (json.has("response_preview")) {
        json.put("response_preview", text);
      }
      sum += write(json).values().stream().mapToDouble(Double::doubleValue).sum();
    }
    return sum;
  }
}
