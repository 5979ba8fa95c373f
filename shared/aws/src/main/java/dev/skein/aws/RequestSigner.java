package dev.skein.aws;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/**
 * Makes the HTTP requests of one AWS JSON service, signed with Signature Version 4 by the AWS SDK's
 * signer, which keeps the signing key for a day. Thread-safe.
 */
final class RequestSigner {
  /** Set by the runtime for each invocation; SQS passes it on with the message. */
  private static final String TRACE_PROPERTY = "com.amazonaws.xray.traceHeader";

  private final AwsEndpoint endpoint;
  private final JsonVersion version;
  private final AwsCredentialsProvider credentials;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

  RequestSigner(AwsEndpoint endpoint, JsonVersion version, AwsCredentialsProvider credentials) {
    this.endpoint = endpoint;
    this.version = version;
    this.credentials = credentials;
  }

  /**
   * A signed request.
   *
   * @param operation its {@code X-Amz-Target}, such as {@code AmazonSQS.SendMessage}
   * @throws software.amazon.awssdk.core.exception.SdkClientException if there are no credentials
   */
  HttpRequest sign(String operation, byte[] json, Instant at) {
    URI url = endpoint.url();
    var request =
        SdkHttpRequest.builder()
            .uri(url)
            .method(SdkHttpMethod.POST)
            .putHeader("Content-Type", version.contentType())
            .putHeader("X-Amz-Target", operation)
            .build();
    var identity = credentials.resolveCredentials();
    var signed =
        signer.sign(
            it ->
                it.identity(identity)
                    .request(request)
                    .payload(ContentStreamProvider.fromByteArrayUnsafe(json))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, endpoint.signingName())
                    .putProperty(AwsV4HttpSigner.REGION_NAME, endpoint.region())
                    .putProperty(AwsV4HttpSigner.SIGNING_CLOCK, Clock.fixed(at, ZoneOffset.UTC)));
    var builder =
        HttpRequest.newBuilder(url)
            .POST(BodyPublishers.ofByteArray(json))
            // CloudTrail's data events show it; nothing else of the SDK's own headers is needed.
            .header("User-Agent", "skein");
    SdkHeaders.copy(signed.request(), builder);
    String trace = System.getProperty(TRACE_PROPERTY);
    if (trace != null) {
      builder.header("X-Amzn-Trace-Id", trace);
    }
    return builder.build();
  }
}
