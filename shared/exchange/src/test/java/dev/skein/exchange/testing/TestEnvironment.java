package dev.skein.exchange.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.skein.audit.AuditConfig;
import dev.skein.audit.AuditTrail;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.exchange.AuditedExchange;
import dev.skein.exchange.ExchangeConfig;
import dev.skein.exchange.ModelCosts;
import dev.skein.exchange.ModelEnvironment;
import dev.skein.exchange.ModelTelemetry;
import dev.skein.faults.ScriptedModel;
import dev.skein.llm.HttpLlmClient;
import dev.skein.llm.LlmConfig;
import dev.skein.pricing.PriceTable;
import java.net.http.HttpClient;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A function's environment over the real model client and a scripted model server on a real socket;
 * the queue and the log are in memory.
 */
public final class TestEnvironment implements AutoCloseable {
  public static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  /** The salt of every record. */
  public static final String SALT = "00112233445566778899aabbccddeeff";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScriptedModel model = ScriptedModel.start();
  private final FakeQueue queue = new FakeQueue();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final ModelEnvironment environment;

  private TestEnvironment(Map<String, String> variables, Optional<String> otherModel) {
    var all = new HashMap<>(variables);
    all.put("OPENAI_BASE_URL", model.baseUrl().toString());
    all.put("OPENAI_API_KEY", "sk-canary");
    all.putIfAbsent("OPENAI_MODEL", "m-1");
    all.put("AUDIT_QUEUE_URL", "http://queue.invalid");
    all.putIfAbsent("LLM_MAX_RETRIES", "0");
    otherModel.ifPresent(name -> all.put("LLM_FAILOVER", here(name)));
    var settings = new Settings(all);
    var log = new Log(InstantSource.fixed(NOW), lines::add);
    var llmConfig = LlmConfig.from(settings);
    var auditConfig = AuditConfig.from(settings);
    var prices = PriceTable.from(settings);
    var ids = new AtomicInteger();
    var exchange =
        new AuditedExchange(
            new AuditTrail(auditConfig, Optional.of(queue), log),
            ExchangeConfig.from(settings, auditConfig.timeout()),
            new ModelCosts(prices, log),
            new AuditedExchange.World(
                () -> "audit-" + ids.incrementAndGet(),
                () -> SALT,
                InstantSource.fixed(NOW),
                System::nanoTime),
            ModelTelemetry.from(settings),
            log);
    this.environment =
        new ModelEnvironment(
            settings,
            log,
            new HttpLlmClient(http, llmConfig),
            llmConfig,
            auditConfig,
            prices,
            exchange);
  }

  private String here(String modelName) {
    var list = JsonNodeFactory.instance.arrayNode();
    list.addObject()
        .put("base_url", model.baseUrl().toString())
        .put("api_key", "sk-other-canary")
        .put("model", modelName);
    return list.toString();
  }

  /** With these settings over the usual ones; nothing is retried unless they say so. */
  public static TestEnvironment with(Map<String, String> variables) {
    return new TestEnvironment(variables, Optional.empty());
  }

  /**
   * As {@link #with}, and the same server stands in for itself when it fails, asked for this model.
   */
  public static TestEnvironment withFailover(String otherModel, Map<String, String> variables) {
    return new TestEnvironment(variables, Optional.of(otherModel));
  }

  /** What a function is made of. */
  public ModelEnvironment environment() {
    return environment;
  }

  /** The model server. */
  public ScriptedModel model() {
    return model;
  }

  /** The audit queue. */
  public FakeQueue queue() {
    return queue;
  }

  /** Every log line so far. */
  public List<String> lines() {
    return lines;
  }

  /** The log lines of one event. */
  public List<JsonNode> events(String name) {
    return lines.stream()
        .map(TestEnvironment::parse)
        .filter(line -> line.path("event").asText().equals(name))
        .toList();
  }

  private static JsonNode parse(String line) {
    try {
      return Json.STRICT.parse(line);
    } catch (MalformedJsonException e) {
      throw new AssertionError("the line is no JSON", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    model.close();
  }
}
