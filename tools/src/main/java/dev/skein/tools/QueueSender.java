package dev.skein.tools;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/**
 * Sends messages to a queue in batches, and again those of a batch that the queue did not accept.
 * Not thread-safe.
 */
final class QueueSender {
  private static final int MAX_ENTRIES = 10;

  /** SQS's limit of a message, and of a batch. */
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_ATTEMPTS = 6;
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);

  private final SqsClient sqs;
  private final String queueUrl;
  private final Consumer<Duration> wait;
  private final List<String> batch = new ArrayList<>();
  private int bytes;

  /**
   * @param wait waits so long
   */
  QueueSender(SqsClient sqs, String queueUrl, Consumer<Duration> wait) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
    this.wait = wait;
  }

  /**
   * Adds a message, and sends the earlier ones if it does not fit in their batch.
   *
   * @param message ASCII of at most {@link #MAX_BYTES}
   * @return how many messages the queue has accepted meanwhile: none, or all earlier ones
   * @throws ToolException if the queue does not accept the earlier ones
   */
  int add(String message) throws ToolException {
    int accepted =
        batch.size() == MAX_ENTRIES || bytes + message.length() > MAX_BYTES ? flush() : 0;
    batch.add(message);
    bytes += message.length();
    return accepted;
  }

  /**
   * Sends what is left.
   *
   * @return how many messages the queue has accepted
   * @throws ToolException if it does not accept all of them
   */
  int flush() throws ToolException {
    var left = new ArrayList<SendMessageBatchRequestEntry>();
    for (String message : batch) {
      left.add(
          SendMessageBatchRequestEntry.builder()
              .id(Integer.toString(left.size()))
              .messageBody(message)
              .build());
    }
    String reason = "";
    for (int attempt = 1; !left.isEmpty(); attempt++) {
      if (attempt > MAX_ATTEMPTS) {
        throw new ToolException("the queue does not accept messages: " + reason);
      }
      if (attempt > 1) {
        wait.accept(FIRST_WAIT.multipliedBy(1L << (attempt - 2)));
      }
      reason = send(left);
    }
    int accepted = batch.size();
    batch.clear();
    bytes = 0;
    return accepted;
  }

  /** Removes from {@code left} what was accepted, and returns why the rest was not. */
  private String send(List<SendMessageBatchRequestEntry> left) throws ToolException {
    SendMessageBatchResponse response;
    try {
      response = sqs.sendMessageBatch(request -> request.queueUrl(queueUrl).entries(left));
    } catch (AwsServiceException e) {
      String error = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode() + ", ";
      if (e.statusCode() < 500 && !e.isThrottlingException()) {
        throw new ToolException("the queue refuses: %sstatus %d".formatted(error, e.statusCode()));
      }
      return "%sstatus %d".formatted(error, e.statusCode());
    } catch (SdkException e) {
      if (!e.retryable()) {
        // Its message is about the connection, the credentials or the Region.
        throw new ToolException(firstLine(e));
      }
      return e.getClass().getSimpleName();
    }
    // An entry counts as accepted only if the response says so: it may leave out entries.
    Set<String> accepted = new HashSet<>();
    response.successful().forEach(entry -> accepted.add(entry.id()));
    left.removeIf(entry -> accepted.contains(entry.id()));
    return response.failed().stream()
        .findFirst()
        .map(BatchResultErrorEntry::code)
        .orElse("it acknowledges only some of them");
  }

  private static String firstLine(SdkException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
