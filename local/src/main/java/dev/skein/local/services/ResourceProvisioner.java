package dev.skein.local.services;

import dev.skein.local.console.StartupException;
import dev.skein.local.template.Deployment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.Projection;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** Creates the queues and tables that the template declares; those that are there stay. */
public final class ResourceProvisioner {

  private final Map<String, String> addresses = new HashMap<>();

  private ResourceProvisioner() {}

  /**
   * What {@code Ref} gives for each queue and table, by logical id: a queue's URL, a table's name.
   *
   * @throws StartupException when a server does not take them
   */
  public static Map<String, String> create(
      Deployment deployment, SqsClient sqs, DynamoDbClient dynamoDb) {
    ResourceProvisioner resources = new ResourceProvisioner();
    try {
      // A queue can name its dead letter queue only when that exists.
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
      dynamoDb.createTable(request(table));
    } catch (ResourceInUseException e) {
      // It is there, with what earlier runs stored.
    }
    dynamoDb.waiter().waitUntilTableExists(r -> r.tableName(table.name()));
    table.timeToLive().ifPresent(attribute -> expire(table.name(), attribute, dynamoDb));
    addresses.put(table.name(), table.name());
  }

  private static CreateTableRequest request(Deployment.Table table) {
    List<AttributeDefinition> attributes = new ArrayList<>();
    table
        .attributes()
        .forEach(
            (name, type) ->
                attributes.add(
                    AttributeDefinition.builder().attributeName(name).attributeType(type).build()));
    List<GlobalSecondaryIndex> indexes =
        table.indexes().stream()
            .map(
                index ->
                    GlobalSecondaryIndex.builder()
                        .indexName(index.name())
                        .keySchema(schema(index.key()))
                        .projection(Projection.builder().projectionType(ProjectionType.ALL).build())
                        .build())
            .toList();
    CreateTableRequest.Builder request =
        CreateTableRequest.builder()
            .tableName(table.name())
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(attributes)
            .keySchema(schema(table.key()));
    return indexes.isEmpty() ? request.build() : request.globalSecondaryIndexes(indexes).build();
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
