package dev.skein.exchange;

import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditQueue;
import dev.skein.audit.AuditTrail;
import dev.skein.aws.AwsJsonClient;
import dev.skein.aws.JsonVersion;
import dev.skein.aws.RoleCredentials;
import dev.skein.base.FunctionHttpClient;
import dev.skein.base.Log;
import dev.skein.base.Preconnect;
import dev.skein.base.Settings;
import dev.skein.llm.EndpointSource;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import dev.skein.llm.Usage;
import dev.skein.pricing.PriceTable;
import dev.skein.runtime.Rehearsal;
import dev.skein.runtime.Rehearsal.Reply;
import dev.skein.runtime.SnapStart;
import dev.skein.runtime.StreamingHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * The composition root of a function that calls the model: built once for each execution
 * environment, and shared by all of its warm invocations. A client for each request would bring a
 * new pool and a new TLS handshake every time.
 */
public record ModelEnvironment(
    Settings settings,
    Log log,
    LlmClient llm,
    LlmConfig llmConfig,
    AuditConfig auditConfig,
    PriceTable prices,
    AuditedExchange exchange) {
  /** How long a start waits for the API key; the first request waits longer. */
  private static final Duration MAX_KEY_WAIT = Duration.ofSeconds(1);

  /** What is opened beside the rehearsal. */
  private record Opened(
      HttpClient http,
      AwsCredentialsProvider credentials,
      HttpLlmClient llm,
      CompletableFuture<Void> keys) {}

  /**
   * A request that is rehearsed while the environment starts.
   *
   * @param path the route, of a POST
   * @param body JSON in ASCII
   */
  public record Rehearsed(String path, String body) {}

  /**
   * Builds the environment from the environment variables, and does what would make its first
   * invocation slow: it fetches the API key, opens connections to the model and to the queue, and
   * meanwhile rehearses requests with a handler like the one that will serve the events. With
   * SnapStart, it rehearses before the snapshot, and discards that environment; it connects and
   * fetches the key after the restore.
   *
   * @param concurrentCalls how many calls of the model a request makes at once: each needs a
   *     connection
   * @param handler makes the handler of an environment
   * @throws dev.skein.base.InvalidSettingException when a variable is invalid. The runtime would
   *     hide its message if a class initializer threw it
   */
  public static ModelEnvironment start(
      int concurrentCalls,
      Function<ModelEnvironment, StreamingHandler> handler,
      List<Rehearsed> requests) {
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    var settings = new Settings(System.getenv());
    var log = Log.standard(settings);
    var secretConfig = SecretConfig.from(settings);
    var llmConfig =
        secretConfig.isPresent() ? LlmConfig.withoutKey(settings) : LlmConfig.from(settings);
    var auditConfig = AuditConfig.from(settings);
    var prices = PriceTable.from(settings);
    var sqsConfig = SqsConfig.from(settings, auditConfig);
    var preconnect = Preconnect.from(settings).disabledIf(SnapStart.isBeforeSnapshot());
    URI baseUrl = llmConfig.endpoints().getFirst().baseUrl();
    String models = baseUrl + "/models";
    // Beside the rehearsal: building the client loads TLS and the trusted certificates.
    var opening =
        CompletableFuture.supplyAsync(
            () -> {
              var http = FunctionHttpClient.build(llmConfig.limits().connect(), threads);
              var credentials = credentials(threads);
              var secret =
                  secretConfig.map(it -> secret(it, credentials, http, threads, settings, log));
              var llm = new HttpLlmClient(http, llmConfig, secret);
              // Not for a snapshot: the key may be another one when it is restored.
              var keys =
                  SnapStart.isBeforeSnapshot()
                      ? CompletableFuture.<Void>completedFuture(null)
                      : llm.fetchKeys();
              for (int call = 0; call < concurrentCalls; call++) {
                preconnect.open(http, "HEAD", models);
              }
              sqsConfig.ifPresent(
                  sqs -> preconnect.open(http, "GET", sqs.endpoint().url().toString()));
              return new Opened(http, credentials, llm, keys);
            },
            threads);
    var pricing = CompletableFuture.runAsync(() -> readPrices(prices, llmConfig, log), threads);
    var events = requests.stream().map(it -> Priming.event(it.path(), it.body())).toList();
    HttpClient rehearsing = FunctionHttpClient.withoutTls(llmConfig.limits().connect(), threads);
    Rehearsal.run(
        stub ->
            handler.apply(
                rehearsed(
                    stub,
                    settings,
                    llmConfig,
                    auditConfig,
                    prices,
                    sqsConfig,
                    rehearsing,
                    threads)),
        request ->
            RoleCredentials.stubReply(request)
                .map(json -> Reply.of("application/json", json))
                .orElseGet(() -> Priming.reply(request)),
        threads,
        events);
    rehearsing.shutdownNow();
    Opened opened = opening.join();
    log.info("http_client_built", line -> line.put("base_url_host", baseUrl.getHost()));
    Optional<AuditQueue> queue =
        sqsConfig.map(it -> queue(it, opened.credentials(), opened.http(), threads));
    var _ =
        opened
            .keys()
            .copy()
            .completeOnTimeout(null, MAX_KEY_WAIT.toMillis(), TimeUnit.MILLISECONDS)
            .join();
    preconnect.await(log);
    pricing.join();
    opened.llm().connectionsOpened(preconnect.opened(models));
    if (SnapStart.isBeforeSnapshot()) {
      opened.http().shutdownNow();
    }
    return of(settings, log, opened.llm(), llmConfig, auditConfig, prices, queue);
  }

  /** Beside the rehearsal, too: the first answer finds its price. */
  private static void readPrices(PriceTable prices, LlmConfig config, Log log) {
    Instant now = InstantSource.system().instant();
    RetirementWarnings.write(config, prices, now, log);
    LlmEndpoint first = config.endpoints().getFirst();
    var _ = prices.cost(first.baseUrl(), config.model(), new Usage(1, 1, 2), now);
  }

  private static AwsCredentialsProvider credentials(Executor threads) {
    return SnapStart.isRestored() ? RoleCredentials.fetching(threads) : RoleCredentials.provider();
  }

  private static EndpointSource secret(
      SecretConfig config,
      AwsCredentialsProvider credentials,
      HttpClient http,
      Executor threads,
      Settings settings,
      Log log) {
    var client = new AwsJsonClient(config.endpoint(), JsonVersion.V1_1, credentials, http, threads);
    return new ProviderSecret(config, client, settings, ProviderSecret.TIMEOUT, log);
  }

  /** An environment whose model and queue are the stub server, and which logs nothing. */
  private static ModelEnvironment rehearsed(
      URI stub,
      Settings settings,
      LlmConfig llmConfig,
      AuditConfig auditConfig,
      PriceTable prices,
      Optional<SqsConfig> sqsConfig,
      HttpClient http,
      Executor threads) {
    return of(
        settings,
        new Log(InstantSource.system(), _ -> {}),
        new HttpLlmClient(http, Priming.at(stub, llmConfig)),
        llmConfig,
        auditConfig,
        prices,
        sqsConfig.map(
            it ->
                queue(
                    it.at(stub),
                    SnapStart.isBeforeSnapshot()
                        ? RoleCredentials.rehearsed(stub)
                        : RoleCredentials.provider(),
                    http,
                    threads)));
  }

  private static AuditQueue queue(
      SqsConfig config, AwsCredentialsProvider credentials, HttpClient http, Executor threads) {
    return SqsQueue.open(config, credentials, http, threads);
  }

  private static ModelEnvironment of(
      Settings settings,
      Log log,
      LlmClient llm,
      LlmConfig llmConfig,
      AuditConfig auditConfig,
      PriceTable prices,
      Optional<AuditQueue> queue) {
    var exchange =
        new AuditedExchange(
            new AuditTrail(auditConfig, queue, log),
            ExchangeConfig.from(settings, auditConfig.timeout()),
            new ModelCosts(prices, log),
            new AuditedExchange.World(
                // From a SecureRandom, so that environments restored from one snapshot differ.
                () -> UUID.randomUUID().toString(),
                () -> UUID.randomUUID().toString().replace("-", ""),
                InstantSource.system(),
                System::nanoTime),
            ModelTelemetry.from(settings),
            log);
    return new ModelEnvironment(settings, log, llm, llmConfig, auditConfig, prices, exchange);
  }
}
