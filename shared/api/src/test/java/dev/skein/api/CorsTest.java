package dev.skein.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.ApiCall;
import dev.skein.api.testing.FakeContext;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorsTest {
  private static final String APP = "https://app.example.com";
  private static final String LIST = APP + ", http://localhost:5173";
  private static final String CORS = "Access-Control-";

  private static CorsPolicy policy(String setting) {
    return CorsPolicy.from(new Settings(Map.of("CORS_ALLOWED_ORIGINS", setting)));
  }

  private static ObjectNode event(String method, String path, String origin) {
    var event = ApiCall.event(method, path, "{}");
    ((ObjectNode) event.get("headers")).put("Origin", origin);
    return event;
  }

  private static ObjectNode preflight(String path, String origin, String requestedHeaders) {
    var event = event("OPTIONS", path, origin);
    ((ObjectNode) event.get("headers"))
        .put("Access-Control-Request-Method", "POST")
        .put("Access-Control-Request-Headers", requestedHeaders);
    return event;
  }

  private static ApiResponse answer(String setting, ObjectNode event) {
    var function =
        new ApiFunction(
            List.of(
                new Route("POST", "/echo", (_, _) -> ApiResponse.ok(Json.object())),
                new Route("GET", "/echo", (_, _) -> ApiResponse.ok(Json.object())),
                new Route(
                    "POST",
                    "/bug",
                    (_, _) -> {
                      throw new IllegalStateException("a bug");
                    }),
                new Route(
                    Route.ANY,
                    "/v1/{proxy+}",
                    ErrorFormat.OPENAI,
                    (_, _) -> {
                      throw new RefusedException(Problem.notFound("There is no such route."));
                    })),
            policy(setting),
            new Log(InstantSource.system(), _ -> {}),
            () -> 0L);
    var bytes = event.toString().getBytes(StandardCharsets.UTF_8);
    try {
      return function.answer(
          new ByteArrayInputStream(bytes), new FakeContext(Duration.ofSeconds(10)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertNoCorsHeaders(ApiResponse response) {
    assertThat(response.headers().keySet()).noneMatch(name -> name.startsWith(CORS));
  }

  @Test
  void aPreflightOfAListedOriginAllowsTheMethodsOfThePathAndEveryHeader() {
    String sdk = "authorization,content-type,x-stainless-os,x-stainless-timeout";

    var response = answer(LIST, preflight("/echo", APP, sdk));

    assertThat(response.status()).isEqualTo(204);
    assertThat(response.body()).isEqualTo(new ApiResponse.Text(""));
    assertThat(response.headers())
        .containsEntry(CORS + "Allow-Origin", APP)
        .containsEntry(CORS + "Allow-Methods", "POST, GET, HEAD")
        .containsEntry(CORS + "Allow-Headers", sdk.replace(",", ", "))
        .containsEntry(CORS + "Max-Age", "7200")
        .containsEntry("Vary", "Origin")
        .containsKey("X-Request-Id")
        .doesNotContainKey(CORS + "Allow-Credentials");
  }

  @Test
  void aPreflightOfAnUnknownPathIsAnsweredSoThatThePageCanReadThe404() {
    var preflight = answer(LIST, preflight("/v1/assistants", APP, ""));

    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.headers())
        .containsEntry(CORS + "Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
        .doesNotContainKey(CORS + "Allow-Headers");
    var request = answer(LIST, event("POST", "/v1/assistants", APP));
    assertThat(request.status()).isEqualTo(404);
    assertThat(request.headers()).containsEntry(CORS + "Allow-Origin", APP);
  }

  @Test
  void onlyNamesOfHeadersAreRepeated() {
    String requested = "x-good,,bad name,a:b,<script>,x\r\ny, ok ," + "x".repeat(101);

    assertThat(answer(LIST, preflight("/echo", APP, requested)).headers())
        .containsEntry(CORS + "Allow-Headers", "x-good, ok");
  }

  @Test
  void atMostAHundredNamesAreRepeated() {
    assertThat(answer(LIST, preflight("/echo", APP, "x,".repeat(200))).headers())
        .containsEntry(CORS + "Allow-Headers", "x, ".repeat(99) + "x");
  }

  @Test
  void anOriginThatIsNotListedGetsAnExplanationAndNoCorsHeaders() {
    for (String origin : List.of("https://other.example.com", APP + ".evil.com", "null")) {
      var preflight = answer(LIST, preflight("/echo", origin, "authorization"));

      assertThat(preflight.status()).isEqualTo(403);
      assertThat(preflight.body().toString()).contains("CORS_ALLOWED_ORIGINS");
      assertNoCorsHeaders(preflight);
      var request = answer(LIST, event("POST", "/echo", origin));
      assertThat(request.status()).isEqualTo(200);
      assertNoCorsHeaders(request);
    }
  }

  @ParameterizedTest
  @CsvSource({"POST, /echo, 200", "GET, /echo, 200", "DELETE, /echo, 405", "POST, /bug, 500"})
  void aPageCanReadEveryResponseAndItsHeaders(String method, String path, int status) {
    var response = answer(LIST, event(method, path, "http://localhost:5173"));

    assertThat(response.status()).isEqualTo(status);
    assertThat(response.headers())
        .containsEntry(CORS + "Allow-Origin", "http://localhost:5173")
        .containsEntry(CORS + "Expose-Headers", "*")
        .containsEntry("Vary", "Origin");
  }

  @Test
  void anAsteriskAllowsEveryOrigin() {
    var preflight = answer("*", preflight("/echo", "null", "authorization"));
    var request = answer("*", event("POST", "/echo", APP));

    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.headers()).containsEntry(CORS + "Allow-Origin", "*");
    assertThat(request.headers())
        .containsEntry(CORS + "Allow-Origin", "*")
        .doesNotContainKey("Vary");
  }

  @ParameterizedTest
  @ValueSource(strings = {LIST, "*"})
  void aRequestWithoutAnOriginIsAnsweredAsWithoutCors(String setting) {
    var request = ApiCall.event("POST", "/echo", "{}");
    var options = ApiCall.event("OPTIONS", "/echo", "{}");

    assertThat(answer(setting, request).body()).isEqualTo(answer("", request).body());
    assertThat(answer(setting, options).status()).isEqualTo(405);
  }

  /** Otherwise a cache could give a page a response that the page may not read. */
  @Test
  void aResponseWhoseHeadersDependOnTheOriginSaysSoWhateverTheOrigin() {
    var withoutOrigin = answer(LIST, ApiCall.event("GET", "/echo", ""));
    var otherOrigin = answer(LIST, event("GET", "/echo", "https://other.example.com"));

    assertNoCorsHeaders(withoutOrigin);
    assertThat(withoutOrigin.headers()).containsEntry("Vary", "Origin");
    assertThat(otherOrigin.headers()).containsEntry("Vary", "Origin");
    assertThat(answer("*", ApiCall.event("GET", "/echo", "")).headers())
        .containsEntry(CORS + "Allow-Origin", "*")
        .doesNotContainKey("Vary");
  }

  @Test
  void anOptionsRequestThatIsNoPreflightIsAMethodLikeAnyOther() {
    var response = answer(LIST, event("OPTIONS", "/echo", APP));

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers())
        .containsEntry("Allow", "POST, GET, HEAD")
        .containsEntry(CORS + "Allow-Origin", APP);
  }

  @Test
  void withoutTheSettingCorsIsOff() {
    var response = answer(" ", preflight("/echo", APP, "authorization"));

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers()).containsEntry("Allow", "POST, GET, HEAD");
    assertNoCorsHeaders(response);
    var request = answer("", event("POST", "/echo", APP));
    assertNoCorsHeaders(request);
    assertThat(request.headers()).doesNotContainKey("Vary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example.com",
        "HTTPS://App.Example.com",
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "https://xn--mnchen-3ya.example",
        "app://obsidian.md",
        "chrome-extension://abcdefghijklmnop",
        "http://my_host:8080"
      })
  void anOriginIsValidAsABrowserSendsIt(String origin) {
    assertThat(policy(origin).origins()).containsExactly(origin.toLowerCase(java.util.Locale.ROOT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "app.example.com",
        "localhost:5173",
        "https://app.example.com/",
        "https://app.example.com/chat",
        "https://app.example.com?a",
        "https://*.example.com",
        "https://me@app.example.com",
        "https://münchen.example",
        "https://a.example https://b.example",
        "https://",
        "null"
      })
  void anInvalidOriginIsNamedWithWhatIsValid(String origin) {
    assertThatThrownBy(() -> policy(APP + "," + origin))
        .hasMessage(
            "CORS_ALLOWED_ORIGINS contains \""
                + origin
                + "\", which is not an origin as browsers send it: a scheme, a host and, if it is"
                + " not the default, a port, without a path or a trailing slash, such as"
                + " https://app.example.com or http://localhost:5173; or \"*\" alone");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://app.example.com:443", "http://app.example.com:80"})
  void aDefaultPortIsNamed(String origin) {
    assertThatThrownBy(() -> policy(origin)).hasMessageContaining("leave out the port");
  }

  @Test
  void anAsteriskStandsAlone() {
    assertThatThrownBy(() -> policy("*, " + APP)).hasMessageContaining("use \"*\" alone");
  }
}
