package dev.skein.exchange;

import dev.skein.audit.AuditConfig;
import dev.skein.aws.AwsEndpoint;
import dev.skein.base.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How messages get to the audit queue on Amazon SQS.
 *
 * @param client what sends them, from {@code AUDIT_QUEUE_CLIENT}
 * @param timeout the time limit of one message with all attempts, each of which may take half of it
 */
record SqsConfig(Client client, String queueUrl, AwsEndpoint endpoint, Duration timeout) {

  /** What sends messages to SQS. */
  enum Client {
    /** Skein's own request, signed by the AWS SDK's signer. */
    HTTP,
    /** The AWS SDK's {@code SqsClient}. */
    SDK
  }

  /**
   * Reads the environment.
   *
   * @return empty if the audit trail has no queue
   * @throws dev.skein.base.InvalidSettingException if a variable is missing or invalid
   */
  static Optional<SqsConfig> from(Settings settings, AuditConfig audit) {
    Client client = settings.choice("AUDIT_QUEUE_CLIENT", Client.HTTP);
    return audit
        .queueUrl()
        .map(
            queueUrl ->
                new SqsConfig(
                    client, queueUrl, AwsEndpoint.from(settings, "SQS"), audit.timeout()));
  }

  /** The same for a queue at another address. */
  SqsConfig at(URI address) {
    return new SqsConfig(client, address + "/queue", endpoint.at(address), timeout);
  }
}
