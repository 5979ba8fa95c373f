package dev.skein.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.SqsException;

class QueueSenderTest {
  private final FakeSqs sqs = new FakeSqs();
  private final List<Duration> waits = new ArrayList<>();
  private final QueueSender sender = new QueueSender(sqs, "http://queue/1", waits::add);

  @Test
  void tenMessagesAreABatch() throws ToolException {
    int accepted = sendAll(IntStream.range(0, 25).mapToObj(i -> "message " + i).toList());

    assertThat(accepted).isEqualTo(25);
    assertThat(sqs.requests).extracting(it -> it.entries().size()).containsExactly(10, 10, 5);
    assertThat(sqs.accepted).hasSize(25).doesNotHaveDuplicates();
  }

  @Test
  void aBatchHasAtMostOneMebibyte() throws ToolException {
    String large = "x".repeat(QueueSender.MAX_BYTES / 2);
    sendAll(List.of(large, large, "x", "y".repeat(QueueSender.MAX_BYTES), "z"));

    assertThat(sqs.requests).extracting(it -> it.entries().size()).containsExactly(2, 1, 1, 1);
  }

  @Test
  void onlyTheMessagesThatWereNotAcceptedAreSentAgain() throws ToolException {
    sqs.refusing(1, 3).refusing(0);
    sendAll(List.of("a", "b", "c", "d"));

    assertThat(sqs.requests).extracting(it -> it.entries().size()).containsExactly(4, 2, 1);
    assertThat(sqs.accepted).containsExactly("a", "c", "d", "b");
    assertThat(waits).containsExactly(Duration.ofMillis(500), Duration.ofMillis(1000));
  }

  @Test
  void aThrottledBatchIsSentAgain() throws ToolException {
    sqs.throwing(failure("RequestThrottled", 403));
    sqs.throwing(failure("ServiceUnavailable", 503));

    assertThat(sendAll(List.of("a"))).isEqualTo(1);
    assertThat(sqs.accepted).containsExactly("a");
    assertThat(waits).hasSize(2);
  }

  @Test
  void missingCredentialsAreNamedInOneLine() {
    sqs.throwing(SdkClientException.builder().message("no credentials\nin ten places").build());

    assertThatThrownBy(() -> sendAll(List.of("a"))).hasMessage("no credentials");
  }

  @Test
  void aServerErrorIsRetriedUntilTheAttemptsAreSpent() {
    for (int i = 0; i < 6; i++) {
      sqs.throwing(failure("InternalError", 500));
    }

    assertThatThrownBy(() -> sendAll(List.of("a secret")))
        .isInstanceOf(ToolException.class)
        .hasMessage("the queue does not accept messages: InternalError, status 500");
    assertThat(sqs.requests).hasSize(6);
  }

  @Test
  void aRefusalIsNotRetried() {
    sqs.throwing(failure("AccessDenied", 403));

    assertThatThrownBy(() -> sendAll(List.of("a")))
        .hasMessage("the queue refuses: AccessDenied, status 403");
    assertThat(sqs.requests).hasSize(1);
  }

  private int sendAll(List<String> messages) throws ToolException {
    int accepted = 0;
    for (String message : messages) {
      accepted += sender.add(message);
    }
    return accepted + sender.flush();
  }

  private static RuntimeException failure(String code, int status) {
    return SqsException.builder()
        .message("a secret")
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
        .build();
  }
}
