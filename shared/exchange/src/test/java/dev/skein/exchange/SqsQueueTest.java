package dev.skein.exchange;

import static dev.skein.aws.testing.AwsJsonServer.ACCEPTED;
import static dev.skein.aws.testing.AwsJsonServer.acceptedThenClosed;
import static dev.skein.aws.testing.AwsJsonServer.error;
import static dev.skein.aws.testing.AwsJsonServer.half;
import static dev.skein.aws.testing.AwsJsonServer.reply;
import static dev.skein.aws.testing.AwsJsonServer.reset;
import static dev.skein.aws.testing.AwsJsonServer.silence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.SendFailedException;
import dev.skein.aws.testing.AwsJsonServer;
import dev.skein.base.Json;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkGlobalTime;

/**
 * The contract of the audit queue, for Skein's own client and the AWS SDK's, against a server that
 * checks every signature.
 */
@ParameterizedClass
@EnumSource(SqsConfig.Client.class)
@Timeout(60)
class SqsQueueTest {
  private static final String LONG = "10000";

  @Parameter SqsConfig.Client client = SqsConfig.Client.HTTP;

  private final AwsJsonServer server = AwsJsonServer.start("sqs");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    // The SDK keeps a corrected clock for the whole JVM.
    SdkGlobalTime.setGlobalTimeOffset(0);
    http.shutdownNow();
    threads.shutdownNow();
    server.close();
  }

  private SqsConfig config(String timeoutMillis) {
    var settings =
        new Settings(
            Map.of(
                "AUDIT_QUEUE_CLIENT",
                client.name().toLowerCase(Locale.ROOT),
                "AUDIT_QUEUE_URL",
                "https://sqs.eu-west-1.amazonaws.com/210987654321/other-account",
                "AUDIT_TIMEOUT_MS",
                timeoutMillis,
                "AWS_REGION",
                AwsJsonServer.REGION,
                "AWS_ENDPOINT_URL_SQS",
                server.url().toString()));
    return SqsConfig.from(settings, AuditConfig.from(settings)).orElseThrow();
  }

  private void send(String message, String timeoutMillis) {
    try (var queue =
        SqsQueue.open(config(timeoutMillis), AwsJsonServer.credentials(), http, threads)) {
      queue.send(message).join();
    }
  }

  private SendFailedException failure(String timeoutMillis) {
    Throwable thrown = catchThrowable(() -> send("{}", timeoutMillis));
    if (thrown instanceof CompletionException
        && thrown.getCause() instanceof SendFailedException failure) {
      return failure;
    }
    throw new AssertionError("not a SendFailedException", thrown);
  }

  private JsonNode body(int request) throws MalformedJsonException {
    return Json.STRICT.parse(server.received().get(request).body());
  }

  @Test
  void aMessageIsSentOnceToTheQueueThatItsUrlNames() throws Exception {
    send("{\"audit_id\":\"a-1\"}", LONG);

    assertThat(server.received()).hasSize(1);
    assertThat(server.received().getFirst().headers())
        .containsEntry("x-amz-target", "AmazonSQS.SendMessage")
        .containsEntry("x-amz-security-token", AwsJsonServer.TOKEN);
    assertThat(body(0))
        .isEqualTo(
            Json.object()
                .put("QueueUrl", "https://sqs.eu-west-1.amazonaws.com/210987654321/other-account")
                .put("MessageBody", "{\"audit_id\":\"a-1\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"é 雁 😀", "line\nfeed\ttab \"quoted\" back\\slash", "\\u00e9", ""})
  void aMessageArrivesVerbatim(String message) throws Exception {
    send(message, LONG);

    assertThat(body(0).path("MessageBody").textValue()).isEqualTo(message);
  }

  @Test
  void theLargestMessageOfSqsIsSentWhole() throws Exception {
    String message = "a".repeat(1 << 20);

    send(message, LONG);

    String sent = server.received().getFirst().body();
    assertThat(Json.PASSED.parse(sent).path("MessageBody").textValue()).isEqualTo(message);
  }

  @Test
  void severalMessagesAreSentAtOnce() {
    try (var queue = SqsQueue.open(config(LONG), AwsJsonServer.credentials(), http, threads)) {
      var first = queue.send("1");
      var second = queue.send("2");
      first.join();
      second.join();
    }
    assertThat(server.received()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "400 Bad Request, com.amazonaws.sqs#RequestThrottled",
    "400 Bad Request, com.amazon.coral.availability#ThrottlingException",
    "403 Forbidden, ThrottlingException",
    "429 Too Many Requests, TooManyRequestsException",
    "500 Internal Server Error, InternalFailure",
    "502 Bad Gateway, x",
    "503 Service Unavailable, ServiceUnavailable",
    "504 Gateway Timeout, x"
  })
  void aThrottledOrFailedSendIsRepeated(String status, String type) {
    server.answers(error(status, type));

    send("{}", LONG);

    assertThat(server.received()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "400 Bad Request, com.amazonaws.sqs#QueueDoesNotExist, 400",
    "400 Bad Request, com.amazonaws.sqs#InvalidMessageContents, 400",
    "400 Bad Request, com.amazon.coral.service#InvalidParameterValueException, 400",
    "400 Bad Request, com.amazonaws.sqs#KmsAccessDenied, 400",
    "400 Bad Request, com.amazonaws.sqs#KmsDisabled, 400",
    "400 Bad Request, com.amazonaws.sqs#UnsupportedOperation, 400",
    "403 Forbidden, com.amazon.coral.service#AccessDeniedException, 403",
    "403 Forbidden, com.amazon.coral.service#ExpiredTokenException, 403",
    "403 Forbidden, com.amazon.coral.service#InvalidClientTokenId, 403",
    "403 Forbidden, com.amazon.coral.service#UnrecognizedClientException, 403"
  })
  void anErrorThatIsFinalIsReportedWithItsNameStatusAndRequestId(
      String line, String type, int status) {
    server.answers(error(line, type));

    var failure = failure(LONG);

    assertThat(failure.error()).isEqualTo(type.substring(type.indexOf('#') + 1));
    assertThat(failure.status()).hasValue(status);
    assertThat(failure.requestId()).contains("r-1");
    assertThat(server.received()).hasSize(1);
  }

  @Test
  void aSendThatStaysThrottledIsGivenUpWithTheServicesError() {
    var throttled = error("400 Bad Request", "com.amazonaws.sqs#RequestThrottled");
    server.answers(throttled, throttled, throttled, throttled, throttled, throttled);

    var failure = failure(LONG);

    assertThat(failure.error()).isEqualTo("RequestThrottled");
    assertThat(failure.status()).hasValue(400);
    assertThat(server.received()).hasSizeBetween(3, 4);
  }

  @Test
  void anExpiredTokenIsReportedAsSuch() {
    server.setToken("another");

    assertThat(failure(LONG).error()).isEqualTo("ExpiredTokenException");
    assertThat(server.received()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-3, 3})
  void aWrongClockIsCorrectedByTheServices(long hours) {
    server.setClockAhead(Duration.ofHours(hours));

    send("{}", LONG);

    assertThat(server.received()).hasSize(2);
  }

  @Test
  void aConnectionThatIsResetIsReplaced() {
    server.answers(reset());

    send("{}", LONG);

    assertThat(server.received()).hasSize(2);
  }

  @Test
  void anIdleConnectionThatTheServiceHasClosedIsReplaced() {
    server.answers(acceptedThenClosed(), acceptedThenClosed());

    send("1", LONG);
    send("2", LONG);
    send("3", LONG);

    assertThat(server.received())
        .extracting(it -> it.body().replaceAll(".*MessageBody\":\"|\".*", ""))
        .contains("1", "2", "3");
  }

  @Test
  void aSilentServiceIsGivenUpAtHalfOfTheTimeAndAskedAgain() {
    server.answers(silence());

    send("{}", "4000");

    assertThat(server.received()).hasSize(2);
  }

  @Test
  void aReplyThatStopsHalfWayIsGivenUpAtHalfOfTheTimeAndAskedForAgain() {
    server.answers(half());

    send("{}", "4000");

    assertThat(server.received()).hasSize(2);
  }

  @Test
  void aServiceThatStaysSilentIsATimeout() {
    server.answers(silence(), silence(), silence(), silence());

    var failure = failure("500");

    assertThat(failure.error()).isEqualTo("TimeoutException");
    assertThat(failure.status()).isEmpty();
  }

  @Test
  void anEndpointThatRefusesConnectionsIsReportedAsSuch() {
    var closed = config(LONG);
    server.close();

    try (var queue = SqsQueue.open(closed, AwsJsonServer.credentials(), http, threads)) {
      assertThat(catchThrowable(queue.send("{}")::join))
          .cause()
          .isInstanceOfSatisfying(
              SendFailedException.class,
              e -> {
                assertThat(e.error()).isEqualTo("ConnectException");
                assertThat(e.status()).isEmpty();
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"MessageId\":null}"})
  void aReplyWithoutAMessageIdIsNoAcknowledgement(String body) {
    server.answers(reply("200 OK", body));

    var failure = failure(LONG);

    assertThat(failure.error()).isEqualTo("NoMessageId");
    assertThat(failure.requestId()).contains("r-1");
  }

  @Test
  void aPageOfAProxyIsNoAcknowledgement() {
    var page = reply("200 OK", "<html>");
    server.answers(page, page, page, page, page);

    assertThat(failure(LONG)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"307 Temporary Redirect, 307", "404 Not Found, 404", "413 Content Too Large, 413"})
  void aStatusWithoutAnErrorIsReported(String line, int status) {
    server.answers(reply(line, "<html>"));

    var failure = failure(LONG);

    assertThat(failure.error()).isEqualTo("unknown");
    assertThat(failure.status()).hasValue(status);
    assertThat(server.received()).hasSize(1);
  }

  @Test
  void whatIsReportedDoesNotRepeatTheMessage() {
    server.answers(reply("400 Bad Request", ACCEPTED));

    Throwable thrown = catchThrowable(() -> send("canary", LONG));

    for (var e = thrown; e != null; e = e.getCause()) {
      assertThat(String.valueOf(e)).doesNotContain("canary");
    }
  }
}
