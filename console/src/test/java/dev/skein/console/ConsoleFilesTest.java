package dev.skein.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.http.IncomingBody;
import dev.skein.http.IncomingRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files the console has, and what a browser is told about them. */
class ConsoleFilesTest {
  private final ConsoleFiles files = new ConsoleFiles();

  private Optional<ConsoleFiles.Response> get(String path) {
    return respond("GET", path, Map.of());
  }

  @SuppressWarnings("NullAway") // no body is read
  private Optional<ConsoleFiles.Response> respond(
      String method, String path, Map<String, String> headers) {
    var all = new HashMap<>(headers);
    all.putIfAbsent("host", "127.0.0.1:8080");
    IncomingBody none = null;
    return files.respond(
        new IncomingRequest(method, path, "HTTP/1.1", all, Map.of("host", List.of("x")), none),
        path);
  }

  @Test
  void everyFileIsServedWithItsTypeAndEverySecurityHeader() {
    var types =
        Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");
    var names = new TreeSet<>(WebRulesTest.files().keySet());
    names.addAll(List.of("uPlot.esm.js", "uPlot.min.css"));
    for (String name : names) {
      var response = get("/console/" + name).orElseThrow();
      assertThat(response.status()).as(name).isEqualTo(200);
      assertThat(response.body()).as(name).isNotEmpty();
      assertThat(response.headers())
          .as(name)
          .containsEntry("Content-Type", types.get(name.substring(name.lastIndexOf('.') + 1)))
          .containsEntry("Content-Security-Policy", ConsoleFiles.CONTENT_SECURITY_POLICY)
          .containsEntry("X-Content-Type-Options", "nosniff")
          .containsEntry("Referrer-Policy", "no-referrer")
          .containsEntry("Cross-Origin-Resource-Policy", "same-origin")
          .containsEntry("Cache-Control", "no-cache");
    }
  }

  @Test
  void thePolicyAllowsNothingButTheConsolesOwnFiles() {
    assertThat(ConsoleFiles.CONTENT_SECURITY_POLICY)
        .startsWith(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors"
                + " 'none'")
        .doesNotContain("unsafe", "*", "http:", "https:", "blob:");
  }

  @Test
  void theRootIsThePage() {
    assertThat(new String(get("/").orElseThrow().body(), StandardCharsets.UTF_8))
        .isEqualTo(WebRulesTest.files().get("index.html"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console",
        "/console/",
        "/console/nothing.js",
        "/console/../ConsoleFiles.class",
        "/console/..%2FConsoleFiles.class",
        "/console/../../../../META-INF/MANIFEST.MF",
        "/console/web/app.js",
        "/console//app.js",
        "/console/app.js/",
        "/console/.js",
        "/console/..js",
        "/console/app.JS",
        "/console/app.js\0",
        "/console/LICENSE",
        "/app.js",
        "/audit",
        "//",
      })
  void noOtherPathIsAFile(String path) {
    assertThat(get(path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"POST, /", "DELETE, /console/app.js", "OPTIONS, /", "PUT, /console/app.js"})
  void noOtherMethodIsAnswered(String method, String path) {
    assertThat(respond(method, path, Map.of())).isEmpty();
  }

  @Test
  void aFileThatTheBrowserHasIsNotSentAgain() {
    String etag = get("/console/app.js").orElseThrow().headers().getOrDefault("ETag", "");

    var again = respond("GET", "/console/app.js", Map.of("if-none-match", etag)).orElseThrow();
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.headers()).containsEntry("ETag", etag);

    var other = respond("GET", "/console/app.js", Map.of("if-none-match", "\"x\"")).orElseThrow();
    assertThat(other.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "0.0.0.0"})
  void aHostThatIsNotThisMachineGetsNoFile(String host) {
    var response = respond("GET", "/", Map.of("host", host)).orElseThrow();

    assertThat(response.status()).isEqualTo(403);
    assertThat(response.headers()).containsEntry("Content-Type", "application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:8080", "localhost:8080", "localhost", "[::1]:8080"})
  void everyNameOfThisMachineGetsThePage(String host) {
    assertThat(respond("GET", "/", Map.of("host", host)).orElseThrow().status()).isEqualTo(200);
  }
}
