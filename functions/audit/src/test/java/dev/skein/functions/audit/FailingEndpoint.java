package dev.skein.functions.audit;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A DynamoDB that answers every call with the same error, over a real socket. */
final class FailingEndpoint implements AutoCloseable {
  private final HttpServer server;
  private final AtomicInteger calls = new AtomicInteger();

  private FailingEndpoint(HttpServer server) {
    this.server = server;
  }

  static FailingEndpoint answering(int status, String code) {
    try {
      var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      var endpoint = new FailingEndpoint(server);
      byte[] body =
          "{\"__type\":\"com.amazonaws.dynamodb.v20120810#%s\",\"message\":\"the service's prose\"}"
              .formatted(code)
              .getBytes(StandardCharsets.US_ASCII);
      server.createContext(
          "/",
          exchange -> {
            endpoint.calls.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      return endpoint;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:%d".formatted(server.getAddress().getPort()));
  }

  /** How often it was asked. */
  int calls() {
    return calls.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
