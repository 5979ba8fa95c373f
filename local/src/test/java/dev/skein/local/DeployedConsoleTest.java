package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.console.ConsoleServer;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * The console of a deployed stack in front of one that checks API keys and IAM signatures, as API
 * Gateway does.
 */
@Timeout(180)
final class DeployedConsoleTest {
  private static final String KEY = "sk-skein-canary-key-of-the-console";
  private static final String SECRET = "canary-of-the-secret-access-key";

  private static final List<String> NOTES = new CopyOnWriteArrayList<>();
  private static RunningStack world;

  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    Map<String, String> settings =
        Map.of("API_KEYS", "console:" + KEY, "IAM_ACCESS_KEYS", "AKIDEXAMPLE:" + SECRET);
    world =
        RunningStack.start(
            FreePorts.settings(settings), new HashMap<>(RunningStack.patientAudit()));
    world.model().script(_ -> ScriptedReply.text("a reply"));
  }

  @AfterAll
  static void noSecretIsInTheOutput() {
    world.close();
    assertThat(world.output() + NOTES).doesNotContain(KEY, SECRET);
  }

  private static ConsoleServer console(String secret, Map<String, String> environment)
      throws IOException {
    return ConsoleServer.start(
        new String[] {"--url=" + world.stack().api(), "--port=0"},
        environment,
        StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", secret)),
        NOTES::add);
  }

  private static Map<String, String> environment(String key) {
    return Map.of("AWS_REGION", "us-east-1", "SKEIN_API_KEY", key);
  }

  private HttpRequest.Builder request(ConsoleServer console, String path) {
    URI page = console.page();
    return HttpRequest.newBuilder(page.resolve(path))
        .header("X-Skein-Console-Token", page.getFragment().substring("token=".length()));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/audit",
        "/audit?limit=5",
        "/audit?user_id=a%20b%2Bc%3D%26&status=503",
        "/audit?user_id=%C3%A9%F0%9F%98%80&model=openai/gpt~x*y(z)",
        "/audit?error=model-cut&from=2026-01-01T00:00:00.000Z&to=2026-01-02T00%3A00%3A00Z",
        "/audit?limit=5&cursor=",
      })
  void aReadThatTheConsoleSignsPasses(String path) throws Exception {
    try (ConsoleServer console = console(SECRET, environment(KEY))) {
      HttpResponse<String> response = send(request(console, path));

      // A query that is not valid is refused by the reader, behind the signature's check.
      assertThat(response.statusCode()).as(response.body()).isIn(200, 422);
      assertThat(response.body()).containsAnyOf("\"records\"", "invalid-request");
    }
  }

  @Test
  void aReadThatNobodySignsDoesNot() {
    assertThat(world.get("/audit").status()).isEqualTo(404);
  }

  @Test
  void aReadThatIsSignedWithAnotherSecretDoesNot() throws Exception {
    try (ConsoleServer console = console("another-secret", environment(KEY))) {
      HttpResponse<String> response = send(request(console, "/audit"));

      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(response.body()).contains("invalid-signature");
    }
  }

  @Test
  void aRequestWithoutTheTokenOfThePageIsNotSigned() throws Exception {
    try (ConsoleServer console = console(SECRET, environment(KEY))) {
      HttpResponse<String> response =
          send(HttpRequest.newBuilder(console.page().resolve("/audit")));

      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(response.body()).contains("token is missing").doesNotContain("records");
    }
  }

  @Test
  void anErasureIsNotForwarded() throws Exception {
    try (ConsoleServer console = console(SECRET, environment(KEY))) {
      HttpRequest.Builder request =
          request(console, "/audit?user_id=alice").header("Origin", origin(console)).DELETE();

      assertThat(send(request).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aChatHasTheKeyAndStreamsToItsEnd() throws Exception {
    try (ConsoleServer console = console(SECRET, environment(KEY))) {
      HttpResponse<String> response = send(chat(console));

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/event-stream");
      assertThat(response.body()).contains("event: delta", "event: done");
    }
  }

  @Test
  void aChatWithoutAKeyIsUnauthorized() throws Exception {
    try (ConsoleServer console = console(SECRET, environment(""))) {
      HttpResponse<String> response = send(chat(console));

      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.body()).contains("urn:skein:problem:unauthorized");
    }
  }

  private HttpRequest.Builder chat(ConsoleServer console) {
    return request(console, "/chat")
        .header("Origin", origin(console))
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString("{\"message\":\"Hello\",\"stream\":true}"));
  }

  private static String origin(ConsoleServer console) {
    return "http://127.0.0.1:" + console.page().getPort();
  }
}
