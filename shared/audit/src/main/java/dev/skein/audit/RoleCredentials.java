package dev.skein.audit;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;

/** The credentials of the function's role, for every SDK client of a function. */
public final class RoleCredentials {
  private RoleCredentials() {}

  /** From the two places where Lambda puts them, without searching for others. */
  public static AwsCredentialsProvider provider() {
    return System.getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") == null
        ? EnvironmentVariableCredentialsProvider.create()
        : ContainerCredentialsProvider.create();
  }
}
