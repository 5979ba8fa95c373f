package dev.skein.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** Posts to an HTTP API, over connections that it keeps, and reads what streams back. */
final class HttpCaller implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final URI api;
  private final HttpClient http;

  /**
   * @param api without a path
   */
  HttpCaller(URI api) {
    this.api = api;
    this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  /** Over TLS. */
  HttpCaller(URI api, SSLContext trust) {
    this.api = api;
    this.http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trust).build();
  }

  TokenStream stream(StreamedRoute route) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(api.resolve(route.path()))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(route.body()))
            .build();
    long asked = System.nanoTime();
    HttpResponse<InputStream> reply = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = reply.body()) {
      if (reply.statusCode() != 200) {
        throw new MeasurementException(request.uri() + " answered " + reply.statusCode());
      }
      return TokenStream.read(body, asked);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
