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
 * The composition root of the audit functions, built once for each execution environment.
 *
 * @param dynamo takes region, credentials and endpoint from the environment variables that Lambda
 *     sets and the SDK reads
 */
record Composition(DynamoDbClient dynamo, TableConfig config, Log log) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);
  private static final int ATTEMPTS = 3;

  private static @Nullable Composition shared;

  /**
   * The instance of this environment. It is not built in a static initializer, because an {@code
   * ExceptionInInitializerError} would hide the name of an invalid variable.
   *
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or
   *     invalid; the next call tries again
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

  /** Limits each attempt, and the number of attempts; each call sets its own total limit. */
  static void limits(ClientOverrideConfiguration.Builder override) {
    override
        .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
        .retryStrategy(
            AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(ATTEMPTS).build());
  }
}
