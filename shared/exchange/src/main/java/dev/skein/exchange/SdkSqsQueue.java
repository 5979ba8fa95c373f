package dev.skein.exchange;

import dev.skein.audit.SendFailedException;
import dev.skein.aws.SharedSdkHttpClient;
import java.net.http.HttpClient;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Sends with the AWS SDK's client. It blocks, so each send runs on its own virtual thread, in
 * parallel with the model call. Thread-safe.
 */
final class SdkSqsQueue implements SqsQueue {
  private final SqsClient sqs;
  private final String queueUrl;
  private final Executor executor;

  SdkSqsQueue(
      SqsConfig config, AwsCredentialsProvider credentials, HttpClient http, Executor executor) {
    this.queueUrl = config.queueUrl();
    this.executor = executor;
    this.sqs =
        SqsClient.builder()
            .httpClient(new SharedSdkHttpClient(http))
            .credentialsProvider(credentials)
            .endpointOverride(config.endpoint().url())
            .region(Region.of(config.endpoint().region()))
            // TLS already protects each message from corruption; a digest would only cost CPU.
            .checksumValidationEnabled(false)
            .overrideConfiguration(
                override ->
                    override
                        .apiCallTimeout(config.timeout())
                        .apiCallAttemptTimeout(config.timeout().dividedBy(2)))
            .build();
  }

  @Override
  public CompletableFuture<Void> send(String message) {
    return CompletableFuture.runAsync(() -> sendNow(message), executor);
  }

  @Override
  public void close() {
    sqs.close();
  }

  private static String errorCode(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    return code == null ? "unknown" : code;
  }

  private void sendNow(String message) {
    try {
      var reply = sqs.sendMessage(request -> request.queueUrl(queueUrl).messageBody(message));
      if (reply.messageId() == null) {
        throw new SendFailedException(
            "NoMessageId", 200, Optional.ofNullable(reply.responseMetadata().requestId()));
      }
    } catch (AwsServiceException e) {
      throw new SendFailedException(
          errorCode(e), e.statusCode(), Optional.ofNullable(e.requestId()));
    } catch (ApiCallTimeoutException | ApiCallAttemptTimeoutException e) {
      throw new SendFailedException(new TimeoutException());
    } catch (SdkException e) {
      throw new SendFailedException(e.getCause() == null ? e : e.getCause());
    }
  }
}
