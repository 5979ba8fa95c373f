package dev.skein.exchange;

import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditQueue;
import dev.skein.audit.AuditTrail;
import dev.skein.aws.RoleCredentials;
import dev.skein.base.FunctionHttpClient;
import dev.skein.base.Log;
import dev.skein.base.Settings;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The composition root of a function that calls the model: built on first use, once for each
 * execution environment, and shared by all of its warm invocations. A client for each request would
 * bring a new pool and a new TLS handshake every time.
 */
public record ModelEnvironment(
    Settings settings,
    Log log,
    LlmClient llm,
    LlmConfig llmConfig,
    AuditConfig auditConfig,
    AuditedExchange exchange) {

  private static @Nullable ModelEnvironment shared;

  /**
   * This environment's one instance.
   *
   * @throws dev.skein.base.InvalidSettingException when a variable is invalid. The runtime would
   *     hide its message if a class initializer threw it
   */
  public static synchronized ModelEnvironment shared() {
    if (shared == null) {
      shared = build(new Settings(System.getenv()), Log.standard());
    }
    return shared;
  }

  private static ModelEnvironment build(Settings settings, Log log) {
    var llmConfig = LlmConfig.from(settings);
    var auditConfig = AuditConfig.from(settings);
    var sqsConfig = SqsConfig.from(settings, auditConfig);
    var exchangeConfig = ExchangeConfig.from(settings, auditConfig.timeout());
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    HttpClient http = FunctionHttpClient.build(llmConfig.limits().connect(), threads);
    URI baseUrl = llmConfig.endpoints().getFirst().baseUrl();
    log.info("http_client_built", line -> line.put("base_url_host", baseUrl.getHost()));
    Priming.run(sqsConfig, llmConfig.streaming(), http, threads);
    Optional<AuditQueue> queue =
        sqsConfig.map(it -> SqsQueue.open(it, RoleCredentials.provider(), http, threads));
    var trail = new AuditTrail(auditConfig, queue, log);
    var world =
        new AuditedExchange.World(
            () -> UUID.randomUUID().toString(), InstantSource.system(), System::nanoTime);
    return new ModelEnvironment(
        settings,
        log,
        new HttpLlmClient(http, llmConfig),
        llmConfig,
        auditConfig,
        new AuditedExchange(trail, exchangeConfig, world, log));
  }
}
