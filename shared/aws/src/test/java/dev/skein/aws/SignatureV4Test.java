package dev.skein.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.aws.testing.AwsJsonServer;
import dev.skein.aws.testing.SignatureV4;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tests' verifier against AWS's published vectors, and the requests against the verifier. */
class SignatureV4Test {
  private static final String SCOPE = "20150830/us-east-1/service/aws4_request";

  private static String vector(String method, Map<String, String> extra, String body) {
    var headers = new HashMap<>(extra);
    headers.put("host", "example.amazonaws.com");
    headers.put("x-amz-date", "20150830T123600Z");
    return SignatureV4.authorization(
        method,
        "/",
        headers,
        headers.keySet().stream().sorted().toList(),
        body.getBytes(StandardCharsets.UTF_8),
        SCOPE,
        AwsJsonServer.ACCESS_KEY,
        AwsJsonServer.SECRET_KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    "POST, 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
  })
  void theVerifierAgreesWithThePublishedVectorsOfRequestsWithoutABody(
      String method, String signature) {
    assertThat(vector(method, Map.of(), ""))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                + " SignedHeaders=host;x-amz-date, Signature="
                + signature);
  }

  @Test
  void theVerifierAgreesWithThePublishedVectorOfARequestWithABody() {
    var type = Map.of("content-type", "application/x-www-form-urlencoded");

    assertThat(vector("POST", type, "Param1=value1"))
        .endsWith("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
  }

  @ParameterizedTest
  @CsvSource({
    "https://sqs.eu-west-1.amazonaws.com/, 2026-11-27T00:00:00Z",
    "https://sqs.eu-west-1.amazonaws.com/, 2026-11-28T23:59:59.999Z",
    "http://localhost:9324/, 2026-11-27T10:00:00Z",
    "https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com:8443/path/, 2027-01-01T00:00:00Z"
  })
  void aRequestIsSignedForItsEndpointAndTime(String url, Instant at) {
    byte[] json = "{\"a\":\"é\"}".getBytes(StandardCharsets.UTF_8);
    var endpoint = new AwsEndpoint(URI.create(url), "sqs", "eu-west-1");
    var signer = new RequestSigner(endpoint, JsonVersion.V1_0, AwsJsonServer.credentials());

    var request = signer.sign("AmazonSQS.SendMessage", json, at);

    var headers = new HashMap<String, String>();
    request.headers().map().forEach((name, values) -> headers.put(lower(name), values.getFirst()));
    headers.put("host", endpoint.url().getAuthority());
    String day = at.toString().substring(0, 10).replace("-", "");
    assertThat(headers.get("authorization"))
        .isEqualTo(
            SignatureV4.authorization(
                "POST",
                endpoint.url().getPath(),
                headers,
                List.of(
                    "content-type",
                    "host",
                    "x-amz-content-sha256",
                    "x-amz-date",
                    "x-amz-security-token",
                    "x-amz-target"),
                json,
                day + "/eu-west-1/sqs/aws4_request",
                AwsJsonServer.ACCESS_KEY,
                AwsJsonServer.SECRET_KEY));
    assertThat(headers)
        .containsEntry("x-amz-target", "AmazonSQS.SendMessage")
        .containsEntry("x-amz-security-token", AwsJsonServer.TOKEN)
        .containsEntry("user-agent", "skein");
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
