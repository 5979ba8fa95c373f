package dev.skein.exchange;

import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditQueue;
import dev.skein.audit.AuditTrail;
import dev.skein.aws.RoleCredentials;
import dev.skein.base.FunctionHttpClient;
import dev.skein.base.Log;
import dev.skein.base.Preconnect;
import dev.skein.base.Settings;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmClient;
import dev.skein.llm.LlmConfig;
import dev.skein.runtime.Rehearsal;
import dev.skein.runtime.StreamingHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Function;

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
    AuditedExchange exchange) {
  /**
   * A request that is rehearsed while the environment starts.
   *
   * @param path the route, of a POST
   * @param body JSON in ASCII
   */
  public record Rehearsed(String path, String body) {}

  /**
   * Builds the environment from the environment variables, and does what would make its first
   * invocation slow: it opens connections to the model and to the queue, and meanwhile rehearses
   * requests with a handler like the one that will serve the events.
   *
   * @param handler makes the handler of an environment
   * @throws dev.skein.base.InvalidSettingException when a variable is invalid. The runtime would
   *     hide its message if a class initializer threw it
   */
  public static ModelEnvironment start(
      Function<ModelEnvironment, StreamingHandler> handler, List<Rehearsed> requests) {
    var settings = new Settings(System.getenv());
    var log = Log.standard();
    var llmConfig = LlmConfig.from(settings);
    var auditConfig = AuditConfig.from(settings);
    var sqsConfig = SqsConfig.from(settings, auditConfig);
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    HttpClient http = FunctionHttpClient.build(llmConfig.limits().connect(), threads);
    var preconnect = Preconnect.over(http, settings);
    URI baseUrl = llmConfig.endpoints().getFirst().baseUrl();
    var modelConnection = preconnect.open("HEAD", baseUrl + "/models");
    if (sqsConfig.isPresent()) {
      var _ = preconnect.open("GET", sqsConfig.get().endpoint().url().toString());
    }
    log.info("http_client_built", line -> line.put("base_url_host", baseUrl.getHost()));
    Rehearsal.run(
        stub ->
            handler.apply(
                of(
                    settings,
                    new Log(InstantSource.system(), _ -> {}),
                    new HttpLlmClient(http, Priming.at(stub, llmConfig)),
                    llmConfig,
                    auditConfig,
                    sqsConfig.map(it -> queue(it.at(stub), http, threads)))),
        Priming::reply,
        threads,
        requests.stream().map(it -> Priming.event(it.path(), it.body())).toList());
    var llm = new HttpLlmClient(http, llmConfig);
    var _ =
        modelConnection.thenAccept(
            opened -> {
              if (opened) {
                llm.connectionOpened();
              }
            });
    preconnect.await(log);
    return of(
        settings, log, llm, llmConfig, auditConfig, sqsConfig.map(it -> queue(it, http, threads)));
  }

  private static AuditQueue queue(SqsConfig config, HttpClient http, Executor executor) {
    return SqsQueue.open(config, RoleCredentials.provider(), http, executor);
  }

  private static ModelEnvironment of(
      Settings settings,
      Log log,
      LlmClient llm,
      LlmConfig llmConfig,
      AuditConfig auditConfig,
      Optional<AuditQueue> queue) {
    var exchange =
        new AuditedExchange(
            new AuditTrail(auditConfig, queue, log),
            ExchangeConfig.from(settings, auditConfig.timeout()),
            new AuditedExchange.World(
                () -> UUID.randomUUID().toString(), InstantSource.system(), System::nanoTime),
            log);
    return new ModelEnvironment(settings, log, llm, llmConfig, auditConfig, exchange);
  }
}
