package dev.skein.audit;

import java.net.URI;
import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/**
 * The audit queue on SQS. The SDK's client blocks, so each send has a virtual thread to itself and
 * runs beside the model call.
 */
public final class SqsAuditQueue implements AuditQueue, AutoCloseable {
  private final SqsClient sqs;
  private final String queueUrl;
  private final Executor executor;

  SqsAuditQueue(SqsClient sqs, String queueUrl, Executor executor) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
    this.executor = executor;
  }

  /**
   * The queue that {@code config} names; region, credentials and endpoint come from the variables
   * that Lambda and the SDK know.
   *
   * @param http shared with the model client: one pool, one TLS stack
   * @param executor starts a thread for each task
   */
  public static SqsAuditQueue of(AuditConfig config, HttpClient http, Executor executor) {
    return new SqsAuditQueue(
        client(config, http).build(), config.queueUrl().orElseThrow(), executor);
  }

  /** As {@link #of}, at another endpoint. */
  public static SqsAuditQueue at(
      URI endpoint, AuditConfig config, HttpClient http, Executor executor) {
    return new SqsAuditQueue(
        client(config, http).endpointOverride(endpoint).build(), endpoint + "/queue", executor);
  }

  private static SqsClientBuilder client(AuditConfig config, HttpClient http) {
    return SqsClient.builder()
        .httpClient(new SharedSdkHttpClient(http))
        .credentialsProvider(RoleCredentials.provider())
        // A digest of each message would guard against what TLS already does.
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

  /** Ends the SDK's threads; the shared HTTP client stays open. */
  @Override
  public void close() {
    sqs.close();
  }
}
