package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser asks for a page, and reads, when the template's parameter lists its origin. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class CorsTest {
  private static final String APP = "https://app.example.com";
  private static final String PARAMETER = "CorsAllowedOrigins:\n    Type: String\n    Default: ";
  private static final String HEADERS = "authorization,content-type,x-stainless-os";
  private static final String ALLOW_ORIGIN = "access-control-allow-origin";

  private final HttpClient http = HttpClient.newHttpClient();
  private RunningStack world;

  @BeforeAll
  void start(@TempDir Path folder) {
    world =
        RunningStack.edited(
            folder, Map.of(PARAMETER + "\"\"", PARAMETER + "\"" + APP + ", http://localhost\""));
    world.model().script(_ -> ScriptedReply.text("well"));
  }

  @AfterAll
  void stop() {
    http.shutdownNow();
    world.close();
  }

  private HttpResponse<String> send(
      String method, String path, String origin, String body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(world.stack().api() + path))
            .headers("Origin", origin, "Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> preflight(String path, String origin) throws Exception {
    return send(
        "OPTIONS",
        path,
        origin,
        "",
        "Access-Control-Request-Method",
        "POST",
        "Access-Control-Request-Headers",
        HEADERS);
  }

  @ParameterizedTest
  @CsvSource({
    "/chat, POST",
    "/v1/chat/completions, POST",
    "/v1/completions, POST",
    "/v1/embeddings, POST",
    "/v1/models, 'GET, HEAD'",
    "/v1/models/a/b, 'GET, HEAD'",
    "/v1/responses, 'GET, HEAD, POST, PUT, PATCH, DELETE'",
    "/analyze, POST",
    "/summaries, POST"
  })
  void aPreflightIsAnsweredOnEveryPath(String path, String methods) throws Exception {
    var response = preflight(path, APP);

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(response.headers().firstValue(ALLOW_ORIGIN)).contains(APP);
    assertThat(response.headers().firstValue("access-control-allow-methods")).contains(methods);
    assertThat(response.headers().firstValue("access-control-allow-headers"))
        .contains(HEADERS.replace(",", ", "));
    assertThat(response.headers().firstValue("vary")).contains("Origin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /chat | {\"message\":\"x\"} | 200",
        "POST | /chat | {} | 422",
        "PUT | /chat | {} | 405",
        "POST | /v1/chat/completions | {\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} |"
            + " 200",
        "POST | /v1/chat/completions | {} | 400",
        "GET | /v1/models | '' | 200",
        "POST | /v1/responses | {} | 404",
        "POST | /analyze | {\"text\":\"x\"} | 200"
      })
  void aPageCanReadEveryResponseOfTheFunctions(String method, String path, String body, int status)
      throws Exception {
    var response = send(method, path, APP, body);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().allValues(ALLOW_ORIGIN)).containsExactly(APP);
    assertThat(response.headers().firstValue("access-control-expose-headers")).contains("*");
  }

  @Test
  void aPageCanReadWhatTheModelFailedWith() throws Exception {
    world.model().enqueue(ScriptedReply.status(400, Map.of(), "{}"));

    var response = send("POST", "/chat", APP, "{\"message\":\"x\"}");

    assertThat(response.statusCode()).isEqualTo(422);
    assertThat(response.headers().firstValue(ALLOW_ORIGIN)).contains(APP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/chat", "/v1/chat/completions"})
  void aPageCanReadAStream(String path) {
    String body =
        "{\"stream\":true,"
            + (path.equals("/chat")
                ? "\"message\":\"x\"}"
                : "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");

    try (var caller =
        StreamingCaller.post(world.stack().api(), path, body, "Origin: " + APP + "\r\n")) {
      assertThat(caller.headers())
          .containsEntry(ALLOW_ORIGIN, APP)
          .containsEntry("content-type", "text/event-stream; charset=utf-8");
      assertThat(caller.events()).isNotEmpty();
    }
  }

  @Test
  void aPageCanReadTheErrorsOfApiGateway() throws Exception {
    var response = send("GET", "/nowhere", APP, "");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue(ALLOW_ORIGIN)).contains("*");
  }

  @Test
  void aPageOfAnotherOriginIsRefused() throws Exception {
    var preflight = preflight("/v1/chat/completions", "https://other.example.com");
    var request = send("GET", "/v1/models", "https://other.example.com", "");

    assertThat(preflight.statusCode()).isEqualTo(403);
    assertThat(preflight.body()).contains("\"code\":\"origin_not_allowed\"");
    assertThat(preflight.headers().firstValue(ALLOW_ORIGIN)).isEmpty();
    assertThat(request.statusCode()).isEqualTo(200);
    assertThat(request.headers().firstValue(ALLOW_ORIGIN)).isEmpty();
  }
}
