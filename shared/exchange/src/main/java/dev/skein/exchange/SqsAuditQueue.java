package dev.skein.exchange;

import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditQueue;
import dev.skein.aws.RoleCredentials;
import dev.skein.aws.SharedSdkHttpClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/**
 * The audit queue on Amazon SQS. The SDK's client blocks, so each send runs on its own virtual
 * thread, in parallel with the model call. Thread-safe.
 */
final class SqsAuditQueue implements AuditQueue, AutoCloseable {
  private final SqsClient sqs;
  private final String queueUrl;
  private final Executor executor;

  private SqsAuditQueue(SqsClient sqs, String queueUrl, Executor executor) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
    this.executor = executor;
  }

  /**
   * The queue that {@code config} names. Region, credentials and endpoint come from the environment
   * variables that Lambda sets and the SDK reads.
   *
   * @param http shared with the model client: one connection pool, one TLS stack
   * @param executor starts a thread for each task
   */
  static SqsAuditQueue of(AuditConfig config, HttpClient http, Executor executor) {
    return new SqsAuditQueue(
        client(config, http).build(), config.queueUrl().orElseThrow(), executor);
  }

  /** As {@link #of}, at another endpoint. */
  static SqsAuditQueue at(URI endpoint, AuditConfig config, HttpClient http, Executor executor) {
    return new SqsAuditQueue(
        client(config, http).endpointOverride(endpoint).build(), endpoint + "/queue", executor);
  }

  private static SqsClientBuilder client(AuditConfig config, HttpClient http) {
    return SqsClient.builder()
        .httpClient(new SharedSdkHttpClient(http))
        .credentialsProvider(RoleCredentials.provider())
        // TLS already protects each message from corruption; a digest would only cost CPU.
        .checksumValidationEnabled(false)
        .overrideConfiguration(
            override ->
                override
                    .apiCallTimeout(config.timeout())
                    .apiCallAttemptTimeout(config.timeout().dividedBy(2)));
  }

  @Override
  public CompletableFuture<Void> send(String message) {
    return CompletableFuture.runAsync(
        () -> sqs.sendMessage(request -> request.queueUrl(queueUrl).messageBody(message)),
        executor);
  }

  /** Closes the SQS client; the shared HTTP client stays open. */
  @Override
  public void close() {
    sqs.close();
  }
}
