package dev.skein.local.services;

import dev.skein.local.console.StartupException;
import dev.skein.local.template.Deployment;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** Creates the queues and tables of a deployment, unless they exist. */
public final class ResourceProvisioner {

  private final Map<String, String> addresses = new HashMap<>();

  private ResourceProvisioner() {}

  /**
   * Returns what {@code !Ref} gives for each queue (its URL) and table (its name), by logical ID.
   *
   * @throws StartupException if a server rejects them or does not answer
   */
  public static Map<String, String> create(
      Deployment deployment, SqsClient sqs, DynamoDbClient dynamoDb) {
    ResourceProvisioner resources = new ResourceProvisioner();
    try {
      // A dead-letter queue has to exist before a queue can name it.
      deployment.queues().stream()
          .sorted(Comparator.comparing(queue -> queue.redrive().isPresent()))
          .forEach(queue -> resources.create(queue, sqs));
      deployment.tables().forEach(table -> resources.create(table, dynamoDb));
    } catch (SdkException e) {
      throw new StartupException(
          "The template's queues and tables cannot be created: " + e.getMessage(), e);
    }
    return Map.copyOf(resources.addresses);
  }

  private void create(Deployment.Queue queue, SqsClient sqs) {
    Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);
    attributes.put(
        QueueAttributeName.VISIBILITY_TIMEOUT,
        Long.toString(queue.visibilityTimeout().toSeconds()));
    attributes.put(
        QueueAttributeName.MESSAGE_RETENTION_PERIOD,
        Long.toString(queue.messageRetention().toSeconds()));
    queue
        .redrive()
        .ifPresent(
            redrive ->
                attributes.put(
                    QueueAttributeName.REDRIVE_POLICY,
                    "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
                        .formatted(
                            Arns.queue(redrive.deadLetterQueue()), redrive.maxReceiveCount())));
    addresses.put(queue.name(), url(queue.name(), attributes, sqs));
  }

  private static String url(
      String name, Map<QueueAttributeName, String> attributes, SqsClient sqs) {
    try {
      String url = sqs.getQueueUrl(r -> r.queueName(name)).queueUrl();
      sqs.setQueueAttributes(r -> r.queueUrl(url).attributes(attributes));
      return url;
    } catch (QueueDoesNotExistException e) {
      return sqs.createQueue(r -> r.queueName(name).attributes(attributes)).queueUrl();
    }
  }

  private void create(Deployment.Table table, DynamoDbClient dynamoDb) {
    try {
      dynamoDb.createTable(
          request -> {
            request
                .tableName(table.name())
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(attributes(table))
                .keySchema(schema(table.key()));
            if (!table.indexes().isEmpty()) {
              request.globalSecondaryIndexes(indexes(table));
            }
          });
    } catch (ResourceInUseException e) {
      // With what earlier runs stored.
      checkKeys(table, dynamoDb);
    }
    dynamoDb.waiter().waitUntilTableExists(r -> r.tableName(table.name()));
    table.timeToLive().ifPresent(attribute -> expire(table.name(), attribute, dynamoDb));
    addresses.put(table.name(), table.name());
  }

  private static void checkKeys(Deployment.Table table, DynamoDbClient dynamoDb) {
    var stored = dynamoDb.describeTable(r -> r.tableName(table.name())).table();
    if (!stored.keySchema().equals(schema(table.key()))) {
      throw new StartupException(
          "The stored table %s has other keys than the template's. Move or delete the folder that DATA_DIR names."
              .formatted(table.name()));
    }
  }

  private static List<AttributeDefinition> attributes(Deployment.Table table) {
    return table.attributes().entrySet().stream()
        .map(
            e ->
                AttributeDefinition.builder()
                    .attributeName(e.getKey())
                    .attributeType(e.getValue())
                    .build())
        .toList();
  }

  private static List<GlobalSecondaryIndex> indexes(Deployment.Table table) {
    return table.indexes().stream()
        .map(
            index ->
                GlobalSecondaryIndex.builder()
                    .indexName(index.name())
                    .keySchema(schema(index.key()))
                    .projection(p -> p.projectionType(index.projection()))
                    .build())
        .toList();
  }

  private static List<KeySchemaElement> schema(Map<String, String> key) {
    return key.entrySet().stream()
        .sorted(Map.Entry.comparingByValue()) // HASH has to be the first
        .map(
            e -> KeySchemaElement.builder().attributeName(e.getKey()).keyType(e.getValue()).build())
        .toList();
  }

  private static void expire(String table, String attribute, DynamoDbClient dynamoDb) {
    TimeToLiveStatus status =
        dynamoDb
            .describeTimeToLive(r -> r.tableName(table))
            .timeToLiveDescription()
            .timeToLiveStatus();
    // Enabling it twice is an error.
    if (status == TimeToLiveStatus.DISABLED) {
      dynamoDb.updateTimeToLive(
          r ->
              r.tableName(table)
                  .timeToLiveSpecification(t -> t.attributeName(attribute).enabled(true)));
    }
  }
}
