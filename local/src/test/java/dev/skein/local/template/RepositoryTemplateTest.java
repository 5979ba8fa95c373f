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
  void itsFunctionsAreThoseOfTheService() {
    assertThat(deployment.functions())
        .containsExactly(
            new Function(
                "AuthorizerFunction",
                "dev.skein.functions.authorizer.AuthorizerFunction",
                ROOT.resolve("functions/authorizer/target/authorizer.zip"),
                Duration.ofSeconds(5),
                512,
                Map.of("AWS_LAMBDA_EXEC_WRAPPER", new Value.Literal("/var/task/streaming-runtime")),
                List.of(),
                List.of()),
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
                    new Route("OPTIONS", "/analyze", false, true, false, Route.TIMEOUT),
                    new Route("OPTIONS", "/summaries", false, true, false, Route.TIMEOUT)),
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
                    new Route("ANY", "/audit/summary", true, true, Duration.ofMinutes(15)),
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
                List.of()),
            new Function(
                "DocsFunction",
                "dev.skein.functions.docs.DocsFunction",
                ROOT.resolve("functions/docs/target/docs.zip"),
                Duration.ofSeconds(10),
                512,
                Map.of(
                    "AWS_LAMBDA_EXEC_WRAPPER",
                    new Value.Literal("/var/task/streaming-runtime"),
                    "STACK_NAME",
                    new Value.Literal("local")),
                List.of(
                    new Route("GET", "/openapi.json", false, true, false, Route.TIMEOUT),
                    new Route("GET", "/docs", false, true, false, Route.TIMEOUT),
                    new Route("GET", "/docs/{asset+}", false, true, false, Route.TIMEOUT)),
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
        .hasSize(15)
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
  void itsGatewayResponsesAreProblemDocumentsAndErrorsOfOpenAi() {
    Map<String, GatewayResponse> expected = new HashMap<>();
    expected.put(
        "UNAUTHORIZED",
        response(
            401,
            "unauthorized",
            "Unauthorized",
            "The request has no API key. Send one that the operator of this service has issued, as"
                + " Authorization: Bearer KEY.",
            "invalid_request_error",
            "invalid_api_key",
            Map.of("WWW-Authenticate", "Bearer")));
    expected.put(
        "INVALID_API_KEY",
        response(
            401,
            "unauthorized",
            "Unauthorized",
            "The API key is not valid: it was never issued, or it is disabled or revoked. Ask the"
                + " operator of this service for another one.",
            "invalid_request_error",
            "invalid_api_key",
            Map.of("WWW-Authenticate", "Bearer")));
    expected.put(
        "AUTHORIZER_FAILURE",
        response(
            503,
            "authorizer-unavailable",
            "Authorizer unavailable",
            "The API key could not be checked. Retry after the time in the Retry-After header.",
            "server_error",
            "authorizer_unavailable",
            Map.of("Retry-After", "1")));
    expected.put(
        "AUTHORIZER_CONFIGURATION_ERROR",
        response(
            503,
            "authorizer-unavailable",
            "Authorizer unavailable",
            "The API key could not be checked, because the authorizer of this service is not set up"
                + " correctly. Ask its operator.",
            "server_error",
            "authorizer_unavailable",
            Map.of()));
    expected.put(
        "ACCESS_DENIED",
        response(
            403,
            "forbidden",
            "Forbidden",
            "These credentials are not allowed to call this route. Their IAM policy must allow"
                + " execute-api:Invoke on it.",
            "permission_error",
            "forbidden",
            Map.of()));
    expected.put(
        "INVALID_SIGNATURE",
        response(
            403,
            "invalid-signature",
            "Invalid signature",
            "There is no such route for a request with an API key, or its AWS signature is not"
                + " valid. Check the path: the base URL of an OpenAI client ends in /v1. Sign"
                + " requests of /audit with Signature Version 4 for the service execute-api and the"
                + " Region of this API, with a correct clock.",
            "permission_error",
            "invalid_signature",
            Map.of()));
    expected.put(
        "EXPIRED_TOKEN",
        response(
            403,
            "expired-token",
            "Expired token",
            "The temporary AWS credentials of this request have expired. Sign it with new ones.",
            "permission_error",
            "expired_token",
            Map.of()));
    expected.put(
        "MISSING_AUTHENTICATION_TOKEN",
        response(
            404,
            "not-found",
            "Not found",
            "There is no such route for requests without an AWS signature. Check the path; requests"
                + " of /audit must be signed with Signature Version 4.",
            "invalid_request_error",
            "not_found",
            Map.of()));
    expected.put(
        "WAF_FILTERED",
        response(
            403,
            "blocked",
            "Blocked",
            "A firewall rule of this service blocks this request. Ask its operator.",
            "permission_error",
            "blocked",
            Map.of()));
    expected.put(
        "REQUEST_TOO_LARGE",
        response(
            413,
            "too-large",
            "Content too large",
            "The request is larger than 6 MB. Send less.",
            "invalid_request_error",
            "too_large",
            Map.of()));
    expected.put(
        "THROTTLED",
        response(
            429,
            "throttled",
            "Too many requests",
            "The request rate exceeds the limit. Retry after the time in the Retry-After header.",
            "rate_limit_error",
            "throttled",
            Map.of("Retry-After", "1")));
    expected.put(
        "QUOTA_EXCEEDED",
        response(
            429,
            "quota-exceeded",
            "Quota exceeded",
            "The quota of this API key is exhausted. Wait for the next period, or ask the operator"
                + " of this service to raise it.",
            "insufficient_quota",
            "insufficient_quota",
            Map.of("x-should-retry", "false")));
    expected.put(
        "INTEGRATION_TIMEOUT",
        response(
            504,
            "gateway-timeout",
            "Gateway timeout",
            "The function did not respond in time. Retry the request.",
            "server_error",
            "gateway_timeout",
            Map.of()));
    expected.put(
        "DEFAULT_4XX",
        response(
            400,
            "bad-request",
            "Bad request",
            "API Gateway cannot process this request. Check its path, its query and its headers.",
            "invalid_request_error",
            "bad_request",
            Map.of()));
    expected.put(
        "DEFAULT_5XX",
        response(
            502,
            "bad-gateway",
            "Bad gateway",
            "The function ended without a response. Retry the request.",
            "server_error",
            "bad_gateway",
            Map.of()));

    assertThat(deployment.gatewayResponses()).isEqualTo(expected);
  }

  private static Route streaming(String path) {
    return new Route("ANY", path, false, true, Duration.ofMinutes(15));
  }

  private static Route streamedPreflight(String path) {
    return new Route("OPTIONS", path, false, true, true, Route.TIMEOUT);
  }

  private static Map<String, Value> modelCaller(Map<String, Value> more) {
    Map<String, Value> environment = new HashMap<>();
    environment.put("AWS_LAMBDA_EXEC_WRAPPER", new Value.Literal("/var/task/streaming-runtime"));
    environment.put("STACK_NAME", new Value.Literal("local"));
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
    environment.put("GEN_AI_METRICS", new Value.Literal("on"));
    environment.put("OTEL_SEMCONV_STABILITY_OPT_IN", new Value.Literal(""));
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
    environment.put("PRICES_FILE", new Value.Literal(""));
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
    environment.put("STACK_NAME", new Value.Literal("local"));
    environment.put("PRECONNECT", new Value.Literal("on"));
    environment.put("AUDIT_TABLE", new Value.Reference("AuditTable"));
    environment.put(
        "AWS_ENDPOINT_URL_DYNAMODB", new Value.Literal("https://dynamodb.us-east-1.amazonaws.com"));
    environment.put("AUDIT_RETENTION_DAYS", new Value.Literal("365"));
    environment.putAll(more);
    return environment;
  }

  private static GatewayResponse response(
      int status,
      String name,
      String title,
      String detail,
      String errorType,
      String code,
      Map<String, String> more) {
    String body =
        """
        {"type":"urn:skein:problem:%s","title":"%s","status":%d,"detail":"%s",\
        "instance":"urn:skein:request:$context.requestId",\
        "error":{"message":"%s","type":"%s","param":null,"code":"%s"}}\
        """
            .formatted(name, title, status, detail, detail, errorType, code);
    Map<String, String> headers = new HashMap<>(more);
    headers.put("Content-Type", "application/problem+json");
    headers.put("X-Request-Id", "$context.requestId");
    return new GatewayResponse(status, headers, body);
  }
}
