package dev.skein.aws;

import static dev.skein.aws.testing.AwsJsonServer.error;
import static dev.skein.aws.testing.AwsJsonServer.half;
import static dev.skein.aws.testing.AwsJsonServer.reply;
import static dev.skein.aws.testing.AwsJsonServer.reset;
import static dev.skein.aws.testing.AwsJsonServer.silence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.aws.AwsReply.NoReply;
import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.aws.AwsReply.Success;
import dev.skein.aws.testing.AwsJsonServer;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The client against a service on a real socket that checks every signature. */
@Timeout(30)
class AwsJsonClientTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String TRACE = "com.amazonaws.xray.traceHeader";

  private final AwsJsonServer service = AwsJsonServer.start("sqs");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    System.clearProperty(TRACE);
    http.shutdownNow();
    threads.shutdownNow();
    service.close();
  }

  private AwsJsonClient client(AwsCredentialsProvider credentials) {
    return new AwsJsonClient(endpoint(), JsonVersion.V1_0, credentials, http, threads);
  }

  private AwsEndpoint endpoint() {
    return new AwsEndpoint(service.url().resolve("/"), "sqs", AwsJsonServer.REGION);
  }

  private AwsReply call(Duration timeout) {
    return client(AwsJsonServer.credentials())
        .call("AmazonSQS.SendMessage", json("{}"), timeout)
        .join();
  }

  private static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aReplyIsReturnedWithTheServicesRequestId() {
    service.answers(reply("200 OK", "{\"a\":\"é\"}"));

    assertThat(call(LONG)).isEqualTo(new Success(200, "{\"a\":\"é\"}", Optional.of("r-1")));
    assertThat(service.received())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.path()).isEqualTo("/");
              assertThat(request.body()).isEqualTo("{}");
              assertThat(request.headers())
                  .containsEntry("content-type", "application/x-amz-json-1.0")
                  .containsEntry("x-amz-target", "AmazonSQS.SendMessage")
                  .doesNotContainKey("x-amzn-trace-id");
            });
  }

  @Test
  void aServiceOfAwsJson11GetsItsContentType() {
    var client =
        new AwsJsonClient(endpoint(), JsonVersion.V1_1, AwsJsonServer.credentials(), http, threads);
    client.call("secretsmanager.GetSecretValue", json("{}"), LONG).join();

    assertThat(service.received().getFirst().headers())
        .containsEntry("content-type", "application/x-amz-json-1.1");
  }

  @Test
  void theTextOfAReplyDoesNotContainItsBody() {
    service.answers(reply("200 OK", "{\"SecretString\":\"sk-canary\"}"));

    assertThat(call(LONG)).asString().contains("200", "r-1").doesNotContain("canary");
  }

  @Test
  void theTraceOfTheInvocationIsPassedOn() {
    System.setProperty(TRACE, "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");

    call(LONG);

    assertThat(service.received().getFirst().headers())
        .containsEntry("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
  }

  @ParameterizedTest
  @CsvSource({
    "AccessDeniedException, AccessDeniedException",
    "com.amazonaws.sqs#AccessDeniedException, AccessDeniedException",
    "'AccessDeniedException:http://internal.amazon.com/coral/', AccessDeniedException",
    "'aws.example#AccessDeniedException:http://internal', AccessDeniedException",
    "'a message, not a name', unknown",
    "'', unknown"
  })
  void theTypeOfAnErrorIsItsNameWithoutItsNamespace(String sent, String type) {
    service.answers(error("403 Forbidden", sent));

    assertThat(call(LONG))
        .isEqualTo(new ServiceError(403, type, Optional.of("r-1"), Optional.empty()));
  }

  @Test
  void theTypeOfAnErrorMayBeInAHeader() {
    service.answers(
        it ->
            it.respond(
                "400 Bad Request",
                Map.of("x-amzn-ErrorType", "QueueDoesNotExist:http://internal"),
                json("")));

    assertThat(call(LONG))
        .isEqualTo(new ServiceError(400, "QueueDoesNotExist", Optional.empty(), Optional.empty()));
  }

  @Test
  void aPageOfAProxyIsAnErrorWithoutAType() {
    service.answers(reply("404 Not Found", "<html>"));

    assertThat(call(LONG))
        .isEqualTo(new ServiceError(404, "unknown", Optional.of("r-1"), Optional.empty()));
  }

  @Test
  void afterThreeAttemptsTheLastReplyIsReturned() {
    service.answers(
        error("500 Internal Server Error", "a"),
        error("500 Internal Server Error", "b"),
        error("503 Service Unavailable", "c"));

    assertThat(call(LONG))
        .isInstanceOfSatisfying(
            ServiceError.class,
            e -> {
              assertThat(e.type()).isEqualTo("c");
              assertThat(e.status()).isEqualTo(503);
            });
    assertThat(service.received()).hasSize(3);
  }

  @Test
  void theServicesClockIsKeptForLaterCalls() {
    service.setClockAhead(Duration.ofHours(-3));
    var client = client(AwsJsonServer.credentials());

    for (int i = 0; i < 3; i++) {
      assertThat(client.call("AmazonSQS.SendMessage", json("{}"), LONG).join())
          .isInstanceOf(Success.class);
    }
    assertThat(service.received()).hasSize(4);
  }

  @Test
  void aWrongKeyIsNotMistakenForAWrongClock() {
    var wrong = AwsSessionCredentials.create("AKIDEXAMPLE", "wrong", AwsJsonServer.TOKEN);

    assertThat(client(() -> wrong).call("AmazonSQS.SendMessage", json("{}"), LONG).join())
        .isInstanceOfSatisfying(
            ServiceError.class, e -> assertThat(e.type()).isEqualTo("InvalidSignatureException"));
    assertThat(service.received()).hasSize(1);
  }

  @Test
  void theCredentialsAreReadForEachAttempt() {
    service.answers(error("503 Service Unavailable", "ServiceUnavailable"));
    var calls = new AtomicInteger();
    AwsCredentialsProvider rotating =
        () -> {
          service.setToken("token-" + calls.incrementAndGet());
          return AwsSessionCredentials.create(
              AwsJsonServer.ACCESS_KEY, AwsJsonServer.SECRET_KEY, "token-" + calls.get());
        };

    assertThat(client(rotating).call("AmazonSQS.SendMessage", json("{}"), LONG).join())
        .isInstanceOf(Success.class);
    assertThat(calls).hasValue(2);
  }

  @Test
  void withoutCredentialsTheCallFails() {
    AwsCredentialsProvider none =
        () -> {
          throw SdkClientException.create("none");
        };

    assertThatThrownBy(() -> client(none).call("AmazonSQS.SendMessage", json("{}"), LONG).join())
        .hasCauseInstanceOf(SdkClientException.class);
    assertThat(service.received()).isEmpty();
  }

  @Test
  void aReplyThatStopsHalfWayIsGivenUpAtHalfOfTheTimeAndRepeated() {
    service.answers(half());

    assertThat(call(Duration.ofSeconds(2))).isInstanceOf(Success.class);
    assertThat(service.received()).hasSize(2);
  }

  @Test
  void aSilentServiceEndsTheCallAtItsTimeout() {
    service.answers(silence(), silence(), silence(), silence());

    assertThat(call(Duration.ofMillis(400)))
        .isInstanceOfSatisfying(
            NoReply.class, e -> assertThat(e.cause()).isInstanceOf(TimeoutException.class));
    assertThat(service.received()).hasSizeBetween(1, 3);
  }

  @Test
  void aWaitThatDoesNotFitTheTimeoutIsNotBegun() {
    service.answers(error("429 Too Many Requests", "x"));
    // The longest wait: as good as all of the base, which is longer than the timeout.
    var longest =
        new AwsJsonClient(
            endpoint(), JsonVersion.V1_0, AwsJsonServer.credentials(), http, threads, () -> -1L);
    Duration shorterThanTheWait = RetryBackoff.THROTTLED.minusMillis(20);

    assertThat(longest.call("AmazonSQS.SendMessage", json("{}"), shorterThanTheWait).join())
        .isInstanceOf(ServiceError.class);
    assertThat(service.received()).hasSize(1);
  }

  @Test
  void everyBrokenConnectionIsReplaced() {
    service.answers(reset(), reset());

    assertThat(call(LONG)).isInstanceOf(Success.class);
    assertThat(service.received()).hasSize(3);
  }

  @Test
  void anEndpointThatRefusesConnectionsIsReportedAsSuch() {
    var client = client(AnonymousCredentialsProvider.create());
    service.close();

    assertThat(client.call("AmazonSQS.SendMessage", json("{}"), LONG).join())
        .isInstanceOfSatisfying(
            NoReply.class, e -> assertThat(e.cause()).isInstanceOf(ConnectException.class));
  }
}
