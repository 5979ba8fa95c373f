package dev.skein.aws;

import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;

/** The credentials of a function's execution role, for all of its AWS SDK clients. */
public final class RoleCredentials {
  private static final String STUB_PATH = "/credentials";

  private static final String STUB_REPLY =
      """
      {"AccessKeyId":"rehearsal","SecretAccessKey":"rehearsal","Token":"rehearsal",\
      "Expiration":"2999-01-01T00:00:00Z"}\
      """;

  private RoleCredentials() {}

  /**
   * A provider that looks only where Lambda puts them: the container endpoint with SnapStart, else
   * the environment variables. The SDK's default chain would search more places at cold start.
   */
  public static AwsCredentialsProvider provider() {
    return System.getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") == null
        ? EnvironmentVariableCredentialsProvider.create()
        : ContainerCredentialsProvider.create();
  }

  /** As {@link #provider}; fetches the credentials on the executor, so that they are soon there. */
  public static AwsCredentialsProvider fetching(Executor executor) {
    var provider = provider();
    // If this fails, the first request fetches them.
    var _ = CompletableFuture.supplyAsync(provider::resolveCredentials, executor);
    return provider;
  }

  /**
   * Credentials without any permission, fetched from a stub of the container endpoint, so that the
   * classes for this are in the snapshot, but no real credentials.
   *
   * @param stub a server that replies as {@link #stubReply} says
   */
  public static AwsCredentialsProvider rehearsed(URI stub) {
    // The SDK prefers the property to the variable.
    String property = SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI.property();
    System.setProperty(property, stub + STUB_PATH);
    try {
      var provider = ContainerCredentialsProvider.create();
      provider.resolveCredentials();
      return provider;
    } finally {
      System.clearProperty(property);
    }
  }

  /**
   * The stub's reply, in JSON, to a request for credentials; empty for any other request.
   *
   * @param request from its request line on
   */
  public static Optional<String> stubReply(String request) {
    return request.startsWith("GET " + STUB_PATH + " ")
        ? Optional.of(STUB_REPLY)
        : Optional.empty();
  }
}
