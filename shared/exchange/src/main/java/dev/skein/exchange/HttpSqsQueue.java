package dev.skein.exchange;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.skein.audit.SendFailedException;
import dev.skein.aws.AwsJsonClient;
import dev.skein.aws.AwsReply;
import dev.skein.aws.AwsReply.NoReply;
import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.aws.AwsReply.Success;
import dev.skein.aws.JsonVersion;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Sends with {@code SendMessage} requests of Skein's own. Thread-safe. */
final class HttpSqsQueue implements SqsQueue {
  private static final byte[] END = "\"}".getBytes(StandardCharsets.US_ASCII);

  private final AwsJsonClient sqs;
  private final Duration timeout;
  private final byte[] beginning;

  HttpSqsQueue(
      SqsConfig config, AwsCredentialsProvider credentials, HttpClient http, Executor executor) {
    this.sqs = new AwsJsonClient(config.endpoint(), JsonVersion.V1_0, credentials, http, executor);
    this.timeout = config.timeout();
    var beginning = new ByteArrayOutputStream();
    beginning.writeBytes("{\"QueueUrl\":\"".getBytes(StandardCharsets.US_ASCII));
    beginning.writeBytes(quoted(config.queueUrl()));
    beginning.writeBytes("\",\"MessageBody\":\"".getBytes(StandardCharsets.US_ASCII));
    this.beginning = beginning.toByteArray();
  }

  @Override
  public CompletableFuture<Void> send(String message) {
    return sqs.call("AmazonSQS.SendMessage", request(message), timeout)
        .thenAccept(HttpSqsQueue::requireAcknowledged);
  }

  @Override
  public void close() {
    // Nothing is open but the shared HTTP client.
  }

  private byte[] request(String message) {
    byte[] quoted = quoted(message);
    var request = new ByteArrayOutputStream(beginning.length + quoted.length + END.length);
    request.writeBytes(beginning);
    request.writeBytes(quoted);
    request.writeBytes(END);
    return request.toByteArray();
  }

  private static byte[] quoted(String text) {
    return JsonStringEncoder.getInstance().quoteAsUTF8(text);
  }

  private static void requireAcknowledged(AwsReply reply) {
    switch (reply) {
      case Success success -> {
        if (!hasMessageId(success.body())) {
          throw new SendFailedException("NoMessageId", success.status(), success.requestId());
        }
      }
      case ServiceError error ->
          throw new SendFailedException(error.type(), error.status(), error.requestId());
      case NoReply(Exception cause) -> throw new SendFailedException(cause);
    }
  }

  /** Only SQS itself answers with an ID; a proxy's page would lose the message. */
  private static boolean hasMessageId(String body) {
    try {
      return Json.PROVIDER.parse(body).path("MessageId").isTextual();
    } catch (MalformedJsonException e) {
      return false;
    }
  }
}
