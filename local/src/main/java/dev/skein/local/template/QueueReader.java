package dev.skein.local.template;

import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.Redrive;
import java.time.Duration;
import java.util.Optional;

/** Reads an {@code AWS::SQS::Queue}. */
final class QueueReader {

  /**
   * Without effect: encryption, permission, cost; and how long a receive waits, its caller says.
   */
  private static final Keys PROPERTIES =
      new Keys(
          Resource.QUEUE,
          "VisibilityTimeout MessageRetentionPeriod RedrivePolicy",
          "SqsManagedSseEnabled KmsMasterKeyId KmsDataKeyReusePeriodSeconds RedriveAllowPolicy"
              + " ReceiveMessageWaitTimeSeconds Tags");

  private static final Keys REDRIVE =
      new Keys("a RedrivePolicy", "deadLetterTargetArn maxReceiveCount");

  private QueueReader() {}

  static Queue read(Resource resource, Intrinsics intrinsics) {
    Section queue = Section.of(resource.properties(), PROPERTIES, intrinsics);
    return new Queue(
        resource.name(),
        Duration.ofSeconds(queue.integer("VisibilityTimeout", 0, 43_200, 30)),
        Duration.ofSeconds(queue.integer("MessageRetentionPeriod", 60, 1_209_600, 345_600)),
        redrive(queue));
  }

  private static Optional<Redrive> redrive(Section queue) {
    if (queue.value("RedrivePolicy").isEmpty()) {
      return Optional.empty();
    }
    Section policy = queue.section("RedrivePolicy", REDRIVE);
    String target = policy.resource("deadLetterTargetArn", Resource.QUEUE, "Arn");
    return Optional.of(new Redrive(target, policy.integer("maxReceiveCount", 1, 1000)));
  }
}
