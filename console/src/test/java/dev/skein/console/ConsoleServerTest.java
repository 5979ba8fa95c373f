package dev.skein.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.http.IncomingRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What is forwarded to a deployed API, for whom, and what is not. */
@Timeout(60)
class ConsoleServerTest {
  private static final String KEY = "sk-skein-canary-of-the-key";
  private static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(
          AwsBasicCredentials.create("AKIDEXAMPLE", "canary-of-the-secret-access-key"));

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> notes = new CopyOnWriteArrayList<>();
  private FakeApi api;
  private ConsoleServer console;
  private String origin;
  private String token;

  @BeforeEach
  void start() throws IOException {
    api = new FakeApi();
    open(CREDENTIALS, api.url());
  }

  private void open(AwsCredentialsProvider credentials, URI url) throws IOException {
    console =
        ConsoleServer.start(
            new String[] {"--url=" + url, "--port=0"},
            Map.of("SKEIN_API_KEY", KEY, "AWS_REGION", "eu-central-1"),
            credentials,
            notes::add);
    String page = console.page().toString();
    origin = page.substring(0, page.indexOf("/#"));
    token = page.substring(page.indexOf("token=") + "token=".length());
  }

  @AfterEach
  void stop() {
    console.close();
    api.close();
    http.shutdownNow();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(origin + path))
        .header(AccessCheck.TOKEN_HEADER, token);
  }

  private HttpRequest.Builder chat() {
    return request("/chat")
        .header("Origin", origin)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString("{\"message\":\"x\"}"));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void aReadOfTheTrailIsSignedWithTheOperatorsCredentials() throws Exception {
    send(request("/audit?user_id=a%20b%2Bc&status=503").header("Accept", "text/csv"));

    IncomingRequest received = api.requests.getFirst();
    assertThat(received.path()).isEqualTo("/api/audit?user_id=a%20b%2Bc&status=503");
    assertThat(received.header("Authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        .contains("/eu-central-1/execute-api/aws4_request");
    assertThat(received.header("Accept")).isEqualTo("text/csv");
    assertThat(received.headers().toString()).doesNotContain(KEY, token, "canary");
  }

  @Test
  void aChatHasTheOperatorsApiKeyAndNoSignature() throws Exception {
    api.goOn.countDown();
    send(chat());

    IncomingRequest received = api.requests.getFirst();
    assertThat(received.header("Authorization")).isEqualTo("Bearer " + KEY);
    assertThat(api.bodies).containsExactly("{\"message\":\"x\"}");
    assertThat(received.headers()).doesNotContainKeys("x-amz-date", "origin", "cookie");
  }

  @Test
  void aKeyThatThePageSendsTakesPrecedence() throws Exception {
    api.goOn.countDown();
    send(chat().header("Authorization", "Bearer of-the-page"));

    assertThat(api.requests.getFirst().header("Authorization")).isEqualTo("Bearer of-the-page");
  }

  @Test
  void anErrorOfTheApiIsPassedOnWithTheHeadersThatThePageShowsAndNoOthers() throws Exception {
    HttpResponse<String> response = send(request("/v1/models"));

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body()).isEqualTo("{}");
    assertThat(response.headers().map())
        .containsEntry("retry-after", List.of("7"))
        .containsEntry("x-skein-tried", List.of("m ok"))
        .containsEntry("cache-control", List.of("no-store"))
        .doesNotContainKeys("set-cookie", "access-control-allow-origin");
  }

  @Test
  void aStreamPassesPieceByPiece() throws Exception {
    HttpResponse<InputStream> response = http.send(chat().build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      // Had it been buffered, it would never arrive: the API waits.
      assertThat(new String(body.readNBytes(FakeApi.FIRST.length()), UTF_8))
          .isEqualTo(FakeApi.FIRST);
      api.goOn.countDown();
      assertThat(new String(body.readAllBytes(), UTF_8)).isEqualTo(FakeApi.SECOND);
    }
  }

  @Test
  void aStreamThatTheApiCutsIsCutForThePageToo() throws Exception {
    api.cut = true;
    api.goOn.countDown();

    assertThatThrownBy(() -> send(chat())).isInstanceOf(IOException.class);
  }

  @Test
  void theCallEndsWhenThePageLeaves() throws Exception {
    api.endless = true;
    HttpResponse<InputStream> response = http.send(chat().build(), BodyHandlers.ofInputStream());
    response.body().close();
    api.goOn.countDown();

    assertThat(api.gone.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE /audit?user_id=alice",
        "POST /audit",
        "GET /audit/chain",
        "GET /audit/",
        "GET /audit/../chat",
        "GET /AUDIT",
        "GET /chat",
        "POST /v1/chat/completions",
        "GET /v1/models/gpt-6-luna",
        "GET /nowhere",
      })
  void noOtherRouteIsForwarded(String line) throws Exception {
    String[] parts = line.split(" ", 2);
    HttpResponse<String> response =
        send(request(parts[1]).header("Origin", origin).method(parts[0], BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("urn:skein:problem:not-found");
    assertThat(api.requests).isEmpty();
  }

  /** Each is what an attack has: a name of its own, another page's origin, or no token. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /audit | evil.example:PORT | | | TOKEN | only at 127.0.0.1",
        "GET | /audit | 127.0.0.1.evil.example | | | TOKEN | only at 127.0.0.1",
        "GET | / | evil.example | | | TOKEN | only at 127.0.0.1",
        "GET | /console/app.js | evil.example | | | TOKEN | only at 127.0.0.1",
        "GET | /audit | 127.0.0.1:PORT | http://evil.example | | TOKEN | only to its own page",
        "GET | /audit | 127.0.0.1:PORT | http://localhost:PORT | | TOKEN | only to its own page",
        "GET | /audit | 127.0.0.1:PORT | http://127.0.0.1:1 | | TOKEN | only to its own page",
        "GET | /audit | 127.0.0.1:PORT | null | | TOKEN | only to its own page",
        "GET | /audit | 127.0.0.1:PORT | | cross-site | TOKEN | only to its own page",
        "GET | /audit | 127.0.0.1:PORT | | same-site | TOKEN | only to its own page",
        "GET | /audit | 127.0.0.1:PORT | | none | TOKEN | only to its own page",
        "POST | /chat | 127.0.0.1:PORT | | | TOKEN | only to its own page",
        "POST | /chat | 127.0.0.1:PORT | http://evil.example | cross-site | TOKEN | only to its"
            + " own",
        "OPTIONS | /chat | 127.0.0.1:PORT | http://evil.example | cross-site | | only to its own",
        "GET | /audit | 127.0.0.1:PORT | | same-origin | | token is missing",
        "GET | /audit | 127.0.0.1:PORT | | same-origin | wrong | token is missing",
        "POST | /chat | 127.0.0.1:PORT | http://127.0.0.1:PORT | same-origin | | token is missing",
      })
  void onlyTheConsolesOwnPageIsServed(
      String method,
      String path,
      String host,
      @Nullable String origin,
      @Nullable String site,
      @Nullable String token,
      String reason)
      throws Exception {
    String response = raw(method, path, host, origin, site, token);

    assertThat(response).startsWith("HTTP/1.1 403 ").contains(reason);
    assertThat(response).doesNotContainIgnoringCase("access-control-allow");
    assertThat(api.requests).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "localhost:9000"})
  void anyNameOfThisMachineIsServed(String host) throws Exception {
    String own = "http://" + host;
    assertThat(raw("GET", "/audit", host, own, "same-origin", "TOKEN")).startsWith("HTTP/1.1 429");
    assertThat(raw("GET", "/", host, null, "none", null)).startsWith("HTTP/1.1 200");
  }

  private String raw(
      String method,
      String path,
      String host,
      @Nullable String origin,
      @Nullable String site,
      @Nullable String sent)
      throws IOException {
    int port = console.page().getPort();
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    head.append("Host: " + host + "\r\nConnection: close\r\n");
    head.append(origin == null ? "" : "Origin: " + origin + "\r\n");
    head.append(site == null ? "" : "Sec-Fetch-Site: " + site + "\r\n");
    head.append(sent == null ? "" : AccessCheck.TOKEN_HEADER + ": " + sent + "\r\n");
    String text = head.toString().replace("PORT", Integer.toString(port)).replace("TOKEN", token);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write((text + "\r\n").getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void withoutCredentialsThePageSaysSoAndTheTerminalSaysWhy() throws Exception {
    console.close();
    open(
        () -> {
          throw SdkClientException.create("tried everything in vain");
        },
        api.url());
    HttpResponse<String> response = send(request("/audit"));

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.body()).contains("no AWS credentials").doesNotContain("in vain");
    assertThat(notes).singleElement().asString().contains("tried everything in vain");
    assertThat(api.requests).isEmpty();
  }

  @Test
  void anApiThatCannotBeReachedIsABadGateway() throws Exception {
    api.close();
    HttpResponse<String> response = send(request("/v1/models"));

    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.body()).contains("urn:skein:problem:bad-gateway");
    assertThat(notes.toString()).doesNotContain(KEY, token);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/audit?%zz", "/audit?user_id=a|b", "/v1/models?x=a|b", "/audit?x=a b"})
  void aQueryThatIsNoQueryIsABadRequest(String path) throws Exception {
    String response = raw("GET", path, "127.0.0.1:PORT", null, "same-origin", "TOKEN");

    assertThat(response).startsWith("HTTP/1.1 400 ").contains("urn:skein:problem:bad-request");
    assertThat(api.requests).isEmpty();
  }

  @Test
  void aUrlInCapitalsLeadsToTheApi() throws Exception {
    console.close();
    open(CREDENTIALS, URI.create(api.url().toString().replace("http://", "HTTP://")));

    assertThat(send(request("/audit")).statusCode()).isEqualTo(429);
    assertThat(send(request("/v1/models")).statusCode()).isEqualTo(429);
  }

  @Test
  void aPortThatIsTakenIsNamedWithTheSettingForAnother() {
    int taken = console.page().getPort();
    String[] arguments = {"--url=" + api.url(), "--port=" + taken};

    assertThatThrownBy(
            () ->
                ConsoleServer.start(
                    arguments, Map.of("AWS_REGION", "eu-central-1"), CREDENTIALS, notes::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Port " + taken + " of 127.0.0.1")
        .hasMessageContaining("-Dconsole.port");
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() throws Exception {
    HttpResponse<String> response =
        send(chat().POST(BodyPublishers.ofByteArray(new byte[6 * 1024 * 1024 + 1])));

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(api.requests).isEmpty();
  }

  @Test
  void theTokenIsInTheFragmentWhichNoServerReceives() {
    assertThat(console.page().getFragment()).isEqualTo("token=" + token);
    assertThat(token).hasSizeGreaterThanOrEqualTo(32);
  }
}
