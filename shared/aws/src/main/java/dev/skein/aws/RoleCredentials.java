package dev.skein.aws;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The credentials of a function's execution role, for all of its AWS SDK clients. */
public final class RoleCredentials {
  private RoleCredentials() {}

  /**
   * A provider that looks only where Lambda puts them: the container endpoint with SnapStart, else
   * the environment variables. The SDK's default chain would search more places at cold start.
   *
   * @param executor on which the endpoint is asked at once, so that the first request need not wait
   *     for it
   */
  public static AwsCredentialsProvider provider(Executor executor) {
    if (System.getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") == null) {
      return EnvironmentVariableCredentialsProvider.create();
    }
    var provider = ContainerCredentialsProvider.create();
    // If this fails, the first request asks again.
    var _ = CompletableFuture.supplyAsync(provider::resolveCredentials, executor);
    return provider;
  }

  /** Credentials without any permission, for requests that do not leave the environment. */
  public static AwsCredentialsProvider placeholder() {
    return StaticCredentialsProvider.create(
        AwsSessionCredentials.create("rehearsal", "rehearsal", "rehearsal"));
  }
}
