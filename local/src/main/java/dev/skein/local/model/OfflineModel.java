package dev.skein.local.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An offline stand-in for a model, on 127.0.0.1, with the OpenAI protocol. It performs the analysis
 * tasks of Skein's functions with word lists and word counts, and answers any other chat by saying
 * what it is. It calls a function that the caller requires or that the text names, and fills a
 * schema with sample values. The same request always gets the same reply.
 *
 * <p>Thread-safe. A request body is at most 8 MiB.
 */
public final class OfflineModel implements AutoCloseable {
  private static final int MAX_BODY = 8 * 1024 * 1024;
  private static final String MODELS =
      """
      {"object":"list","data":[{"id":"%s","object":"model","created":0,"owned_by":"skein"}]}\
      """
          .formatted(OfflineCompletion.MODEL);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private OfflineModel(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", OfflineModel::handle);
    server.start();
  }

  /**
   * Starts to serve.
   *
   * @param port 0 for any free one
   * @throws java.net.BindException if the port is in use
   */
  public static OfflineModel start(int port) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new OfflineModel(HttpServer.create(address, 1024));
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops at once; calls in flight are cut. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        route(exchange);
      } catch (ApiException e) {
        send(exchange, e.status(), e.json());
      }
    }
  }

  private static void route(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestURI().getPath()) {
      case "/v1/chat/completions" -> {
        requireMethod(exchange, "POST");
        chat(exchange);
      }
      case "/v1/models" -> {
        requireMethod(exchange, "GET");
        send(exchange, 200, MODELS);
      }
      default ->
          throw new ApiException(
              404,
              "unknown_url",
              "The only routes are POST /v1/chat/completions and GET /v1/models.");
    }
  }

  private static void requireMethod(HttpExchange exchange, String method) {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new ApiException(405, "method_not_allowed", "This path supports only " + method + ".");
    }
  }

  private static void chat(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (body.length > MAX_BODY) {
      throw new ApiException(413, "too_large", "The body is larger than 8 MiB.");
    }
    ChatRequest request = ChatRequest.parse(body);
    if (request.stream()) {
      stream(exchange, request);
    } else {
      send(exchange, 200, OfflineCompletion.of(request).json().toString());
    }
  }

  private static void stream(HttpExchange exchange, ChatRequest request) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      for (JsonNode chunk : OfflineCompletion.of(request).chunks(request.includeUsage())) {
        event(out, chunk.toString());
      }
      event(out, "[DONE]");
    }
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
