package dev.skein.local.front;

import static dev.skein.local.testing.Sockets.all;
import static dev.skein.local.testing.Sockets.refuses;
import static dev.skein.local.testing.Sockets.upTo;
import static dev.skein.local.testing.Waiting.until;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.testing.Screen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a front door without routes says on the wire: a request that it understands is a 403. */
@Timeout(60)
final class CallerConnectionTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String GET = "GET /a HTTP/1.1\r\nHost: x\r\n";
  private static final String POST = "POST /a HTTP/1.1\r\nHost: x\r\n";
  private static final String CLOSE = "Connection: close\r\n";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Screen screen = new Screen();
  private FrontDoor door = open(LONG, LONG);

  @AfterEach
  void close() {
    door.close();
    assertThat(screen.text()).doesNotContain("the front door failed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GET + CLOSE + "\r\n",
        "\r\n" + GET + CLOSE + "\r\n",
        "GET /a HTTP/1.0\r\n\r\n",
        "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "get /a HTTP/1.1\r\nHOST: x\r\nCONNECTION: Upgrade, CLOSE\r\nUpgrade: h2c\r\n\r\n",
        "BREW //x HTTP/1.1\r\nHost: x\r\n" + CLOSE + "\r\n",
        "GET http://x/a?b HTTP/1.1\r\nHost: x\r\n" + CLOSE + "\r\n",
        "GET //a/%C3%A9+?a={b}|[c]&%20=%2B HTTP/1.1\r\nHost: x\r\n" + CLOSE + "\r\n",
        POST + CLOSE + "Content-Length: 2\r\n\r\nab",
        POST + CLOSE + "Transfer-Encoding: Chunked\r\n\r\n1;x=y\r\na\r\n0\r\nT: v\r\n\r\n",
      })
  void aValidRequestIsAnsweredAndItsConnectionClosed(String request) throws IOException {
    assertThat(exchange(request))
        .startsWith("HTTP/1.1 403 Forbidden\r\n")
        .contains("\r\nConnection: close\r\n")
        .endsWith("\r\n\r\n{\"message\":\"Missing Authentication Token\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /% HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
        "GET / HTTP/9\r\nHost: x\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        GET + "Host: y\r\n\r\n",
        GET + "no colon\r\n\r\n",
        GET + "Space : x\r\n\r\n",
        GET + "Folded: x\r\n y\r\n\r\n",
        GET + "Null: \0\r\n\r\n",
        GET + "Return: x\ry\r\n\r\n",
        POST + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        POST + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        POST + "Content-Length: +1\r\n\r\na",
        POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: gzip\r\n\r\n",
        POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n",
        POST + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      })
  void aMalformedRequestIsAProblemAndItsConnectionClosed(String request) throws Exception {
    String response = exchange(request + GET + "\r\n");

    assertThat(response)
        .startsWith("HTTP/1.1 400 Bad Request\r\n")
        .contains("\r\nConnection: close\r\n")
        .doesNotContain("Exception", "<");
    assertThat(problem(response).path("detail").textValue())
        .startsWith("The request is not valid HTTP/1.1: ");
    assertThat(problem(response).path("type").textValue()).endsWith(":malformed-request");
  }

  /** The document, which has both forms of errors, and the request's ID. */
  private static JsonNode problem(String response) throws IOException {
    assertThat(response).contains("\r\nContent-Type: application/problem+json\r\n");
    JsonNode problem = JSON.readTree(response.substring(response.indexOf("\r\n\r\n") + 4));
    assertThat(response)
        .contains(
            "\r\nX-Request-Id: "
                + problem.path("instance").textValue().substring("urn:skein:request:".length()));
    assertThat(response).startsWith("HTTP/1.1 " + problem.path("status").intValue() + " ");
    assertThat(problem.at("/error/message")).isEqualTo(problem.path("detail"));
    assertThat(problem.path("type").textValue())
        .isEqualTo("urn:skein:problem:" + problem.at("/error/code").textValue().replace('_', '-'));
    return problem;
  }

  @ParameterizedTest
  @CsvSource({
    "'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', HTTP/2 is not supported",
    "'\u0016\u0003\u0001\u0002\u0000\u0001', the URL must start with http://"
  })
  void anotherProtocolIsNamed(String bytes, String name) throws IOException {
    assertThat(exchange(bytes)).startsWith("HTTP/1.1 400 Bad Request\r\n").contains(name);
    assertThat(screen.text()).contains(name);
  }

  @Test
  void aHeadOverTheLimitOfApiGatewayIsTooLarge() throws IOException {
    String limit = "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    assertThat(problem(exchange(GET + "A: " + "x".repeat(10_240) + "\r\n\r\n")).path("type"))
        .hasToString("\"urn:skein:problem:headers-too-large\"");
    assertThat(exchange(GET + "A: " + "x".repeat(10_240) + "\r\n\r\n")).startsWith(limit);
    assertThat(exchange("GET /" + "x".repeat(10_240) + " HTTP/1.1\r\n\r\n")).startsWith(limit);
    assertThat(exchange(GET + "A: b\r\n".repeat(201) + "\r\n")).startsWith(limit);
    assertThat(exchange(GET + CLOSE + "A: " + "x".repeat(10_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 403 ");
  }

  @Test
  void aConnectionServesRequestsOneAfterAnother() throws IOException {
    String post = POST + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    try (Socket caller = connect()) {
      for (int i = 0; i < 1500; i++) {
        send(caller, post);
        assertThat(upTo(caller, "\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        send(caller, "x");
        assertThat(upTo(caller, "}")).startsWith("HTTP/1.1 403 ");
      }
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws IOException {
    String all = GET + "\r\n" + POST + "Content-Length: 1\r\n\r\nx" + GET + CLOSE + "\r\n";

    assertThat(exchange(all).split("HTTP/1.1 403 ", -1)).hasSize(4);
  }

  @Test
  void anAbsoluteTargetWithoutAPathIsThePageOfTheConsole() throws IOException {
    assertThat(exchange("GET HTTP://x?b HTTP/1.1\r\nHost: x\r\n" + CLOSE + "\r\n"))
        .startsWith("HTTP/1.1 403 Forbidden\r\n")
        .contains("The console responds only at 127.0.0.1 and localhost.");
  }

  @Test
  void aHeadRequestGetsTheLengthAndNoBody() throws IOException {
    assertThat(exchange("HEAD /a HTTP/1.1\r\nHost: x\r\n" + CLOSE + "\r\n"))
        .contains("\r\nContent-Length: 42\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void aCallerIsNotAskedForABodyThatIsTooLarge() throws IOException {
    String head = "Expect: 100-continue\r\nContent-Length: 7000000\r\n\r\n";

    assertThat(exchange(POST + head)).startsWith("HTTP/1.1 413 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTT",
        GET,
        POST + "Content-Length: 2\r\n\r\na",
        POST + "Transfer-Encoding: chunked\r\n\r\n2\r\na"
      })
  void aRequestThatDoesNotArriveInTimeIsATimeout(String part) throws IOException {
    door.close();
    door = open(SHORT, LONG);

    String response = exchange(part);

    assertThat(response).startsWith("HTTP/1.1 408 Request Timeout\r\n");
    assertThat(problem(response).path("type")).hasToString("\"urn:skein:problem:request-timeout\"");
  }

  @Test
  void aConnectionWithoutARequestIsClosedAfterAWhile() throws IOException {
    door.close();
    door = open(LONG, SHORT);

    assertThat(exchange("")).isEmpty();
    assertThat(exchange(GET + "\r\n")).startsWith("HTTP/1.1 403 ");
  }

  @Test
  void closingEndsIdleConnectionsAtOnce() throws IOException {
    try (Socket idle = connect();
        Socket fresh = connect()) {
      send(idle, GET + "\r\n");
      upTo(idle, "}");

      door.close();

      assertThat(all(idle)).isEmpty();
      assertThat(all(fresh)).isEmpty();
    }
  }

  @Test
  void closingLetsARequestArrive() throws Exception {
    try (Socket caller = connect()) {
      send(caller, POST + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n");
      upTo(caller, "\r\n\r\n");
      Thread closing = Thread.ofVirtual().start(door::close);
      until("it accepts no more connections", () -> refuses(door.uri().getPort()));
      send(caller, "x");

      assertThat(all(caller)).startsWith("HTTP/1.1 403 ").contains("\r\nConnection: close\r\n");
      closing.join();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTT",
        GET,
        POST + "Content-Length: 2\r\n\r\na",
        POST + "Transfer-Encoding: chunked\r\n\r\n2\r\na"
      })
  void aCallerThatDisconnectsWithinItsRequestIsForgotten(String part) throws IOException {
    try (Socket caller = connect()) {
      send(caller, part);
      caller.shutdownOutput();
      assertThat(all(caller)).isEmpty();
    }

    door.close();

    assertThat(screen.text()).doesNotContain("did not finish in time");
  }

  private FrontDoor open(Duration timeout, Duration idle) {
    return FrontDoor.open(
        new FrontDoor.Plan(0, timeout, LONG, idle, Duration.ofSeconds(5), 64 * 1024),
        List.of(),
        Map.of(),
        screen.console());
  }

  private Socket connect() throws IOException {
    Socket caller = new Socket(InetAddress.getLoopbackAddress(), door.uri().getPort());
    caller.setSoTimeout((int) LONG.toMillis());
    return caller;
  }

  /** Everything that comes back until the server closes the connection. */
  private String exchange(String request) throws IOException {
    try (Socket caller = connect()) {
      send(caller, request);
      return all(caller);
    }
  }

  private static void send(Socket caller, String text) throws IOException {
    caller.getOutputStream().write(text.getBytes(ISO_8859_1));
  }
}
