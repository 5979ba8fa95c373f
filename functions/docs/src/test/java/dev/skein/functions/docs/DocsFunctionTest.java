package dev.skein.functions.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.api.testing.ApiCall;
import dev.skein.api.testing.FakeContext;
import dev.skein.base.Log;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocsFunctionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DocsFunction docs = new DocsFunction(new Log(InstantSource.system(), _ -> {}));

  private JsonNode get(String path) throws IOException {
    return call("GET", path);
  }

  private JsonNode call(String method, String path) throws IOException {
    var response = new ByteArrayOutputStream();
    docs.handleRequest(
        new ByteArrayInputStream(
            ApiCall.event(method, path, "").toString().getBytes(StandardCharsets.UTF_8)),
        response,
        new FakeContext(Duration.ofSeconds(5)));
    return JSON.readTree(response.toByteArray());
  }

  @Test
  void theDocumentIsOpenApi() throws IOException {
    JsonNode response = get("/openapi.json");

    assertThat(response.path("statusCode").asInt()).isEqualTo(200);
    assertThat(response.at("/headers/Content-Type").asText()).isEqualTo("application/json");
    assertThat(JSON.readTree(response.path("body").asText()).path("openapi").asText())
        .startsWith("3.1.");
  }

  @Test
  void everyFileOfThePageIsServedWithTheTypeThatABrowserWants() throws IOException {
    String page = get("/docs").path("body").asText();
    List<String> files =
        Pattern.compile("(?:src|href)=\"docs/([^\"]+)\"")
            .matcher(page)
            .results()
            .map(it -> it.group(1))
            .toList();

    assertThat(files).hasSize(3);
    for (String file : files) {
      JsonNode response = get("/docs/" + file);
      assertThat(response.path("statusCode").asInt()).as(file).isEqualTo(200);
      assertThat(response.at("/headers/Content-Type").asText())
          .isEqualTo((file.endsWith(".css") ? "text/css" : "text/javascript") + "; charset=utf-8");
      assertThat(response.path("body").asText()).isNotEmpty();
    }
  }

  @Test
  void aResponseIsWithinLambdasLimit() throws IOException {
    assertThat(get("/docs/swagger-ui-bundle.js").toString().length()).isLessThan(6_000_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/docs", "/openapi.json", "/docs/docs.js"})
  void thePageMayLoadNothingFromElsewhereAndRunNoScriptButItsFiles(String path) throws IOException {
    JsonNode headers = get(path).path("headers");

    assertThat(headers.path("Content-Security-Policy").asText())
        .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "*", "http");
    assertThat(headers.path("X-Content-Type-Options").asText()).isEqualTo("nosniff");
    assertThat(headers.path("Referrer-Policy").asText()).isEqualTo("no-referrer");
  }

  @Test
  void thePageNamesNoOtherOrigin() throws IOException {
    assertThat(get("/docs").path("body").asText() + get("/docs/docs.js").path("body").asText())
        .doesNotContain("//cdn", "https:", "http:");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /docs/goose.js, 404",
    "GET, /docs/../docs.html, 404",
    "GET, /docs/oauth2-redirect.html, 404",
    "POST, /docs, 405",
    "DELETE, /openapi.json, 405",
    "HEAD, /docs, 200"
  })
  void anythingElseIsAProblem(String method, String path, int status) throws IOException {
    assertThat(call(method, path).path("statusCode").asInt()).isEqualTo(status);
  }
}
