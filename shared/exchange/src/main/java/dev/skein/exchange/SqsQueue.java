package dev.skein.exchange;

import dev.skein.audit.AuditQueue;
import java.net.http.HttpClient;
import java.util.concurrent.Executor;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** An audit queue on Amazon SQS, whichever client sends to it. Thread-safe. */
sealed interface SqsQueue extends AuditQueue, AutoCloseable permits HttpSqsQueue, SdkSqsQueue {

  /**
   * Opens the queue, without connecting to it.
   *
   * @param http shared with the model client: one connection pool, one TLS stack
   * @param executor starts a thread for each task
   */
  static SqsQueue open(
      SqsConfig config, AwsCredentialsProvider credentials, HttpClient http, Executor executor) {
    return switch (config.client()) {
      case HTTP -> new HttpSqsQueue(config, credentials, http, executor);
      case SDK -> new SdkSqsQueue(config, credentials, http, executor);
    };
  }

  /** Releases the queue's own resources; the shared HTTP client stays open. */
  @Override
  void close();
}
