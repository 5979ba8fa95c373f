package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skein.local.services.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ModelCheckTest {
  private final List<String> received = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private String url;
  private int status = 200;
  private String body = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(Ports.loopback(0), 0);
    server.createContext("/", this::answer);
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      received.add(
          exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
      exchange.getResponseHeaders().set("Location", url + "/elsewhere");
      exchange.sendResponseHeaders(status, 0);
      exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Optional<String> warning(String key, String model) {
    return new ModelCheck(url, key, model).start().join();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3.2:latest", "llama3.2", "models/llama3.2"})
  void aListedModelNeedsNoWarning(String listed) {
    body = "{\"data\":[{\"id\":\"other\"},{\"id\":\"" + listed + "\"}]}";

    assertThat(warning("", "llama3.2")).isEmpty();
    assertThat(received).containsExactly("/v1/models null");
  }

  @Test
  void aModelThatIsNotListedIsReportedWithThoseThatAre() {
    body = "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}";

    assertThat(warning("", "smollm2"))
        .hasValue(
            url + " does not list the model smollm2, but a, b. Set OPENAI_MODEL, and restart.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "{\"data\":[]}", "{\"data\":7}", "[]"})
  void aReplyThatIsNoListOfModelsSaysNothing(String reply) {
    body = reply;

    assertThat(warning("", "smollm2")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 404, 405, 429, 500})
  void aServerThatDoesNotShowItsListIsNotSuspected(int answered) {
    status = answered;

    assertThat(warning("", "smollm2")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"k, rejects the API key", "'', requires an API key"})
  void aRejectedKeyIsReported(String key, String expected) {
    status = 401;

    assertThat(warning(key, "m")).get().asString().contains(expected, "OPENAI_API_KEY");
  }

  @Test
  void theKeyIsSentToTheBaseUrlAndARedirectIsNotFollowed() {
    status = 302;

    assertThat(warning("sk-canary", "m")).isEmpty();
    assertThat(received).containsExactly("/v1/models Bearer sk-canary");
  }

  @Test
  void aServerThatDoesNotRunIsReported() {
    server.stop(0);

    assertThat(warning("", "m"))
        .get()
        .asString()
        .contains(url + " cannot be reached", "OPENAI_BASE_URL");
  }

  @Test
  void aSilentServerIsReportedAfterTwoSeconds() throws IOException {
    try (var silent = new ServerSocket()) {
      silent.bind(Ports.loopback(0));
      var check = new ModelCheck("http://127.0.0.1:" + silent.getLocalPort(), "", "m");
      long start = System.nanoTime();

      assertThat(check.start().join()).get().asString().contains("did not respond within 2 s");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aListThatDoesNotEndIsReportedAndItsConnectionClosed() throws IOException {
    try (var endless = new ServerSocket()) {
      endless.bind(Ports.loopback(0));
      var warning = new ModelCheck("http://127.0.0.1:" + endless.getLocalPort(), "", "m").start();
      try (var connection = endless.accept()) {
        connection.setSoTimeout(10_000);
        connection
            .getOutputStream()
            .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        connection.getInputStream().transferTo(OutputStream.nullOutputStream());
      }
      assertThat(warning.join()).get().asString().contains("did not respond within 2 s");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "127.0.0.1:1", "ftp://host/v1", "http://a_b/v1", "http://a b/"})
  void aUrlThatTheFunctionsRejectIsLeftToThem(String invalid) {
    assertThat(new ModelCheck(invalid, "", "m").start().join()).isEmpty();
  }
}
