package dev.skein.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.skein.local.template.Deployment.Function;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Index;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Redrive;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Table;
import dev.skein.local.template.Deployment.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds template.yaml against what it should say, so that no change of it goes unnoticed. */
final class RepositoryTemplateTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final Deployment deployment = TemplateReader.read(ROOT.resolve("template.yaml"));

  @Test
  void itsFunctionsAreTheFourOfTheService() {
    assertThat(deployment.functions())
        .containsExactly(
            new Function(
                "ChatFunction",
                "dev.skein.functions.chat.ChatFunction",
                ROOT.resolve("functions/chat/target/chat.zip"),
                Duration.ofSeconds(900),
                1024,
                modelCaller(
                    Map.of(
                        "RESPONSE_MODE",
                        new Value.Literal("streaming"),
                        "LLM_STREAMING",
                        new Value.Literal("on"),
                        "REQUEST_TIMEOUT_MS",
                        new Value.Literal("600000"),
                        "CHAT_MAX_TOKENS",
                        new Value.Literal("32000"),
                        "OPENAI_EMBEDDING_MODELS",
                        new Value.Literal(""))),
                List.of(
                    streaming("/chat"),
                    streaming("/v1/chat/completions"),
                    streaming("/v1/completions"),
                    streaming("/v1/embeddings"),
                    streaming("/v1/models"),
                    streaming("/v1/models/{model+}"),
                    streaming("/v1"),
                    streaming("/v1/{proxy+}"),
                    streamedPreflight("/chat"),
                    streamedPreflight("/v1/chat/completions"),
                    streamedPreflight("/v1/completions"),
                    streamedPreflight("/v1/embeddings"),
                    streamedPreflight("/v1/models"),
                    streamedPreflight("/v1/models/{model+}"),
                    streamedPreflight("/v1/{proxy+}")),
                List.of()),
            new Function(
                "AnalyzeFunction",
                "dev.skein.functions.analyze.AnalyzeFunction",
                ROOT.resolve("functions/analyze/target/analyze.zip"),
                Duration.ofSeconds(28),
                1024,
                modelCaller(Map.of("RESPONSE_MODE", new Value.Literal("buffered"))),
                List.of(
                    new Route("ANY", "/analyze", false),
                    new Route("ANY", "/summaries", false),
                    new Route("OPTIONS", "/analyze", false),
                    new Route("OPTIONS", "/summaries", false)),
                List.of()),
            new Function(
                "AuditConsumerFunction",
                "dev.skein.functions.audit.AuditConsumerFunction",
                ROOT.resolve("functions/audit/target/audit.zip"),
                Duration.ofSeconds(30),
                512,
                tableUser(
                    Map.of(
                        "AUDIT_SHARDS", new Value.Literal("4"),
                        "AUDIT_CHAIN", new Value.Literal("on"),
                        "AUDIT_CONTENT_RETENTION_DAYS", new Value.Literal("30"))),
                List.of(),
                List.of(
                    new QueueSource(
                        "AuditQueue", 200, Duration.ofSeconds(1), Optional.of(5), true))),
            new Function(
                "AuditReaderFunction",
                "dev.skein.functions.audit.AuditReaderFunction",
                ROOT.resolve("functions/audit/target/audit.zip"),
                Duration.ofMinutes(15),
                1024,
                tableUser(Map.of("RESPONSE_MODE", new Value.Literal("streaming"))),
                List.of(
                    new Route("ANY", "/audit", true, true, Duration.ofMinutes(15)),
                    new Route("ANY", "/audit/chain", true, true, Duration.ofMinutes(15))),
                List.of()),
            new Function(
                "AuditEraserFunction",
                "dev.skein.functions.audit.AuditEraserFunction",
                ROOT.resolve("functions/audit/target/audit.zip"),
                Duration.ofSeconds(28),
                1024,
                tableUser(
                    Map.of(
                        "AUDIT_SHARDS", new Value.Literal("4"),
                        "AUDIT_CHAIN", new Value.Literal("on"))),
                List.of(new Route("DELETE", "/audit", true)),
                List.of()));
  }

  @Test
  void functionsGetTheNameOfTheSecretAndNeverItsValue() {
    assertThat(TemplateReader.read(ROOT.resolve("template.yaml")).functions())
        .filteredOn(function -> function.environment().containsKey("OPENAI_API_KEY"))
        .hasSize(2)
        .allSatisfy(
            function ->
                assertThat(function.environment())
                    .containsEntry("OPENAI_API_KEY", new Value.Literal(""))
                    .containsEntry("LLM_FAILOVER", new Value.Literal(""))
                    .containsEntry(
                        "OPENAI_API_KEY_SECRET_ARN", new Value.Literal("skein/openai-api-key")));
  }

  @ParameterizedTest
  @CsvSource({"'\"\"', false", "'\"*\"', true", "'https://a.example, https://b.example', true"})
  void pagesCanReadTheGatewayResponsesIfSomePageMayCall(
      String origins, boolean readable, @TempDir Path folder) throws IOException {
    String parameter = "  CorsAllowedOrigins:\n    Type: String\n    Default: ";
    String template = Files.readString(ROOT.resolve("template.yaml"));
    assertThat(template).contains(parameter + "\"\"");
    Path edited =
        Files.writeString(
            folder.resolve("template.yaml"),
            template.replace(parameter + "\"\"", parameter + origins));

    assertThat(TemplateReader.read(edited).gatewayResponses().values())
        .hasSize(8)
        .allMatch(
            response ->
                readable
                    == (response
                            .headers()
                            .getOrDefault("Access-Control-Allow-Origin", "")
                            .equals("*")
                        && response
                            .headers()
                            .getOrDefault("Access-Control-Expose-Headers", "")
                            .equals("*")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"app.example.com", "https://a.example/", "https://a.example,*", "*,*"})
  void anOriginThatTheFunctionsWouldRejectIsNotDeployed(String origins, @TempDir Path folder)
      throws IOException {
    String parameter = "  CorsAllowedOrigins:\n    Type: String\n    Default: ";
    String template = Files.readString(ROOT.resolve("template.yaml"));
    Path edited =
        Files.writeString(
            folder.resolve("template.yaml"),
            template.replace(parameter + "\"\"", parameter + '"' + origins + '"'));

    assertThatThrownBy(() -> TemplateReader.read(edited)).hasMessageContaining("does not match");
  }

  @Test
  void theLinesForSnapStartChangeNothingLocally(@TempDir Path folder) throws IOException {
    String globals = "Globals:\n  Function:\n";
    String guide = Files.readString(ROOT.resolve("docs/deploy.md"));
    String template = Files.readString(ROOT.resolve("template.yaml"));
    int block = guide.indexOf(globals);
    String lines = guide.substring(block + globals.length(), guide.indexOf("```", block));
    assertThat(lines).contains("SnapStart:", "AutoPublishAlias:");
    Path edited =
        Files.writeString(
            folder.resolve("template.yaml"), template.replace(globals, globals + lines));

    assertThat(TemplateReader.read(edited).functions())
        .extracting(Function::name, Function::routes, Function::queueSources)
        .isEqualTo(
            deployment.functions().stream()
                .map(function -> tuple(function.name(), function.routes(), function.queueSources()))
                .toList());
  }

  @Test
  void itsQueuesAreTheAuditQueueAndItsDeadLetterQueue() {
    assertThat(deployment.queues())
        .containsExactly(
            new Queue(
                "AuditQueue",
                Duration.ofSeconds(185),
                Duration.ofDays(4),
                Optional.of(new Redrive("AuditDeadLetterQueue", 5))),
            new Queue(
                "AuditDeadLetterQueue",
                Duration.ofSeconds(30),
                Duration.ofDays(14),
                Optional.empty()));
  }

  @Test
  void itsTableIsTheAuditTrail() {
    assertThat(deployment.tables())
        .containsExactly(
            new Table(
                "AuditTable",
                Stream.of(
                        "pk",
                        "sk",
                        "time_and_id",
                        "shard",
                        "user_shard",
                        "identity_shard",
                        "model_shard",
                        "status_shard",
                        "error_shard",
                        "intent_shard",
                        "request_key")
                    .collect(Collectors.toMap(name -> name, _ -> "S")),
                Map.of("pk", "HASH", "sk", "RANGE"),
                List.of(
                    index("by_time", "shard"),
                    index("by_user", "user_shard"),
                    index("by_identity", "identity_shard"),
                    index("by_model", "model_shard"),
                    index("by_status", "status_shard"),
                    index("by_error", "error_shard"),
                    index("by_intent", "intent_shard"),
                    index("by_request", "request_key")),
                Optional.of("expires_at")));
  }

  private static Index index(String name, String partitionKey) {
    return new Index(name, Map.of(partitionKey, "HASH", "time_and_id", "RANGE"), "KEYS_ONLY");
  }

  @Test
  void itsGatewayResponsesAreProblemDocuments() {
    Map<String, GatewayResponse> expected = new HashMap<>();
    expected.put(
        "MISSING_AUTHENTICATION_TOKEN",
        problem("not-found", "Not found", 404, "There is no such route."));
    expected.put(
        "INVALID_API_KEY",
        problem(
            "forbidden",
            "Forbidden",
            403,
            "The x-api-key header is missing or does not contain a valid API key."));
    expected.put(
        "ACCESS_DENIED",
        problem(
            "forbidden",
            "Forbidden",
            403,
            "These credentials are not allowed to call this route."));
    expected.put(
        "REQUEST_TOO_LARGE",
        problem("too-large", "Content too large", 413, "The request is larger than 6 MB."));
    String detail =
        "The request rate exceeds the limit. Retry after the time in the Retry-After header.";
    String problem = problem("throttled", "Too many requests", 429, detail).body();
    String error =
        ",\"error\":{\"message\":\"%s\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"throttled\"}}"
            .formatted(detail);
    expected.put(
        "THROTTLED",
        new GatewayResponse(
            429,
            Map.of(
                "Content-Type",
                "application/problem+json",
                "X-Request-Id",
                "$context.requestId",
                "Retry-After",
                "1"),
            problem.substring(0, problem.length() - 1) + error));
    expected.put(
        "QUOTA_EXCEEDED",
        problem(
            "quota-exceeded", "Quota exceeded", 429, "The quota of this API key is exhausted."));
    expected.put(
        "INTEGRATION_TIMEOUT",
        problem(
            "gateway-timeout", "Gateway timeout", 504, "The function did not respond in time."));
    expected.put(
        "DEFAULT_5XX",
        problem(
            "bad-gateway",
            "Bad gateway",
            502,
            "The function ended without a response. Retry the request."));

    assertThat(deployment.gatewayResponses()).isEqualTo(expected);
  }

  private static Route streaming(String path) {
    return new Route("ANY", path, false, true, Duration.ofMinutes(15));
  }

  private static Route streamedPreflight(String path) {
    return new Route("OPTIONS", path, false, true, Route.TIMEOUT);
  }

  private static Map<String, Value> modelCaller(Map<String, Value> more) {
    Map<String, Value> environment = new HashMap<>();
    environment.put("AWS_LAMBDA_EXEC_WRAPPER", new Value.Literal("/var/task/streaming-runtime"));
    environment.put("OPENAI_API_KEY", new Value.Literal(""));
    environment.put("OPENAI_API_KEY_SECRET_ARN", new Value.Literal("skein/openai-api-key"));
    environment.put(
        "AWS_ENDPOINT_URL_SECRETS_MANAGER",
        new Value.Literal("https://secretsmanager.us-east-1.amazonaws.com"));
    environment.put("OPENAI_BASE_URL", new Value.Literal("https://api.openai.com/v1"));
    environment.put("OPENAI_MODEL", new Value.Literal(""));
    environment.put("OPENAI_ALLOWED_MODELS", new Value.Literal(""));
    environment.put("OPENAI_MODEL_PROFILE", new Value.Literal(""));
    environment.put("LLM_FAILOVER", new Value.Literal(""));
    environment.put("LLM_STREAMING", new Value.Literal("off"));
    environment.put("LLM_MAX_RETRIES", new Value.Literal("2"));
    environment.put("LLM_RETRY_BUDGET", new Value.Literal("10"));
    environment.put("LLM_BREAKER_FAULTS", new Value.Literal("5"));
    environment.put("LLM_CONNECT_TIMEOUT_MS", new Value.Literal("3000"));
    environment.put("LLM_FIRST_BYTE_TIMEOUT_MS", new Value.Literal("30000"));
    environment.put("LLM_FIRST_TOKEN_TIMEOUT_MS", new Value.Literal("180000"));
    environment.put("LLM_STALL_TIMEOUT_MS", new Value.Literal("15000"));
    environment.put("LLM_WHOLE_REPLY_TIMEOUT_MS", new Value.Literal("300000"));
    environment.put("LLM_THINKING_TOKENS", new Value.Literal("2048"));
    environment.put("REQUEST_TIMEOUT_MS", new Value.Literal("900000"));
    environment.put("DEADLINE_RESERVE_MS", new Value.Literal("2000"));
    environment.put("PRECONNECT", new Value.Literal("on"));
    environment.put("CORS_ALLOWED_ORIGINS", new Value.Literal(""));
    environment.put("AUDIT_MODE", new Value.Literal("default"));
    environment.put("AUDIT_QUEUE_CLIENT", new Value.Literal("http"));
    environment.put("AUDIT_QUEUE_URL", new Value.Reference("AuditQueue"));
    environment.put(
        "AWS_ENDPOINT_URL_SQS", new Value.Literal("https://sqs.us-east-1.amazonaws.com"));
    environment.put("AUDIT_TIMEOUT_MS", new Value.Literal("1500"));
    environment.put("AUDIT_PREVIEW_CHARS", new Value.Literal("100"));
    environment.put("AUDIT_CONTENT", new Value.Literal("preview"));
    environment.putAll(more);
    return environment;
  }

  private static Map<String, Value> tableUser(Map<String, Value> more) {
    Map<String, Value> environment = new HashMap<>();
    environment.put("AWS_LAMBDA_EXEC_WRAPPER", new Value.Literal("/var/task/streaming-runtime"));
    environment.put("PRECONNECT", new Value.Literal("on"));
    environment.put("AUDIT_TABLE", new Value.Reference("AuditTable"));
    environment.put(
        "AWS_ENDPOINT_URL_DYNAMODB", new Value.Literal("https://dynamodb.us-east-1.amazonaws.com"));
    environment.put("AUDIT_RETENTION_DAYS", new Value.Literal("365"));
    environment.putAll(more);
    return environment;
  }

  private static GatewayResponse problem(String type, String title, int status, String detail) {
    String body =
        "{\"type\":\"urn:skein:problem:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\",\"instance\":\"urn:skein:request:$context.requestId\"}"
            .formatted(type, title, status, detail);
    return new GatewayResponse(
        status,
        Map.of("Content-Type", "application/problem+json", "X-Request-Id", "$context.requestId"),
        body);
  }
}
