package dev.skein.aws;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;

/** The credentials of a function's execution role, for all of its AWS SDK clients. */
public final class RoleCredentials {
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
}
