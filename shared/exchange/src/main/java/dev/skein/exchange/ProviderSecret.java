package dev.skein.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.aws.AwsJsonClient;
import dev.skein.aws.AwsReply;
import dev.skein.aws.AwsReply.NoReply;
import dev.skein.aws.AwsReply.ServiceError;
import dev.skein.aws.AwsReply.Success;
import dev.skein.base.InvalidSettingException;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.exchange.SecretContent.Unusable;
import dev.skein.exchange.SecretContent.Variables;
import dev.skein.llm.EndpointSource;
import dev.skein.llm.LlmConfig;
import dev.skein.llm.LlmEndpoint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The model provider's API key, and perhaps the failover endpoints, in a secret of AWS Secrets
 * Manager. Nothing of the secret is ever logged. Thread-safe.
 */
final class ProviderSecret implements EndpointSource {
  /** Of one fetch with all attempts, each of which may take half of it. */
  static final Duration TIMEOUT = Duration.ofSeconds(4);

  private static final String UNAVAILABLE_METRIC = "ProviderKeyUnavailable";
  private static final String OPERATION = "secretsmanager.GetSecretValue";
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9-]{1,64}");

  private final AwsJsonClient secretsManager;
  private final byte[] request;
  private final Settings settings;
  private final Duration timeout;
  private final Log log;

  /**
   * A secret that is read with {@code secretsManager}.
   *
   * @param settings everything about the endpoints that is not in the secret
   */
  ProviderSecret(
      SecretConfig config,
      AwsJsonClient secretsManager,
      Settings settings,
      Duration timeout,
      Log log) {
    this.secretsManager = secretsManager;
    this.request =
        Json.STRICT
            .write(Json.object().put("SecretId", config.secretId()))
            .getBytes(StandardCharsets.US_ASCII);
    this.settings = settings;
    this.timeout = timeout;
    this.log = log;
  }

  @Override
  public CompletableFuture<Optional<List<LlmEndpoint>>> fetch() {
    return secretsManager
        .call(OPERATION, request, timeout)
        // It fails if there are no credentials.
        .handle((reply, failure) -> failure == null ? read(reply) : failed("NoCredentials"));
  }

  private Optional<List<LlmEndpoint>> read(AwsReply reply) {
    return switch (reply) {
      case Success success -> read(success);
      case ServiceError error ->
          failed(
              error.type(),
              line -> {
                line.put("upstream_status", error.status());
                error.requestId().ifPresent(id -> line.put("upstream_request_id", id));
              });
      case NoReply(Exception cause) -> failed(cause.getClass().getSimpleName());
    };
  }

  private Optional<List<LlmEndpoint>> read(Success reply) {
    JsonNode secret = parse(reply.body());
    String text = secret.path("SecretString").textValue();
    if (text == null) {
      // A binary secret, or something else has answered.
      return failed("NoSecretString");
    }
    return switch (SecretContent.read(text)) {
      case Unusable(String reason) -> failed(reason);
      case Variables(Map<String, String> values) ->
          endpoints(values, secret.path("VersionId").asText(""));
    };
  }

  private static JsonNode parse(String body) {
    try {
      return Json.PROVIDER.parse(body);
    } catch (MalformedJsonException e) {
      return Json.object();
    }
  }

  private Optional<List<LlmEndpoint>> endpoints(Map<String, String> variables, String version) {
    var keyOnly = new HashMap<>(variables);
    keyOnly.remove(SecretContent.FAILOVER);
    if (config(keyOnly).isEmpty()) {
      return failed("InvalidApiKey");
    }
    var endpoints = config(variables).map(LlmConfig::endpoints);
    if (endpoints.isEmpty()) {
      return failed("InvalidFailover");
    }
    log.info(
        "provider_key_fetched",
        line -> {
          line.put("endpoints", endpoints.get().size());
          if (VERSION.matcher(version).matches()) {
            line.put("version_id", version);
          }
        });
    return endpoints;
  }

  /** Empty if a value is invalid; the exception's message may repeat a part of it. */
  private Optional<LlmConfig> config(Map<String, String> variables) {
    try {
      return Optional.of(LlmConfig.from(settings.withDefaults(variables)));
    } catch (InvalidSettingException e) {
      return Optional.empty();
    }
  }

  private Optional<List<LlmEndpoint>> failed(String cause) {
    return failed(cause, _ -> {});
  }

  private Optional<List<LlmEndpoint>> failed(String cause, Consumer<ObjectNode> more) {
    log.alarm(
        "provider_key_unavailable",
        UNAVAILABLE_METRIC,
        line -> {
          line.put("variable", "OPENAI_API_KEY_SECRET_ARN");
          line.put("cause", cause);
          more.accept(line);
        });
    return Optional.empty();
  }
}
