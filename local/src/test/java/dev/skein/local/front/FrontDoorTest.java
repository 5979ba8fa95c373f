package dev.skein.local.front;

import static dev.skein.local.testing.Sockets.refuses;
import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.handlers.ScriptedFunction;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(Lifecycle.PER_CLASS)
final class FrontDoorTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Map<String, GatewayResponse> DECLARED =
      Map.of(
          "MISSING_AUTHENTICATION_TOKEN",
              new GatewayResponse(
                  404,
                  Map.of(
                      "Content-Type",
                      "application/problem+json",
                      "X-Request-Id",
                      "$context.requestId"),
                  "{\"instance\":\"$context.requestId\"}"),
          "THROTTLED", new GatewayResponse(429, Map.of("Retry-After", "1"), "busy"),
          "INTEGRATION_TIMEOUT", new GatewayResponse(504, Map.of(), "late"),
          "DEFAULT_5XX", new GatewayResponse(502, Map.of(), "bad gateway"));

  private final HttpClient http = HttpClient.newHttpClient();
  private final Screen screen = new Screen();
  private final ChildProcesses children = ChildProcesses.guarded();
  private FunctionPool pool;
  private FrontDoor door;

  @BeforeAll
  void open(@TempDir Path folder) {
    pool =
        FunctionPool.open(
            TestFunctions.of("Scripted", ScriptedFunction.class, folder),
            new FunctionPool.Context(
                TestFunctions.RUNTIME, folder.resolve("work"), Map.of(), Map.of(), Map.of()),
            new FunctionPool.Limits(1, 1000, PATIENCE),
            children,
            screen.console());
    door = open(PATIENCE);
  }

  @AfterEach
  void closeConnections() {
    assertThat(screen.text()).doesNotContain("the front door failed");
  }

  @AfterAll
  void close() {
    door.close();
    pool.close();
    children.close();
    http.close();
  }

  @Test
  void theFunctionSeesARestProxyEvent() throws Exception {
    HttpResponse<String> response =
        http.send(
            to("/any?a=1&b=two+words&a=%C3%A9&flag")
                .header("Content-Type", "application/json")
                .header("x-odd", "one")
                .header("x-odd", "two")
                .header("User-Agent", "a test")
                .method("PUT", BodyPublishers.ofString("{\"text\": \"é\"}"))
                .build(),
            BodyHandlers.ofString());

    JsonNode event = JSON.readTree(response.body());
    assertThat(event.path("resource").asText()).isEqualTo("/any");
    assertThat(event.path("path").asText()).isEqualTo("/any");
    assertThat(event.path("httpMethod").asText()).isEqualTo("PUT");
    assertThat(event.path("headers").path("Content-Type").asText()).isEqualTo("application/json");
    assertThat(event.path("headers").path("X-Odd").asText()).isEqualTo("two");
    assertThat(event.path("headers").path("X-Forwarded-For").asText()).isEqualTo("127.0.0.1");
    assertThat(event.path("multiValueHeaders").path("X-Odd").toString())
        .isEqualTo("[\"one\",\"two\"]");
    assertThat(event.path("queryStringParameters").toString())
        .isEqualTo("{\"a\":\"é\",\"b\":\"two words\",\"flag\":\"\"}");
    assertThat(event.path("multiValueQueryStringParameters").toString())
        .isEqualTo("{\"a\":[\"1\",\"é\"],\"b\":[\"two words\"],\"flag\":[\"\"]}");
    assertThat(event.get("pathParameters").isNull()).isTrue();
    assertThat(event.get("stageVariables").isNull()).isTrue();
    assertThat(event.path("body").asText()).isEqualTo("{\"text\": \"é\"}");
    assertThat(event.path("isBase64Encoded").isBoolean()).isTrue();
    assertThat(event.path("isBase64Encoded").asBoolean()).isFalse();

    JsonNode context = event.path("requestContext");
    assertThat(context.path("requestId").asText())
        .isEqualTo(response.headers().firstValue("x-amzn-RequestId").orElseThrow());
    assertThat(context.path("stage").asText()).isEqualTo("local");
    assertThat(context.path("httpMethod").asText()).isEqualTo("PUT");
    assertThat(context.path("path").asText()).isEqualTo("/any");
    assertThat(context.path("resourcePath").asText()).isEqualTo("/any");
    assertThat(context.path("protocol").asText()).isEqualTo("HTTP/1.1");
    assertThat(context.path("accountId").asText()).isEqualTo("000000000000");
    assertThat(context.path("requestTimeEpoch").asLong())
        .isCloseTo(System.currentTimeMillis(), org.assertj.core.api.Assertions.within(60_000L));
    assertThat(context.path("requestTime").asText())
        .matches("\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000");
    assertThat(context.path("identity").path("sourceIp").asText()).isEqualTo("127.0.0.1");
    assertThat(context.path("identity").path("userAgent").asText()).isEqualTo("a test");
    assertThat(context.path("identity").path("apiKeyId").asText()).isEqualTo("local");
    assertThat(context.path("identity").get("userArn").isNull()).isTrue();
  }

  @Test
  void aCallerOfAnIamRouteIsCalledLocal() throws Exception {
    JsonNode event = JSON.readTree(get("/iam").body());

    JsonNode identity = event.path("requestContext").path("identity");
    assertThat(identity.path("userArn").asText()).isEqualTo("local");
    assertThat(identity.get("apiKeyId").isNull()).isTrue();
    assertThat(event.get("body").isNull()).isTrue();
    assertThat(event.get("queryStringParameters").isNull()).isTrue();
    assertThat(event.get("multiValueQueryStringParameters").isNull()).isTrue();
  }

  @Test
  void binaryBodiesArriveAsBase64() throws Exception {
    byte[] bytes = {(byte) 0xc3, (byte) 0x28, 0};

    HttpResponse<String> response =
        http.send(
            to("/any").POST(BodyPublishers.ofByteArray(bytes)).build(), BodyHandlers.ofString());

    JsonNode event = JSON.readTree(response.body());
    assertThat(event.path("isBase64Encoded").asBoolean()).isTrue();
    assertThat(event.path("body").asText()).isEqualTo(Base64.getEncoder().encodeToString(bytes));
  }

  @Test
  void statusHeadersAndBodyComeFromTheFunction() throws Exception {
    HttpResponse<String> response =
        raw(
            "{\"statusCode\":418,\"headers\":{\"X-One\":\"1\",\"Content-Length\":\"999\"},"
                + "\"multiValueHeaders\":{\"X-Many\":[\"a\",\"b\"]},\"body\":\"é\"}");

    assertThat(response.statusCode()).isEqualTo(418);
    assertThat(response.headers().allValues("X-One")).containsExactly("1");
    assertThat(response.headers().allValues("X-Many")).containsExactly("a", "b");
    assertThat(response.body()).isEqualTo("é");
  }

  @Test
  void anInvalidProxyResponseIsABadGateway() throws Exception {
    for (String answer :
        List.of(
            "not json",
            "",
            "null",
            "[]",
            "{}",
            "{\"statusCode\":\"x\"}",
            "{\"statusCode\":99}",
            "{\"statusCode\":200,\"body\":{}}",
            "{\"statusCode\":200,\"headers\":[]}",
            "{\"statusCode\":200,\"headers\":{\"A\":\"b\\nc\"}}",
            "{\"statusCode\":200,\"isBase64Encoded\":true,\"body\":\"%\"}",
            "{\"statusCode\":200} {}")) {
      HttpResponse<String> response = raw(answer);
      assertThat(response.statusCode()).as(answer).isEqualTo(502);
      assertThat(response.body()).as(answer).isEqualTo("bad gateway");
    }
    assertThat(screen.text()).contains("Scripted returned an invalid proxy response");
  }

  @Test
  void anEmptyAnswerHasNoBody() throws Exception {
    HttpResponse<String> response = raw("{\"statusCode\":204,\"body\":\"ignored\"}");

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(response.body()).isEmpty();
    HttpResponse<String> head =
        http.send(
            to("/any").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/open/models, /open/models, ",
    "/open/models/a/b%2Fc, /open/models/{model+}, {\"model\":\"a/b/c\"}",
    "/open/models/, /open/{proxy+}, {\"proxy\":\"models/\"}",
    "/open/other, /open/{proxy+}, {\"proxy\":\"other\"}",
  })
  void theMostSpecificPathHasTheRequestAndItsParameter(
      String path, String resource, String parameters) throws Exception {
    JsonNode event = JSON.readTree(get(path).body());

    assertThat(event.path("resource").asText()).isEqualTo(resource);
    assertThat(event.at("/requestContext/resourcePath").asText()).isEqualTo(resource);
    assertThat(event.get("pathParameters").toString())
        .isEqualTo(parameters == null ? "null" : parameters);
  }

  @Test
  void aMethodsOwnRouteComesBeforeTheOneForAnyMethod() throws Exception {
    JsonNode delete =
        JSON.readTree(
            http.send(
                    to("/any").method("DELETE", BodyPublishers.noBody()).build(),
                    BodyHandlers.ofString())
                .body());

    assertThat(delete.at("/requestContext/identity/userArn").asText()).isEqualTo("local");
    assertThat(JSON.readTree(get("/any").body()).at("/requestContext/identity/userArn").isNull())
        .isTrue();
  }

  @Test
  void aGreedyPathDoesNotMatchItsPrefixAlone() throws Exception {
    assertThat(get("/open/").statusCode()).isEqualTo(404);
    assertThat(get("/open").statusCode()).isEqualTo(404);
  }

  @Test
  void anUnknownRouteIsAnsweredByTheGateway() throws Exception {
    HttpResponse<String> response = get("/nowhere");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    String id = response.headers().firstValue("x-amzn-RequestId").orElseThrow();
    assertThat(response.headers().firstValue("x-request-id")).hasValue(id);
    assertThat(response.body()).isEqualTo("{\"instance\":\"" + id + "\"}");
    assertThat(get("/any/").statusCode()).isEqualTo(404);
    assertThat(get("/anything").statusCode()).isEqualTo(404);
  }

  @Test
  void anUndeclaredMethodIsAnUnknownRoute() throws Exception {
    assertThat(get("/post").statusCode()).isEqualTo(404);
    assertThat(post("/post", "echo").statusCode()).isEqualTo(200);
  }

  @Test
  void aFailedFunctionIsABadGatewayWithoutDetails() throws Exception {
    for (String script : List.of("throw", "exit")) {
      HttpResponse<String> response = post("/any", script);
      assertThat(response.statusCode()).as(script).isEqualTo(502);
      assertThat(response.body()).as(script).isEqualTo("bad gateway");
    }
    assertThat(post("/any", "echo").statusCode()).isEqualTo(200);
  }

  @Test
  void aFunctionSlowerThanTheGatewayIsAGatewayTimeout(@TempDir Path folder) throws Exception {
    Path gate = folder.resolve("gate");
    post("/any", "echo");
    try (FrontDoor impatient = open(Duration.ofMillis(300))) {
      HttpRequest request =
          HttpRequest.newBuilder(impatient.uri().resolve("/any"))
              .POST(BodyPublishers.ofString("hold " + gate))
              .build();

      HttpResponse<String> late = http.send(request, BodyHandlers.ofString());
      HttpResponse<String> refused =
          http.send(
              HttpRequest.newBuilder(impatient.uri().resolve("/any"))
                  .POST(BodyPublishers.ofString("echo"))
                  .build(),
              BodyHandlers.ofString());

      assertThat(late.statusCode()).isEqualTo(504);
      assertThat(late.body()).isEqualTo("late");
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      Files.delete(gate);
    }
  }

  @Test
  void aRequestThatOnlyReadsIsServedWhileEveryEnvironmentIsBusy(@TempDir Path folder)
      throws Exception {
    Path gate = folder.resolve("gate");
    CompletableFuture<HttpResponse<String>> held =
        http.sendAsync(
            to("/any").POST(BodyPublishers.ofString("hold " + gate)).build(),
            BodyHandlers.ofString());
    until("it runs", () -> Files.exists(gate));

    assertThat(get("/any").statusCode()).isEqualTo(200);
    for (String method : List.of("HEAD", "OPTIONS")) {
      HttpRequest request = to("/any").method(method, BodyPublishers.noBody()).build();
      assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    Files.delete(gate);
    assertThat(held.get().statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyOverSixMegabytesIsTooLarge() throws Exception {
    byte[] body = new byte[6 * 1024 * 1024 + 1];
    HttpResponse<String> known =
        http.send(
            to("/any").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());
    HttpResponse<String> chunked =
        http.send(
            to("/any")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)))
                .build(),
            BodyHandlers.ofString());
    HttpResponse<String> asEvent =
        http.send(
            to("/any")
                .POST(BodyPublishers.ofByteArray("x".repeat(body.length - 1).getBytes(UTF_8)))
                .build(),
            BodyHandlers.ofString());

    assertThat(known.statusCode()).isEqualTo(413);
    assertThat(chunked.statusCode()).isEqualTo(413);
    assertThat(asEvent.statusCode()).isEqualTo(413);
    assertThat(post("/any", "echo").statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyTooLargeForTheFreeMemoryIsThrottled() throws Exception {
    post("/any", "echo");
    try (FrontDoor small = open(Duration.ofSeconds(2), 100)) {
      URI uri = small.uri().resolve("/any");
      HttpRequest large =
          HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("x".repeat(110 * 1024))).build();
      HttpRequest fitting =
          HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("x".repeat(90 * 1024))).build();

      assertThat(http.send(large, BodyHandlers.ofString()).statusCode()).isEqualTo(429);
      assertThat(http.send(fitting, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      assertThat(http.send(fitting, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aBodyThatDoesNotArriveTimesOut() throws Exception {
    try (FrontDoor impatient = open(Duration.ofMillis(300));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), impatient.uri().getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write("POST /any HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc".getBytes(UTF_8));
      out.flush();

      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void closingWaitsForRequestsInFlight(@TempDir Path folder) throws Exception {
    Path gate = folder.resolve("gate");
    FrontDoor closing = open(PATIENCE);
    CompletableFuture<HttpResponse<String>> inFlight = hold(closing, gate);

    Thread close = Thread.ofVirtual().start(closing::close);
    until("it accepts no more connections", () -> refuses(closing.uri().getPort()));
    Files.delete(gate);

    assertThat(inFlight.get().statusCode()).isEqualTo(200);
    close.join();
  }

  @Test
  void aResponseMayTakeLongerThanAnIdleConnectionStaysOpen(@TempDir Path folder) throws Exception {
    Path gate = folder.resolve("gate");
    try (FrontDoor impatient = open(PATIENCE, Duration.ofMillis(100), 64 * 1024)) {
      CompletableFuture<HttpResponse<String>> inFlight = hold(impatient, gate);
      try (Socket idle = new Socket(InetAddress.getLoopbackAddress(), impatient.uri().getPort())) {
        assertThat(idle.getInputStream().read()).isEqualTo(-1);
      }
      Files.delete(gate);

      assertThat(inFlight.get().statusCode()).isEqualTo(200);
    }
  }

  @Test
  void everyRequestIsALineOnTheConsole() throws Exception {
    post("/post", "echo");
    get("/nowhere");

    until("the first", () -> screen.text().matches("(?s).*POST /post 200 \\d+ ms\\b.*"));
    until("the second", () -> screen.text().contains("no such route"));
  }

  private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

  @ParameterizedTest
  @CsvSource({"/, text/html", "/console/app.js, text/javascript", "/console/style.css, text/css"})
  void theConsolesFilesAreServedWithoutALine(String path, String type) throws Exception {
    String before = screen.text();
    HttpResponse<String> response = get(path);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'");
    assertThat(screen.text()).isEqualTo(before);
  }

  @Test
  void aFileThatTheCallerHasIsNotSentAgain() throws Exception {
    String etag = get("/").headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> response =
        http.send(to("/").header("If-None-Match", etag).build(), BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(304);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void aRouteOfTheTemplateTakesPrecedenceOverAFile() throws Exception {
    assertThat(JSON.readTree(get("/console/icon.svg").body()).path("resource").asText())
        .isEqualTo("/console/icon.svg");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /console/nothing.js",
    "GET, /console/..%2Fapp.js",
    "POST, /",
    "POST, /console/app.js"
  })
  void whatIsNoFileIsNoRoute(String method, String path) throws Exception {
    HttpResponse<String> response =
        http.send(
            to(path).method(method, BodyPublishers.ofString("")).build(), BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).startsWith("{\"instance\":");
  }

  private FrontDoor open(Duration patience) {
    return open(patience, 64 * 1024);
  }

  private FrontDoor open(Duration patience, int bodiesKib) {
    return open(patience, PATIENCE, bodiesKib);
  }

  private FrontDoor open(Duration patience, Duration idle, int bodiesKib) {
    return FrontDoor.open(
        new FrontDoor.Plan(0, patience, patience, idle, Duration.ofSeconds(10), bodiesKib),
        List.of(
            new FrontDoor.Target(new Route("ANY", "/any", false), pool),
            new FrontDoor.Target(new Route("DELETE", "/any", true), pool),
            new FrontDoor.Target(new Route("POST", "/post", false), pool),
            new FrontDoor.Target(new Route("ANY", "/open/{proxy+}", false), pool),
            new FrontDoor.Target(new Route("ANY", "/open/models", false), pool),
            new FrontDoor.Target(new Route("ANY", "/open/models/{model+}", false), pool),
            new FrontDoor.Target(new Route("ANY", "/console/icon.svg", false), pool),
            new FrontDoor.Target(new Route("GET", "/iam", true), pool)),
        DECLARED,
        screen.console());
  }

  /** A request in flight until the gate, a file, is deleted. */
  private CompletableFuture<HttpResponse<String>> hold(FrontDoor at, Path gate) throws Exception {
    CompletableFuture<HttpResponse<String>> inFlight =
        http.sendAsync(
            HttpRequest.newBuilder(at.uri().resolve("/any"))
                .POST(BodyPublishers.ofString("hold " + gate))
                .build(),
            BodyHandlers.ofString());
    until("it is in flight", () -> Files.exists(gate));
    return inFlight;
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(door.uri().resolve(path));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(to(path).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return http.send(to(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  /** Lets the function return exactly that. */
  private HttpResponse<String> raw(String answer) throws IOException, InterruptedException {
    return post("/any", "raw " + Base64.getEncoder().encodeToString(answer.getBytes(UTF_8)));
  }
}
