package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmConfig;
import dev.skein.local.template.Deployment.ApiLimits;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Quota;
import dev.skein.local.template.Deployment.Throttle;
import dev.skein.local.template.TemplateReader;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole service with API keys and IAM signatures: what OpenAI's Java client makes of each
 * answer, and that no canary is in the output.
 */
@Timeout(180)
final class GuardedStackTest {
  private static final String ALICE = "sk-skein-canary-key-of-alice";
  private static final String BOB = "sk-skein-canary-key-of-bob";
  private static final String CAROL = "sk-skein-canary-key-of-carol";
  private static final String WRONG = "sk-skein-canary-of-a-wrong-key";
  private static final String SECRET = "canary-of-the-secret-access-key";
  private static final String MESSAGE = "canary-of-the-message";
  private static final String REPLY = "canary-of-the-reply";
  private static final String PROVIDER = "canary-of-the-providers-error";
  private static final String COOKIE = "canary-of-the-cookie";
  private static final String ADDRESS = "canary@example.com";

  private static final Map<String, GatewayResponse> GATEWAY_RESPONSES =
      TemplateReader.read(Path.of("..", "template.yaml")).gatewayResponses();

  private static final int BURST = 8;
  private static final int QUOTA = 12;

  private static final List<OpenAIClient> CLIENTS = new ArrayList<>();
  private static RunningStack world;

  @BeforeAll
  static void start() {
    Map<String, String> settings =
        Map.of(
            "API_KEYS",
            "alice:%s,bob:%s,carol:%s".formatted(ALICE, BOB, CAROL),
            "IAM_ACCESS_KEYS",
            "AKIDEXAMPLE:" + SECRET);
    var limits =
        new ApiLimits(
            Optional.of(new Throttle(1, BURST)),
            Optional.of(new Quota(QUOTA, Quota.Period.MONTH)),
            List.of());
    var variables = new HashMap<>(RunningStack.patientAudit());
    variables.put("AUDIT_CONTENT", "none");
    world = RunningStack.limited(FreePorts.settings(settings), variables, limits);
    world.model().script(_ -> ScriptedReply.text(REPLY));
  }

  @AfterAll
  static void noCanaryIsInTheOutputOrInTheTable() {
    CLIENTS.forEach(OpenAIClient::close);
    String table = world.table();
    world.close();

    for (String text : List.of(world.output(), table)) {
      assertThat(text)
          .isNotEmpty()
          .doesNotContain(
              ALICE, BOB, CAROL, WRONG, SECRET, MESSAGE, REPLY, PROVIDER, COOKIE, ADDRESS)
          .doesNotContain(RunningStack.KEY);
    }
  }

  @Test
  void theRightKeyIsServedAndItsNameIsInTheTrail() throws Exception {
    OpenAIClient client = client(ALICE, 2);
    assertThat(client.models().list().data()).isNotEmpty();
    var completion = client.chat().completions().create(ask("alice"));
    assertThat(completion.choices().getFirst().message().content()).contains(REPLY);

    RunningStack.await(
        "alice's record",
        Duration.ofSeconds(60),
        () -> world.itemsInTheTable("alice", "completed") == 1);
    String trail = curl("/audit?user_id=alice", "AKIDEXAMPLE:" + SECRET);
    assertThat(RunningStack.json(trail).at("/records/0/identity").textValue()).isEqualTo("alice");
  }

  @Test
  void aWrongKeyIsUnauthorizedAndIsNotTriedAgain() {
    int before = count(world.output(), "an unknown API key");
    OpenAIClient client = client(WRONG, 2);
    var error =
        catchThrowableOfType(
            UnauthorizedException.class, () -> client.chat().completions().create(ask("wrong")));

    assertThat(error.statusCode()).isEqualTo(401);
    assertThat(error.code()).hasValue("invalid_api_key");
    assertThat(error.getMessage()).doesNotContain(WRONG);
    assertThat(count(world.output(), "an unknown API key")).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @CsvSource({"/chat", "/analyze", "/summaries", "/v1/chat/completions", "/v1/models", "/v1/other"})
  void everyRouteAsksForAKeyInBothForms(String path) {
    var reply = world.post(path, "{\"message\":\"" + MESSAGE + "\"}", "Cookie", COOKIE);

    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.headers().get("www-authenticate")).containsExactly("Bearer");
    assertThat(reply.body().path("status").intValue()).isEqualTo(401);
    assertThat(reply.body().at("/error/message").textValue()).contains("Authorization: Bearer");
    assertThat(reply.body().toString()).doesNotContain(MESSAGE, COOKIE);
  }

  @Test
  void moreRequestsThanTheBurstAreARateLimitError() throws Exception {
    OpenAIClient client = client(BOB, 0);
    Callable<Optional<RateLimitException>> list =
        () -> {
          try {
            client.models().list();
            return Optional.empty();
          } catch (RateLimitException e) {
            return Optional.of(e);
          }
        };
    var errors = new ArrayList<RateLimitException>();
    // At once: one after another, they could take so long that none is too much.
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var listed : threads.invokeAll(Collections.nCopies(QUOTA, list))) {
        listed.get().ifPresent(errors::add);
      }
    }

    assertThat(errors)
        .isNotEmpty()
        .allSatisfy(
            error -> {
              assertThat(error.statusCode()).isEqualTo(429);
              assertThat(error.code()).hasValue("throttled");
              assertThat(error.headers().values("Retry-After")).containsExactly("1");
            });
  }

  /** The client waits and tries again when it is throttled, as it does by default. */
  @Test
  void moreRequestsThanTheQuotaAreARateLimitError() {
    OpenAIClient client = client(CAROL, 2);
    for (int i = 0; i < QUOTA; i++) {
      client.models().list();
    }

    var error = catchThrowableOfType(RateLimitException.class, () -> client.models().list());

    assertThat(error.statusCode()).isEqualTo(429);
    assertThat(error.code()).hasValue("insufficient_quota");
  }

  @Test
  void theTrailAsksForASignature() throws Exception {
    var unsigned = world.get("/audit");
    assertThat(unsigned.status()).isEqualTo(404);
    assertThat(unsigned.body().path("detail").textValue()).contains("sign");

    assertThat(
            RunningStack.json(curl("/audit?from=2026-01-01&limit=1", "AKIDEXAMPLE:" + SECRET))
                .has("records"))
        .isTrue();
    assertThat(RunningStack.json(curl("/audit?limit=1", "AKIDEXAMPLE:wrong")).path("status"))
        .hasToString("403");
  }

  /** The words are the template's, which API Gateway uses too, and say what to do. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /audit | | MISSING_AUTHENTICATION_TOKEN | must be signed with Signature Version 4",
        "HEAD | /audit | | MISSING_AUTHENTICATION_TOKEN |",
        "DELETE | /audit | | MISSING_AUTHENTICATION_TOKEN | must be signed with Signature Version"
            + " 4",
        "PATCH | /audit/chain | | MISSING_AUTHENTICATION_TOKEN | must be signed",
        "GET | /canary-of-a-path | | MISSING_AUTHENTICATION_TOKEN | Check the path",
        "GET | /canary-of-a-path | Bearer sk-skein-canary-key-of-alice |"
            + " MISSING_AUTHENTICATION_TOKEN | Check the path",
        "POST | /audit | Bearer sk-skein-canary-key-of-alice | INVALID_SIGNATURE | Sign requests"
            + " of",
        "GET | /audit | AWS4-HMAC-SHA256 canary-of-the-message | INVALID_SIGNATURE | Sign requests"
            + " of",
        "PUT | /chat | | UNAUTHORIZED | Send one",
        "BREW | /v1/models | | UNAUTHORIZED | as Authorization: Bearer KEY",
        "GET | /v1/canary-of-a-path | | UNAUTHORIZED | as Authorization: Bearer KEY",
        "GET | /v1/models | Basic canary-of-the-message | UNAUTHORIZED | Bearer KEY",
        "POST | /chat | Bearer sk-skein-canary-of-a-wrong-key | INVALID_API_KEY | Ask the operator",
      })
  void aRefusalHasTheTemplatesWordsAndRepeatsNothing(
      String method,
      String path,
      @Nullable String authorization,
      String name,
      @Nullable String words)
      throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create(world.stack().api() + path + "?q=" + MESSAGE + "&user_id=" + ADDRESS))
            .header("Cookie", COOKIE)
            .method(method, BodyPublishers.ofString("{\"message\":\"" + MESSAGE + "\"}"));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    HttpResponse<String> response;
    try (HttpClient http = HttpClient.newHttpClient()) {
      response = http.send(request.build(), BodyHandlers.ofString());
    }

    GatewayResponse expected = Objects.requireNonNull(GATEWAY_RESPONSES.get(name));
    String id = response.headers().firstValue("X-Request-Id").orElseThrow();
    assertThat(response.statusCode()).isEqualTo(expected.status());
    expected
        .headers()
        .forEach(
            (header, value) ->
                assertThat(response.headers().firstValue(header))
                    .hasValue(value.replace("$context.requestId", id)));
    assertThat(response.headers().toString()).doesNotContain("canary");
    if (!method.equals("HEAD")) {
      assertThat(response.body())
          .isEqualTo(expected.body().replace("$context.requestId", id))
          .contains(Objects.requireNonNull(words))
          .doesNotContain("canary");
    }
  }

  /** What may go wrong with canaries in each part of a request. */
  @Test
  void noErrorRepeatsACanary() {
    world
        .model()
        .enqueue(
            ScriptedReply.json(
                400, "{\"error\":{\"message\":\"%s %s\"}}".formatted(PROVIDER, MESSAGE)));
    var bodies =
        List.of(
            "{\"message\":\"" + MESSAGE + "\"}",
            "{\"message\":\"" + MESSAGE,
            "{\"message\":\"%s\",\"temperature\":\"%s\"}".formatted(MESSAGE, ADDRESS),
            "{\"message\":[\"" + MESSAGE + "\"]}",
            "\"" + MESSAGE + "\"",
            "{\"message\":\"x\",\"user_id\":\"" + ADDRESS.repeat(20) + "\"}");
    for (String body : bodies) {
      var reply = world.postAs(ALICE, "/chat", body, COOKIE);
      assertThat(reply.status()).as(body).isBetween(400, 499);
      assertThat(reply.body().toString()).doesNotContain(ALICE, MESSAGE, PROVIDER, COOKIE, ADDRESS);
    }
  }

  private static OpenAIClient client(String key, int retries) {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(world.stack().api() + "/v1")
            .apiKey(key)
            .maxRetries(retries)
            .build();
    CLIENTS.add(client);
    return client;
  }

  private static ChatCompletionCreateParams ask(String user) {
    return ChatCompletionCreateParams.builder()
        .model(LlmConfig.DEFAULT_MODEL)
        .addUserMessage(MESSAGE)
        .putAdditionalBodyProperty("user", JsonValue.from(user))
        .build();
  }

  private static String curl(String path, String user) throws IOException {
    var process =
        new ProcessBuilder(
                "curl",
                "-sS",
                world.stack().api() + path,
                "--aws-sigv4",
                "aws:amz:us-east-1:execute-api",
                "--user",
                user)
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static int count(String text, String part) {
    return text.split(part, -1).length - 1;
  }
}
