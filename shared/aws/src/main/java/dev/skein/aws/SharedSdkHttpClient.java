package dev.skein.aws;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Lets an AWS SDK client send over the function's own {@link HttpClient}: one connection pool and
 * one TLS stack for everything, where the SDK's own HTTP clients would add a second. Request and
 * response bodies are held in memory; a response of more than 64 MiB fails. Thread-safe. Closing it
 * leaves the shared client open.
 */
public final class SharedSdkHttpClient implements SdkHttpClient {
  /** DynamoDB returns up to 16 MB in a batch, which JSON can make several times as large. */
  private static final long MAX_RESPONSE_BYTES = 64 << 20;

  private final Supplier<HttpClient> http;

  public SharedSdkHttpClient(HttpClient http) {
    this(() -> http);
  }

  /** Sends over a client that is asked for with each request, and may still be built now. */
  public SharedSdkHttpClient(Supplier<HttpClient> http) {
    this.http = http;
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new SdkCall(request);
  }

  @Override
  public String clientName() {
    return "java.net.http";
  }

  @Override
  public void close() {
    // The shared client is closed by its owner.
  }

  private final class SdkCall implements ExecutableHttpRequest {
    private final HttpExecuteRequest request;
    private final CompletableFuture<CompletableFuture<?>> sent = new CompletableFuture<>();

    private SdkCall(HttpExecuteRequest request) {
      this.request = request;
    }

    @Override
    public HttpExecuteResponse call() throws IOException {
      var exchange =
          http.get()
              .sendAsync(
                  toJdk(request),
                  BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_RESPONSE_BYTES));
      sent.complete(exchange);
      try {
        return toSdk(exchange.get());
      } catch (InterruptedException e) {
        // An SDK timeout interrupts the caller: without this the exchange would run on.
        exchange.cancel(true);
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } catch (CancellationException e) {
        // An SDK timeout aborts the call before it interrupts the caller.
        throw new InterruptedIOException("aborted");
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      }
    }

    @Override
    public void abort() {
      var _ = sent.thenAccept(exchange -> exchange.cancel(true));
    }
  }

  private static HttpRequest toJdk(HttpExecuteRequest execution) throws IOException {
    SdkHttpRequest request = execution.httpRequest();
    var builder =
        HttpRequest.newBuilder(request.getUri()).method(request.method().name(), body(execution));
    SdkHeaders.copy(request, builder);
    return builder.build();
  }

  private static BodyPublisher body(HttpExecuteRequest execution) throws IOException {
    var provider = execution.contentStreamProvider();
    if (provider.isEmpty()) {
      return BodyPublishers.noBody();
    }
    try (InputStream content = provider.get().newStream()) {
      return BodyPublishers.ofByteArray(content.readAllBytes());
    }
  }

  private static HttpExecuteResponse toSdk(HttpResponse<byte[]> response) {
    return HttpExecuteResponse.builder()
        .response(
            SdkHttpResponse.builder()
                .statusCode(response.statusCode())
                .headers(response.headers().map())
                .build())
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(response.body())))
        .build();
  }
}
