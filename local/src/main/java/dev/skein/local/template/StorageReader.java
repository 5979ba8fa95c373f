package dev.skein.local.template;

import dev.skein.local.template.Deployment.Index;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.Redrive;
import dev.skein.local.template.Deployment.Table;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads queues and tables. DynamoDB Local itself validates keys and attributes. */
final class StorageReader {

  private StorageReader() {}

  /** Reads an {@code AWS::SQS::Queue}. */
  static Queue queue(String name, Section resource) {
    Section queue =
        resource.section(
            "Properties",
            "FifoQueue VisibilityTimeout MessageRetentionPeriod RedrivePolicy",
            "KmsMasterKeyId SqsManagedSseEnabled Tags");
    if (queue.has("FifoQueue")) {
      throw queue.error("FifoQueue", "FIFO queues are not supported locally; remove it");
    }
    return new Queue(
        name,
        Duration.ofSeconds(queue.integer("VisibilityTimeout", 0, 43_200, 30)),
        Duration.ofSeconds(queue.integer("MessageRetentionPeriod", 60, 1_209_600, 345_600)),
        queue.has("RedrivePolicy") ? Optional.of(redrive(queue)) : Optional.empty());
  }

  private static Redrive redrive(Section queue) {
    Section policy = queue.section("RedrivePolicy", "deadLetterTargetArn maxReceiveCount", "");
    return new Redrive(
        policy.arn("deadLetterTargetArn", TemplateReader.QUEUE),
        policy.integer("maxReceiveCount", 1, 1000));
  }

  /** Reads an {@code AWS::DynamoDB::Table}. */
  static Table table(String name, Section resource) {
    Section table =
        resource.section(
            "Properties",
            "AttributeDefinitions BillingMode GlobalSecondaryIndexes KeySchema"
                + " TimeToLiveSpecification",
            "DeletionProtectionEnabled PointInTimeRecoverySpecification SSESpecification Tags");
    table.oneOf("BillingMode", "PAY_PER_REQUEST");
    List<Index> indexes =
        table.sections("GlobalSecondaryIndexes", "IndexName KeySchema Projection", "").stream()
            .map(StorageReader::index)
            .toList();
    return new Table(
        name,
        names(table, "AttributeDefinitions", "AttributeType"),
        names(table, "KeySchema", "KeyType"),
        indexes,
        table.has("TimeToLiveSpecification") ? Optional.of(expiry(table)) : Optional.empty());
  }

  private static Index index(Section index) {
    Section projection = index.section("Projection", "ProjectionType", "");
    projection.oneOf("ProjectionType", "ALL", "KEYS_ONLY");
    return new Index(
        index.text("IndexName"),
        names(index, "KeySchema", "KeyType"),
        projection.text("ProjectionType"));
  }

  /** Attribute names, in order, and the value of another key for each. */
  private static Map<String, String> names(Section owner, String list, String valueKey) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Section attribute : owner.sections(list, "AttributeName " + valueKey, "")) {
      values.put(attribute.text("AttributeName"), attribute.text(valueKey));
    }
    return values;
  }

  private static String expiry(Section table) {
    Section expiry = table.section("TimeToLiveSpecification", "AttributeName Enabled", "");
    expiry.oneOf("Enabled", "true");
    return expiry.text("AttributeName");
  }
}
