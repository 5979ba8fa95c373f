package dev.skein.exchange;

import static dev.skein.aws.testing.AwsJsonServer.error;
import static dev.skein.aws.testing.AwsJsonServer.half;
import static dev.skein.aws.testing.AwsJsonServer.reply;
import static dev.skein.aws.testing.AwsJsonServer.reset;
import static dev.skein.aws.testing.AwsJsonServer.secret;
import static dev.skein.aws.testing.AwsJsonServer.silence;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.aws.AwsJsonClient;
import dev.skein.aws.JsonVersion;
import dev.skein.aws.testing.AwsJsonServer;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.exchange.SecretContent.Variables;
import dev.skein.llm.LlmEndpoint;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** The secret with the provider's key, at a Secrets Manager that checks every signature. */
@Timeout(60)
class ProviderSecretTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final String FAILOVER =
      """
      [{"base_url":"https://host.example/v1","api_key":"sk-canary-2","model":"m-2"}]\
      """;

  private final AwsJsonServer server = AwsJsonServer.start("secretsmanager");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @AfterEach
  void nothingOfTheSecretIsLogged() {
    http.shutdownNow();
    threads.shutdownNow();
    server.close();
    assertThat(lines).allSatisfy(line -> assertThat(line).doesNotContain("canary", "host.example"));
  }

  private Settings settings(Map<String, String> more) {
    var all = new HashMap<>(more);
    all.put("OPENAI_API_KEY_SECRET_ARN", "skein/key");
    all.put("AWS_REGION", AwsJsonServer.REGION);
    all.putIfAbsent("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url().toString());
    return new Settings(all);
  }

  private Optional<List<LlmEndpoint>> fetch(
      Settings settings, Duration timeout, AwsCredentialsProvider credentials) {
    var config = SecretConfig.from(settings).orElseThrow();
    var client = new AwsJsonClient(config.endpoint(), JsonVersion.V1_1, credentials, http, threads);
    var log = new Log(InstantSource.system(), lines::add);
    return new ProviderSecret(config, client, settings, timeout, log).fetch().join();
  }

  private Optional<List<LlmEndpoint>> fetch(Map<String, String> settings) {
    return fetch(settings(settings), LONG, AwsJsonServer.credentials());
  }

  private Optional<List<LlmEndpoint>> fetch(AwsJsonServer.Answer answer) {
    server.answers(answer);
    return fetch(Map.of());
  }

  private List<Optional<String>> keys(AwsJsonServer.Answer answer) {
    return fetch(answer).orElseThrow().stream().map(LlmEndpoint::apiKey).toList();
  }

  private JsonNode line() {
    try {
      assertThat(lines).hasSize(1);
      return Json.STRICT.parse(lines.getFirst());
    } catch (MalformedJsonException e) {
      throw new AssertionError(e);
    }
  }

  private void assertUnavailable(Optional<List<LlmEndpoint>> fetched, String cause) {
    assertThat(fetched).isEmpty();
    assertThat(line().path("level").textValue()).isEqualTo("ERROR");
    assertThat(line().path("event").textValue()).isEqualTo("provider_key_unavailable");
    assertThat(line().path("variable").textValue()).isEqualTo("OPENAI_API_KEY_SECRET_ARN");
    assertThat(line().path("cause").textValue()).isEqualTo(cause);
    assertThat(line().path("ProviderKeyUnavailable").intValue()).isEqualTo(1);
  }

  @Test
  void aSecretIsRequestedByItsNameOrArn() {
    fetch(secret("sk-canary"));

    var request = server.received().getFirst();
    assertThat(request.body()).isEqualTo("{\"SecretId\":\"skein/key\"}");
    assertThat(request.headers())
        .containsEntry("x-amz-target", "secretsmanager.GetSecretValue")
        .containsEntry("content-type", "application/x-amz-json-1.1");
    assertThat(line().path("event").textValue()).isEqualTo("provider_key_fetched");
    assertThat(line().path("version_id").textValue())
        .isEqualTo("0f6ea2a5-1d5b-4a43-9a3c-6f0d7a1b2c3d");
  }

  @Test
  void theStringOfASecretIsTheKey() {
    assertThat(fetch(secret(" sk-canary\n")))
        .contains(
            List.of(
                new LlmEndpoint(
                    URI.create("https://api.openai.com/v1"),
                    Optional.of("sk-canary"),
                    "gpt-6-luna")));
  }

  @Test
  void aJsonSecretHasTheKeyAndTheFailoverListAndMayHaveMore() {
    String json = "{\"OPENAI_API_KEY\":\"sk-canary-1\",\"LLM_FAILOVER\":%s,\"OWNER\":\"us\"}";

    assertThat(keys(secret(json.formatted(FAILOVER))))
        .containsExactly(Optional.of("sk-canary-1"), Optional.of("sk-canary-2"));
    // As the console's editor of keys and values stores it.
    assertThat(keys(secret(json.formatted("\"" + FAILOVER.replace("\"", "\\\"") + "\""))))
        .containsExactly(Optional.of("sk-canary-1"), Optional.of("sk-canary-2"));
    assertThat(keys(secret(json.formatted("\"\"")))).containsExactly(Optional.of("sk-canary-1"));
    assertThat(keys(secret(json.formatted("null")))).containsExactly(Optional.of("sk-canary-1"));
  }

  @Test
  void aFailoverListInTheEnvironmentPrecedesTheSecrets() {
    server.answers(
        secret("{\"OPENAI_API_KEY\":\"sk-canary-1\",\"LLM_FAILOVER\":" + FAILOVER + "}"));

    assertThat(fetch(Map.of("LLM_FAILOVER", FAILOVER.replace("canary-2", "local"))).orElseThrow())
        .extracting(LlmEndpoint::apiKey)
        .containsExactly(Optional.of("sk-canary-1"), Optional.of("sk-local"));
  }

  @Test
  void aKeyInTheEnvironmentPrecedesTheSecret() {
    assertThat(SecretConfig.from(settings(Map.of("OPENAI_API_KEY", "sk-local")))).isEmpty();
    assertThat(SecretConfig.from(new Settings(Map.of()))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "`` | Empty",
        "` ` | Empty",
        "{} | NoApiKey",
        "{\"OPENAI_API_KEY\":\"\"} | NoApiKey",
        "{\"OPENAI_API_KEY\":7} | NoApiKey",
        "{\"OPENAI_API_KEY\":{\"canary\":1}} | NoApiKey",
        "{\"openai_api_key\":\"sk-canary\"} | NoApiKey",
        "{\"OPENAI_API_KEY\":\"sk-canary\" | MalformedJson",
        "{\"OPENAI_API_KEY\":\"sk-canary\"} sk-canary | MalformedJson",
        "{\"OPENAI_API_KEY\":\"a\",\"OPENAI_API_KEY\":\"sk-canary\"} | MalformedJson",
        "sk-canary and more | InvalidApiKey",
        "\"sk-canary\u00e9\" | InvalidApiKey",
        "{\"OPENAI_API_KEY\":\"sk-\\ncanary\"} | InvalidApiKey",
        "{\"OPENAI_API_KEY\":\"k\",\"LLM_FAILOVER\":\"sk-canary\"} | InvalidFailover",
        "{\"OPENAI_API_KEY\":\"k\",\"LLM_FAILOVER\":{\"canary\":1}} | InvalidFailover",
        "{\"OPENAI_API_KEY\":\"k\",\"LLM_FAILOVER\":[{\"base_url\":\"https://sk_canary/v1\","
            + "\"model\":\"m\"}]} | InvalidFailover"
      })
  void aSecretThatCannotBeUsedIsLoggedWithTheReasonAlone(String text, String cause) {
    assertUnavailable(fetch(secret(text)), cause);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"SecretBinary\":\"c2stY2FuYXJ5\"}", "{}", "<html>canary</html>", "", "[]"})
  void aReplyWithoutASecretStringIsLogged(String body) {
    assertUnavailable(fetch(reply("200 OK", body)), "NoSecretString");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AccessDeniedException",
        "ResourceNotFoundException",
        "InvalidRequestException",
        "DecryptionFailure"
      })
  void anErrorOfSecretsManagerIsLoggedWithItsNameAndRequestId(String type) {
    assertUnavailable(fetch(error("400 Bad Request", type)), type);
    assertThat(line().path("upstream_status").intValue()).isEqualTo(400);
    assertThat(line().path("upstream_request_id").textValue()).isEqualTo("r-1");
    assertThat(server.received()).hasSize(1);
  }

  @Test
  void throttlingIsRetriedAndLoggedIfItLasts() {
    server.answers(error("400 Bad Request", "ThrottlingException"));
    assertThat(keys(secret("sk-canary"))).containsExactly(Optional.of("sk-canary"));
    lines.clear();

    server.setUsualAnswer(error("400 Bad Request", "ThrottlingException"));
    assertUnavailable(fetch(Map.of()), "ThrottlingException");
    assertThat(server.received()).hasSize(5);
  }

  @Test
  void aConnectionThatIsResetIsRetried() {
    server.answers(reset());

    assertThat(keys(secret("sk-canary"))).containsExactly(Optional.of("sk-canary"));
  }

  @Test
  void aSecretsManagerThatStallsIsGivenUpInTime() {
    server.answers(silence(), half(), silence());

    assertUnavailable(
        fetch(settings(Map.of()), Duration.ofMillis(200), AwsJsonServer.credentials()),
        "TimeoutException");
  }

  @Test
  void aSecretsManagerThatCannotBeReachedIsLogged() {
    server.close();

    assertUnavailable(fetch(Map.of()), "ConnectException");
  }

  @Test
  void missingCredentialsAreLogged() {
    AwsCredentialsProvider none =
        () -> {
          throw new IllegalStateException("no credentials");
        };

    assertUnavailable(fetch(settings(Map.of()), LONG, none), "NoCredentials");
  }

  @Test
  void theTextOfTheContentNamesVariablesOnly() {
    assertThat(SecretContent.read("sk-canary"))
        .isInstanceOf(Variables.class)
        .asString()
        .contains("OPENAI_API_KEY")
        .doesNotContain("canary");
  }
}
