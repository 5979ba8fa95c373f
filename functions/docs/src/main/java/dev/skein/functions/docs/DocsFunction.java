package dev.skein.functions.docs;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.skein.api.ApiFunction;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.Problem;
import dev.skein.api.RefusedException;
import dev.skein.api.Route;
import dev.skein.base.Deadline;
import dev.skein.base.Log;
import dev.skein.base.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * {@code GET /openapi.json}: the OpenAPI document. {@code GET /docs}: a page that shows it with
 * Swagger UI, and {@code GET /docs/{asset+}}: the files of this page, all of them from this
 * function's own zip. It needs no credentials, and calls nobody. Thread-safe.
 */
public final class DocsFunction implements RequestStreamHandler {

  /** No script but the files, nothing from elsewhere, and no page around this one. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy", POLICY,
          "X-Content-Type-Options", "nosniff",
          "Referrer-Policy", "no-referrer",
          "Cache-Control", "public, max-age=3600");

  private final ApiResponse document = file("openapi.json", "application/json");
  private final ApiResponse page = file("docs.html", "text/html; charset=utf-8");
  private final Map<String, ApiResponse> assets;
  private final ApiFunction api;

  /** The function in Lambda. */
  public DocsFunction() {
    this(Log.standard(new Settings(System.getenv())));
  }

  DocsFunction(Log log) {
    String viewer = "/META-INF/resources/webjars/swagger-ui/" + viewerVersion() + "/";
    this.assets =
        Map.of(
            "docs.js", file("docs.js", "text/javascript; charset=utf-8"),
            "swagger-ui-bundle.js",
                file(viewer + "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
            "swagger-ui.css", file(viewer + "swagger-ui.css", "text/css; charset=utf-8"));
    this.api =
        new ApiFunction(
            List.of(
                new Route("GET", "/openapi.json", (_, _) -> document),
                new Route("GET", "/docs", (_, _) -> page),
                new Route("GET", "/docs/{asset+}", this::asset)),
            log,
            System::nanoTime);
  }

  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
    api.serve(event, response, context);
  }

  private ApiResponse asset(ApiRequest request, Deadline deadline) throws RefusedException {
    String path = request.path();
    ApiResponse asset = assets.get(path.substring(path.indexOf("/docs/") + "/docs/".length()));
    if (asset == null) {
      throw new RefusedException(Problem.notFound("The page /docs has no such file."));
    }
    return asset;
  }

  private static ApiResponse file(String name, String contentType) {
    return new ApiResponse(200, HEADERS, read(name)).with(Map.of("Content-Type", contentType));
  }

  /** The version of the library, which is a part of its files' names. */
  private static String viewerVersion() {
    var properties = new Properties();
    try (InputStream file = open("/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "");
  }

  private static String read(String name) {
    try (InputStream file = open(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String name) {
    InputStream file = DocsFunction.class.getResourceAsStream(name);
    if (file == null) {
      throw new IllegalStateException("the zip lacks " + name);
    }
    return file;
  }
}
