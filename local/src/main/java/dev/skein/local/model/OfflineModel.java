package dev.skein.local.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An offline stand-in for a model, on 127.0.0.1, with the OpenAI protocol. It performs the analysis
 * tasks of Skein's functions with word lists and word counts, and answers any other chat by saying
 * what it is. It calls a function that the caller requires or that the text names, and fills a
 * schema with sample values. It continues every text in the same way, and makes embeddings of a
 * text's words. The same request always gets the same reply.
 *
 * <p>It can play a model that thinks, as OpenAI's reasoning models do: it takes {@code
 * reasoning_effort}, refuses {@code max_tokens}, and, unless the effort is {@code none}, function
 * tools and every {@code temperature} but 1. Before it answers it pauses for a millisecond per
 * reasoning token, 64 to 1024 by the effort, which count towards {@code max_completion_tokens}.
 *
 * <p>Thread-safe. A request body is at most 8 MiB.
 */
public final class OfflineModel implements AutoCloseable {
  private static final int MAX_BODY = 8 * 1024 * 1024;
  private static final String MODELS =
      Stream.concat(Stream.of(OfflineCompletion.MODEL), OfflineEmbeddings.MODELS.stream())
          .map(
              """
              {"id":"%s","object":"model","created":0,"owned_by":"skein"}\
              """
                  ::formatted)
          .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}"));

  /** A price file: it costs nothing. */
  public static final String PRICES =
      """
      # The offline stand-in costs nothing.
      provider skein-offline 127.0.0.1
      model %s %s
      price input=0 output=0
      """
          .formatted(OfflineCompletion.MODEL, String.join(" ", OfflineEmbeddings.MODELS));

  /** The names under which callers know its embeddings: those of OpenAI's models. */
  public static final String EMBEDDING_MODELS = String.join(",", OfflineEmbeddings.MODELS);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Waits while the model thinks this many tokens; empty for a model that does not think. */
  private final Optional<IntConsumer> thinking;

  private OfflineModel(HttpServer server, Optional<IntConsumer> thinking) {
    this.server = server;
    this.thinking = thinking;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts to serve.
   *
   * @param port 0 for any free one
   * @throws java.net.BindException if the port is in use
   */
  public static OfflineModel start(int port) throws IOException {
    return new OfflineModel(server(port), Optional.empty());
  }

  /**
   * Starts to serve as a model that thinks.
   *
   * @param port 0 for any free one
   * @throws java.net.BindException if the port is in use
   */
  public static OfflineModel startThinking(int port) throws IOException {
    return startThinking(port, OfflineModel::pause);
  }

  /** As {@link #startThinking(int)}, with another pause for this many reasoning tokens. */
  static OfflineModel startThinking(int port, IntConsumer pause) throws IOException {
    return new OfflineModel(server(port), Optional.of(pause));
  }

  private static HttpServer server(int port) throws IOException {
    return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
  }

  private static void pause(int tokens) {
    try {
      Thread.sleep(Duration.ofMillis(tokens));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The server closes; the reply cannot be written.
    }
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

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        route(exchange);
      } catch (ApiException e) {
        send(exchange, e.status(), e.json());
      }
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestURI().getPath()) {
      case "/v1/chat/completions" -> {
        requireMethod(exchange, "POST");
        chat(exchange);
      }
      case "/v1/completions" -> {
        requireMethod(exchange, "POST");
        complete(exchange);
      }
      case "/v1/embeddings" -> {
        requireMethod(exchange, "POST");
        send(exchange, 200, OfflineEmbeddings.reply(ChatRequest.json(body(exchange))).toString());
      }
      case "/v1/models" -> {
        requireMethod(exchange, "GET");
        send(exchange, 200, MODELS);
      }
      default ->
          throw new ApiException(
              404,
              "unknown_url",
              "The only routes are POST /v1/chat/completions, POST /v1/completions, POST"
                  + " /v1/embeddings and GET /v1/models.");
    }
  }

  private static void requireMethod(HttpExchange exchange, String method) {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new ApiException(405, "method_not_allowed", "This path supports only " + method + ".");
    }
  }

  private void chat(HttpExchange exchange) throws IOException {
    ChatRequest request = ChatRequest.parse(body(exchange), thinking.isPresent());
    OfflineCompletion completion = OfflineCompletion.of(request);
    if (request.stream()) {
      stream(exchange, completion, request.includeUsage());
    } else {
      think(completion);
      send(exchange, 200, completion.json().toString());
    }
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (body.length > MAX_BODY) {
      throw new ApiException(413, "too_large", "The body is larger than 8 MiB.");
    }
    return body;
  }

  private static void complete(HttpExchange exchange) throws IOException {
    OfflineText text = OfflineText.of(ChatRequest.json(body(exchange)));
    if (!text.stream()) {
      send(exchange, 200, text.json().toString());
      return;
    }
    try (OutputStream out = streamTo(exchange)) {
      end(out, text.chunks());
    }
  }

  private void think(OfflineCompletion completion) {
    thinking.ifPresent(pause -> pause.accept(completion.reasoningTokens().orElse(0)));
  }

  private void stream(HttpExchange exchange, OfflineCompletion completion, boolean includeUsage)
      throws IOException {
    try (OutputStream out = streamTo(exchange)) {
      List<ObjectNode> chunks = completion.chunks(includeUsage);
      event(out, chunks.getFirst().toString());
      think(completion);
      end(out, chunks.subList(1, chunks.size()));
    }
  }

  /** Writes the last chunks of a stream, and its end. */
  private static void end(OutputStream out, List<ObjectNode> chunks) throws IOException {
    for (ObjectNode chunk : chunks) {
      event(out, chunk.toString());
    }
    event(out, "[DONE]");
  }

  private static OutputStream streamTo(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
