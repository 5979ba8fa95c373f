package dev.skein.tools;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/** Builds the client of a queue. */
final class QueueClients {
  private static final Pattern OF_AWS =
      Pattern.compile("https://sqs\\.([a-z0-9-]+)\\.amazonaws\\.com(\\.cn)?/.+");

  private static final Pattern LOOPBACK = Pattern.compile("127\\..*|localhost|\\[::1]");

  private QueueClients() {}

  /**
   * A client with the default credentials, for the Region in the queue's URL. Local servers have
   * neither, and accept any.
   *
   * @param profile of the AWS configuration files; empty for the default
   * @throws ToolException if the URL is none
   */
  static SqsClient forQueue(String queueUrl, Optional<String> endpoint, Optional<String> profile)
      throws ToolException {
    SqsClientBuilder client = SqsClient.builder().httpClient(UrlConnectionHttpClient.create());
    var aws = OF_AWS.matcher(queueUrl);
    if (aws.matches() && endpoint.isEmpty()) {
      client.region(Region.of(aws.group(1)));
    } else {
      URI server = uri(endpoint.orElse(queueUrl)).resolve("/");
      client.endpointOverride(server).region(Region.US_EAST_1);
      if (LOOPBACK.matcher(server.getHost()).matches()) {
        return client
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .build();
      }
    }
    var credentials = DefaultCredentialsProvider.builder();
    profile.ifPresent(credentials::profileName);
    return client.credentialsProvider(credentials.build()).build();
  }

  private static URI uri(String text) throws ToolException {
    try {
      URI uri = URI.create(text);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Reported like a URL without a host.
    }
    throw new ToolException("this is no URL: " + text);
  }
}
