package dev.skein.functions.audit;

import dev.skein.aws.RoleCredentials;
import dev.skein.aws.SharedSdkHttpClient;
import dev.skein.base.FunctionHttpClient;
import dev.skein.base.Log;
import dev.skein.base.Settings;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * What the functions of this zip are made of in the real world, built once per environment.
 *
 * @param dynamo region, credentials and endpoint come from the variables that Lambda and the SDK
 *     know
 */
record Composition(DynamoDbClient dynamo, TableConfig config, Log log) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);
  private static final int ATTEMPTS = 3;

  private static @Nullable Composition shared;

  /**
   * The one of this environment. A static initialiser would wrap what it throws in an {@code
   * ExceptionInInitializerError}, and hide the variable's name.
   *
   * @throws dev.skein.base.InvalidSettingException when a variable does not fit; the next call
   *     tries again
   */
  static synchronized Composition shared() {
    if (shared == null) {
      shared = of(TableConfig.from(new Settings(System.getenv())), Log.standard());
    }
    return shared;
  }

  private static Composition of(TableConfig config, Log log) {
    HttpClient http =
        FunctionHttpClient.open(CONNECT_TIMEOUT, Executors.newVirtualThreadPerTaskExecutor(), log);
    DynamoDbClient dynamo =
        DynamoDbClient.builder()
            .httpClient(new SharedSdkHttpClient(http))
            .credentialsProvider(RoleCredentials.provider())
            .overrideConfiguration(Composition::limits)
            .build();
    return new Composition(dynamo, config, log);
  }

  /** How long and how often a client tries; each call sets its own end besides. */
  static void limits(ClientOverrideConfiguration.Builder override) {
    override
        .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
        .retryStrategy(
            AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(ATTEMPTS).build());
  }
}
