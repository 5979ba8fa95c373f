package dev.skein.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.aws.AwsReply.NoReply;
import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.aws.AwsReply.Success;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryBackoffTest {

  private static Optional<Duration> longest(int attempt, int status, String type) {
    var error = new ServiceError(status, type, Optional.empty(), Optional.empty());
    return RetryBackoff.before(attempt, error, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "400, RequestThrottled, 500",
    "400, ThrottlingException, 500",
    "400, TooManyRequestsException, 500",
    "429, unknown, 500",
    "503, SlowDown, 500",
    "500, InternalFailure, 100",
    "400, RequestTimeout, 100",
    "502, unknown, 100",
    "503, ServiceUnavailable, 100",
    "504, unknown, 100"
  })
  void throttlingIsWaitedForLongerThanOtherTemporaryErrors(int status, String type, long millis) {
    assertThat(longest(1, status, type)).contains(Duration.ofMillis(millis));
    assertThat(longest(2, status, type)).contains(Duration.ofMillis(2 * millis));
  }

  @ParameterizedTest
  @CsvSource({
    "400, QueueDoesNotExist",
    "400, InvalidMessageContents",
    "400, InvalidParameterValueException",
    "400, KmsAccessDenied",
    "400, KmsDisabled",
    "400, UnsupportedOperation",
    "403, AccessDeniedException",
    "403, ExpiredTokenException",
    "403, InvalidClientTokenId",
    "403, InvalidSignatureException",
    "403, UnrecognizedClientException",
    "404, unknown",
    "413, unknown",
    "307, unknown",
    "501, unknown"
  })
  void anErrorThatAnotherAttemptWouldRepeatIsFinal(int status, String type) {
    assertThat(longest(1, status, type)).isEmpty();
  }

  @Test
  void aBrokenConnectionIsReplacedAtOnceAndThenWithBackoff() {
    var broken = new NoReply(new IOException());

    assertThat(RetryBackoff.before(1, broken, 1)).contains(Duration.ZERO);
    assertThat(RetryBackoff.before(2, broken, 1)).contains(Duration.ofMillis(100));
  }

  @Test
  void theWaitIsRandomSoThatEnvironmentsDoNotRetryInStep() {
    var error = new ServiceError(503, "unknown", Optional.empty(), Optional.empty());

    assertThat(RetryBackoff.before(1, error, 0)).contains(Duration.ZERO);
    assertThat(RetryBackoff.before(1, error, 0.5)).contains(Duration.ofMillis(50));
  }

  @Test
  void successIsFinal() {
    assertThat(RetryBackoff.before(1, new Success(200, "{}", Optional.empty()), 1)).isEmpty();
  }
}
