package dev.skein.functions.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * An empty table for one test, as template.yaml declares it.
 *
 * @param dynamo a client as the functions have it
 * @param patient a client without time limits, for the test itself
 * @param endpoint of the server that holds it
 */
record TestTable(DynamoDbClient dynamo, DynamoDbClient patient, URI endpoint, TableConfig config) {
  private static final Path TEMPLATE = Path.of("../../template.yaml");

  /** Hands a table to a test class that asks for one in its constructor. */
  static final class OfEachTest implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
      return parameter.getParameter().getType() == TestTable.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
      return in(LocalDynamo.shared().endpoint());
    }
  }

  /** Another empty table of the same server. */
  TestTable another() {
    return in(endpoint);
  }

  private static TestTable in(URI endpoint) {
    var patient = LocalDynamo.patientClient(endpoint);
    String name = "audit-" + UUID.randomUUID();
    var properties = properties();
    patient.createTable(
        request ->
            request
                .tableName(name)
                .billingMode(BillingMode.fromValue(text(properties, "BillingMode")))
                .attributeDefinitions(
                    list(properties, "AttributeDefinitions").stream()
                        .map(
                            attribute ->
                                AttributeDefinition.builder()
                                    .attributeName(text(attribute, "AttributeName"))
                                    .attributeType(text(attribute, "AttributeType"))
                                    .build())
                        .toList())
                .keySchema(keys(properties))
                .globalSecondaryIndexes(
                    list(properties, "GlobalSecondaryIndexes").stream()
                        .map(
                            index ->
                                GlobalSecondaryIndex.builder()
                                    .indexName(text(index, "IndexName"))
                                    .keySchema(keys(index))
                                    .projection(
                                        Projection.builder()
                                            .projectionType(
                                                text(map(index, "Projection"), "ProjectionType"))
                                            .build())
                                    .build())
                        .toList()));
    return new TestTable(
        LocalDynamo.client(endpoint),
        patient,
        endpoint,
        new TableConfig(name, Duration.ofDays(365)));
  }

  /**
   * The properties of the template's table. Its block alone is read, and its intrinsics, such as
   * the key that encrypts it, are not evaluated.
   */
  static Map<?, ?> properties() {
    try {
      String block =
          Files.readAllLines(TEMPLATE).stream()
              .dropWhile(line -> !line.equals("  AuditTable:"))
              .skip(1)
              .takeWhile(line -> line.isBlank() || line.startsWith("    "))
              .map(line -> line.replaceAll("!(If|Ref) ", ""))
              .collect(Collectors.joining("\n"));
      var load = new Load(LoadSettings.builder().build());
      return map((Map<?, ?>) load.loadFromString(block), "Properties");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<KeySchemaElement> keys(Map<?, ?> declared) {
    return list(declared, "KeySchema").stream()
        .map(
            key ->
                KeySchemaElement.builder()
                    .attributeName(text(key, "AttributeName"))
                    .keyType(text(key, "KeyType"))
                    .build())
        .toList();
  }

  private static String text(Map<?, ?> map, String name) {
    return String.valueOf(map.get(name));
  }

  static Map<?, ?> map(Map<?, ?> map, String name) {
    return map.get(name) instanceof Map<?, ?> child ? child : Map.of();
  }

  private static List<Map<?, ?>> list(Map<?, ?> map, String name) {
    return map.get(name) instanceof List<?> children
        ? children.stream().<Map<?, ?>>map(child -> (Map<?, ?>) child).toList()
        : List.of();
  }

  /** Stores records at once, as the consumer would one by one. */
  void put(List<ObjectNode> records) {
    ShardCount.raise(patient, config, Duration.ofMinutes(1));
    for (int i = 0; i < records.size(); i += 25) {
      var writes =
          records.subList(i, Math.min(i + 25, records.size())).stream()
              .map(TestTable::message)
              .map(message -> AuditItem.of(message, config))
              .map(item -> WriteRequest.builder().putRequest(put -> put.item(item)).build())
              .toList();
      var unprocessed =
          patient
              .batchWriteItem(request -> request.requestItems(Map.of(config.table(), writes)))
              .unprocessedItems();
      if (!unprocessed.isEmpty()) {
        throw new AssertionError("not stored: " + unprocessed);
      }
    }
  }

  private static AuditMessage message(ObjectNode record) {
    try {
      return AuditMessage.read(Json.STRICT.write(record));
    } catch (PoisonException e) {
      throw new AssertionError(e);
    }
  }

  /** All that is stored, as records by audit_id. */
  Map<String, ObjectNode> records() {
    return items().stream()
        .map(AuditItem::record)
        .collect(
            Collectors.toMap(
                record -> record.path("audit_id").asText(),
                record -> record,
                (one, other) -> {
                  throw new AssertionError("stored twice: " + one + other);
                },
                TreeMap::new));
  }

  /** One that is stored. */
  ObjectNode record(String auditId) {
    return Objects.requireNonNull(records().get(auditId), auditId + " is not stored");
  }

  /** All links of all chains. */
  List<Map<String, AttributeValue>> links() {
    return dynamo
        .scanPaginator(scan -> scan.tableName(config.table()).consistentRead(true))
        .items()
        .stream()
        .filter(item -> Objects.requireNonNull(item.get(AuditItem.PK)).s().startsWith("#chain#"))
        .toList();
  }

  /** All records that are stored, with what the table derives. */
  List<Map<String, AttributeValue>> items() {
    return dynamo
        .scanPaginator(scan -> scan.tableName(config.table()).consistentRead(true))
        .items()
        .stream()
        .filter(item -> AttributeValue.fromS(AuditItem.RECORD).equals(item.get(AuditItem.SK)))
        .toList();
  }
}
