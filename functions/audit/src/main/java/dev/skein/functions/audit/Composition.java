package dev.skein.functions.audit;

import dev.skein.aws.RoleCredentials;
import dev.skein.aws.SharedSdkHttpClient;
import dev.skein.base.FunctionHttpClient;
import dev.skein.base.Log;
import dev.skein.base.Preconnect;
import dev.skein.base.Settings;
import dev.skein.runtime.Rehearsal;
import dev.skein.runtime.Rehearsal.Reply;
import dev.skein.runtime.SnapStart;
import dev.skein.runtime.StreamingHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/**
 * The composition root of the audit functions, built once for each execution environment.
 *
 * @param dynamo takes region, credentials and endpoint from the environment variables that Lambda
 *     sets and the SDK reads
 * @param buffered whether the front door cannot stream a response, as the runtime decides it too:
 *     from {@code RESPONSE_MODE}, or because {@code sam local} invokes the function
 */
record Composition(DynamoDbClient dynamo, TableConfig config, Log log, boolean buffered) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(2);
  private static final int ATTEMPTS = 3;
  private static final String ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB";

  private static @Nullable Composition shared;

  /** With a front door that streams. */
  Composition(DynamoDbClient dynamo, TableConfig config, Log log) {
    this(dynamo, config, log, false);
  }

  /**
   * The instance of this environment, and on first use the start of it: opens a connection to the
   * table, and meanwhile rehearses an event with a handler like the one that will serve the events.
   * It is not built in a static initializer, because an {@code ExceptionInInitializerError} would
   * hide the name of an invalid variable. Before a snapshot it only rehearses: that instance cannot
   * be used, and the next call builds the one of the restored environment.
   *
   * @param handler makes the handler of a composition
   * @param event JSON in ASCII
   * @param reply the table's reply to it
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or
   *     invalid; the next call tries again
   */
  static synchronized Composition start(
      Function<Composition, StreamingHandler> handler, String event, String reply) {
    if (shared != null) {
      return shared;
    }
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    var settings = new Settings(System.getenv());
    var config = TableConfig.from(settings);
    var log = Log.standard(settings);
    boolean buffered =
        settings.text("RESPONSE_MODE").filter("buffered"::equals).isPresent()
            || settings.text("AWS_SAM_LOCAL").filter("true"::equals).isPresent();
    var preconnect = Preconnect.from(settings).disabledIf(SnapStart.isBeforeSnapshot());
    // Beside the rehearsal: building the client loads TLS and the trusted certificates.
    var http =
        CompletableFuture.supplyAsync(
            () -> {
              var built =
                  SnapStart.isBeforeSnapshot()
                      ? FunctionHttpClient.build(CONNECT_TIMEOUT, threads)
                      : FunctionHttpClient.open(CONNECT_TIMEOUT, threads, log);
              settings.text(ENDPOINT).ifPresent(url -> preconnect.open(built, "GET", url));
              return built;
            },
            threads);
    HttpClient rehearsing = FunctionHttpClient.withoutTls(CONNECT_TIMEOUT, threads);
    var rehearsed = new CompletableFuture<DynamoDbClient>();
    Rehearsal.run(
        stub -> {
          var table =
              client(() -> rehearsing, rehearsedCredentials(stub)).endpointOverride(stub).build();
          rehearsed.complete(table);
          var silent = new Log(InstantSource.system(), _ -> {});
          return handler.apply(new Composition(table, config, silent, buffered));
        },
        request ->
            Reply.of(
                "application/x-amz-json-1.0", RoleCredentials.stubReply(request).orElse(reply)),
        threads,
        List.of(event));
    var _ = rehearsed.thenAccept(DynamoDbClient::close);
    rehearsing.shutdownNow();
    var credentials =
        SnapStart.isRestored() ? RoleCredentials.fetching(threads) : RoleCredentials.provider();
    var built = new Composition(client(http::join, credentials).build(), config, log, buffered);
    HttpClient opened = http.join();
    // Only now: the connection begins to open when the client is built.
    preconnect.await(log);
    if (SnapStart.isBeforeSnapshot()) {
      opened.shutdownNow();
    } else {
      shared = built;
    }
    return built;
  }

  private static AwsCredentialsProvider rehearsedCredentials(URI stub) {
    return SnapStart.isBeforeSnapshot()
        ? RoleCredentials.rehearsed(stub)
        : RoleCredentials.provider();
  }

  private static DynamoDbClientBuilder client(
      Supplier<HttpClient> http, AwsCredentialsProvider credentials) {
    return DynamoDbClient.builder()
        .httpClient(new SharedSdkHttpClient(http))
        .credentialsProvider(credentials)
        .overrideConfiguration(Composition::limits);
  }

  /** Limits each attempt, and the number of attempts; each call sets its own total limit. */
  static void limits(ClientOverrideConfiguration.Builder override) {
    override
        .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
        .retryStrategy(
            AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(ATTEMPTS).build());
  }
}
