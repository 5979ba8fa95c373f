package dev.skein.functions.chat;

import static dev.skein.aws.testing.AwsJsonServer.error;
import static dev.skein.aws.testing.AwsJsonServer.secret;
import static dev.skein.aws.testing.AwsJsonServer.silence;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.aws.testing.AwsJsonServer;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.runtime.Main;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The function's process with its key in Secrets Manager, from its start to a rotation. */
@Timeout(120)
class SecretKeyTest {
  private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

  private final ScriptedModel model = ScriptedModel.start();
  private final AwsJsonServer secrets = AwsJsonServer.start("secretsmanager");
  private final AwsJsonServer queue = AwsJsonServer.start("sqs");
  private RuntimeApi api;
  private Path output;
  private @Nullable Process process;
  private volatile String accepted = "sk-canary-1";

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    output = folder.resolve("log");
    api = RuntimeApi.open("arn:aws:lambda:eu-west-1:123456789012:function:chat", TIME_LIMIT);
    model.script(this::reply);
  }

  @AfterEach
  void stop() {
    Objects.requireNonNull(process).destroyForcibly();
    api.close();
    secrets.close();
    queue.close();
    model.close();
  }

  private ScriptedReply reply(ModelRequest request) {
    return request.headers().getOrDefault("authorization", "").equals("Bearer " + accepted)
        ? ScriptedReply.text("reply to: " + request.lastUserMessage())
        : ScriptedReply.error(401, "invalid_request_error", "invalid_api_key");
  }

  /** Starts an environment, and waits until it asks for its first event. */
  private void environment() throws Exception {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    builder
        .environment()
        .putAll(
            Map.ofEntries(
                Map.entry("_HANDLER", ChatFunction.class.getName()),
                Map.entry("AWS_LAMBDA_RUNTIME_API", api.address()),
                Map.entry("OPENAI_BASE_URL", model.baseUrl().toString()),
                Map.entry("OPENAI_API_KEY", ""),
                Map.entry("OPENAI_API_KEY_SECRET_ARN", "skein/key"),
                Map.entry("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url().toString()),
                Map.entry("AUDIT_QUEUE_URL", queue.url() + "/queue"),
                Map.entry("AWS_ENDPOINT_URL_SQS", queue.url().toString()),
                Map.entry("LLM_MAX_RETRIES", "0"),
                Map.entry("AWS_REGION", AwsJsonServer.REGION),
                Map.entry("AWS_ACCESS_KEY_ID", AwsJsonServer.ACCESS_KEY),
                Map.entry("AWS_SECRET_ACCESS_KEY", AwsJsonServer.SECRET_KEY),
                Map.entry("AWS_SESSION_TOKEN", AwsJsonServer.TOKEN)));
    process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    api.asked().get(30, TimeUnit.SECONDS);
  }

  private String answer() throws Exception {
    return answer("/chat", "{\"message\":\"hello\"}");
  }

  private String answer(String path, String body) throws Exception {
    var invocation = api.asked().get(30, TimeUnit.SECONDS);
    String event =
        """
        {"resource":"%s","path":"%s","httpMethod":"POST",\
        "headers":{"Content-Type":"application/json"},"requestContext":{"requestId":"r-1"},\
        "body":"%s"}\
        """
            .formatted(path, path, body.replace("\"", "\\\""));
    invocation.give(event.getBytes(UTF_8));
    var streamed = (PostedResult.Streamed) invocation.result().get(30, TimeUnit.SECONDS);
    String response = new String(streamed.body().readAllBytes(), UTF_8);
    assertThat(response).doesNotContain("canary");
    return response;
  }

  /** What the process has logged, once it has ended. */
  private String log() throws Exception {
    api.asked().get(30, TimeUnit.SECONDS);
    Process ending = Objects.requireNonNull(process);
    ending.destroy();
    ending.waitFor();
    String log = Files.readString(output);
    assertThat(log).doesNotContain("canary");
    return log;
  }

  private List<String> keys() {
    return model.received().stream().map(it -> it.headers().get("authorization")).toList();
  }

  private String records() {
    return String.join("\n", queue.received().stream().map(AwsJsonServer.Received::body).toList());
  }

  @Test
  void theKeyIsFetchedOnceWhileTheEnvironmentStarts() throws Exception {
    secrets.setUsualAnswer(secret("sk-canary-1"));
    environment();
    assertThat(secrets.received()).hasSize(1);

    assertThat(answer()).contains("\"statusCode\":200", "reply to: hello");
    assertThat(answer()).contains("\"statusCode\":200");

    assertThat(keys()).containsExactly("Bearer sk-canary-1", "Bearer sk-canary-1");
    assertThat(secrets.received()).hasSize(1);
    assertThat(records()).doesNotContain("canary");
    assertThat(log()).contains("provider_key_fetched").doesNotContain("ERROR");
  }

  @Test
  void aMissingSecretIsA503UntilItIsThere() throws Exception {
    secrets.setUsualAnswer(error("400 Bad Request", "ResourceNotFoundException"));
    environment();

    assertThat(answer())
        .contains(
            "\"statusCode\":503",
            "urn:skein:problem:model-unavailable",
            "Retry-After",
            "cannot read its API key");
    assertThat(
            answer(
                "/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"))
        .contains("\"statusCode\":503", "\"code\":\"model_unavailable\"");
    secrets.setUsualAnswer(secret("sk-canary-1"));
    String answer = answer();
    long end = System.nanoTime() + TIME_LIMIT.toNanos();
    while (!answer.contains("\"statusCode\":200") && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      answer = answer();
    }

    assertThat(answer).contains("\"statusCode\":200", "reply to: hello");
    assertThat(log())
        .contains(
            "\"event\":\"provider_key_unavailable\",\"variable\":\"OPENAI_API_KEY_SECRET_ARN\"",
            "\"cause\":\"ResourceNotFoundException\"",
            "\"reason\":\"no_api_key\"");
  }

  @Test
  void aSecretsManagerThatIsSilentDelaysNeitherTheStartNorTheAnswerForLong() throws Exception {
    secrets.setUsualAnswer(silence());
    environment();

    assertThat(answer()).contains("\"statusCode\":503", "cannot read its API key");
    assertThat(log()).contains("\"cause\":\"TimeoutException\"");
  }

  @Test
  void aRotatedKeyIsFetchedAndTheRequestIsAnsweredWithoutAnAlarm() throws Exception {
    secrets.setUsualAnswer(secret("sk-canary-1"));
    environment();
    accepted = "sk-canary-2";
    secrets.setUsualAnswer(secret("{\"OPENAI_API_KEY\":\"sk-canary-2\"}"));

    assertThat(answer())
        .contains(
            "\"statusCode\":200", "reply to: hello", "model-misconfigured, ", "X-Skein-Attempts");
    assertThat(
            answer(
                "/v1/chat/completions",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"stream\":true}"))
        .contains("\"statusCode\":200", "[DONE]");
    assertThat(keys())
        .containsExactly("Bearer sk-canary-1", "Bearer sk-canary-2", "Bearer sk-canary-2");
    assertThat(log()).contains("model_attempt_failed").doesNotContain("ERROR");
    assertThat(records()).contains("tried").doesNotContain("canary");
  }
}
