package dev.skein.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.aws.AwsReply.Success;
import dev.skein.aws.testing.AwsJsonServer;
import dev.skein.http.LoopbackServer;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;

class RotatedCredentialsTest {
  private static final String ADDRESS = "aws.containerCredentialsFullUri";

  @Test
  @Timeout(30)
  void theContainerEndpointsCredentialsAreReplacedBeforeTheyExpire() throws Exception {
    var rotation = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var service = AwsJsonServer.start("sqs");
        var endpoint =
            LoopbackServer.start(
                0,
                threads,
                connection ->
                    connection.serve(
                        _ -> {
                          String token = "token-" + rotation.incrementAndGet();
                          service.setToken(token);
                          connection.respondJson("200 OK", credentials(token));
                        }));
        var http = HttpClient.newHttpClient()) {
      System.setProperty(ADDRESS, endpoint.uri("/role").toString());
      var sqs = new AwsEndpoint(service.url().resolve("/"), "sqs", AwsJsonServer.REGION);
      try (var provider = ContainerCredentialsProvider.create()) {
        var client = new AwsJsonClient(sqs, JsonVersion.V1_0, provider, http, threads);

        for (int i = 0; i < 3; i++) {
          assertThat(
                  client
                      .call(
                          "AmazonSQS.SendMessage",
                          "{}".getBytes(StandardCharsets.UTF_8),
                          Duration.ofSeconds(10))
                      .join())
              .isInstanceOf(Success.class);
        }
      } finally {
        System.clearProperty(ADDRESS);
      }
      assertThat(rotation.get()).isGreaterThan(1);
      assertThat(service.received())
          .extracting(it -> it.headers().get("x-amz-security-token"))
          .doesNotHaveDuplicates();
    }
  }

  /** They expire so soon that the provider asks again for the next request. */
  private static byte[] credentials(String token) {
    return """
    {"AccessKeyId":"%s","SecretAccessKey":"%s","Token":"%s","Expiration":"%s"}\
    """
        .formatted(
            AwsJsonServer.ACCESS_KEY,
            AwsJsonServer.SECRET_KEY,
            token,
            Instant.now().plusSeconds(20))
        .getBytes(StandardCharsets.UTF_8);
  }
}
