package dev.skein.local.functions;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skein.local.parts.Arns;
import dev.skein.local.parts.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The Lambda Runtime API (2018-06-01) for one environment, on a loopback port of its own: the
 * function's runtime asks here for its next event and posts what became of it.
 */
final class RuntimeApi implements AutoCloseable {

  static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final String INVOCATION = PREFIX + "invocation/";

  /** The runtime has asked for an event; whoever fills {@code event} learns the outcome. */
  record Turn(
      String requestId, CompletableFuture<byte[]> event, CompletableFuture<Outcome> outcome) {

    static Turn next() {
      return new Turn(
          UUID.randomUUID().toString(), new CompletableFuture<>(), new CompletableFuture<>());
    }
  }

  private final String functionArn;
  private final Duration timeout;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CompletableFuture<Outcome> initError = new CompletableFuture<>();
  private volatile CompletableFuture<Turn> asked = new CompletableFuture<>();
  private volatile Turn current = Turn.next();

  RuntimeApi(String function, Duration timeout) throws IOException {
    this.functionArn = Arns.function(function);
    this.timeout = timeout;
    this.server = HttpServer.create(Ports.loopback(0), 0);
    server.setExecutor(threads);
    server.createContext(PREFIX, this::handle);
    server.start();
  }

  /** What AWS_LAMBDA_RUNTIME_API holds. */
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Completes when the runtime asks for an event; after that event, a new future waits. */
  CompletableFuture<Turn> asked() {
    return asked;
  }

  /** Completes when the runtime reports that it could not initialise the function. */
  CompletableFuture<Outcome> initError() {
    return initError;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String call = exchange.getRequestMethod() + " " + path;
      if (call.equals("GET " + INVOCATION + "next")) {
        next(exchange);
      } else if (call.equals("POST " + PREFIX + "init/error")) {
        initError.complete(new Outcome.Ended("its start failed: " + told(error(exchange))));
        reply(exchange, 202, "{\"status\":\"OK\"}");
      } else if (call.equals("POST " + INVOCATION + current.requestId() + "/response")) {
        response(exchange);
      } else if (call.equals("POST " + INVOCATION + current.requestId() + "/error")) {
        current.outcome().complete(error(exchange));
        reply(exchange, 202, "{\"status\":\"OK\"}");
      } else {
        reply(exchange, 400, "{\"errorType\":\"InvalidRequestID\",\"errorMessage\":\"\"}");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void next(HttpExchange exchange) throws IOException, InterruptedException {
    Turn turn = Turn.next();
    current = turn;
    asked.complete(turn);
    byte[] event;
    try {
      event = turn.event().get();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
    asked = new CompletableFuture<>();
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/json");
    headers.set("Lambda-Runtime-Aws-Request-Id", turn.requestId());
    headers.set(
        "Lambda-Runtime-Deadline-Ms",
        Long.toString(System.currentTimeMillis() + timeout.toMillis()));
    headers.set("Lambda-Runtime-Invoked-Function-Arn", functionArn);
    headers.set("Lambda-Runtime-Trace-Id", TraceId.next());
    exchange.sendResponseHeaders(200, event.length == 0 ? -1 : event.length);
    if (event.length > 0) {
      exchange.getResponseBody().write(event);
    }
  }

  private void response(HttpExchange exchange) throws IOException {
    Turn turn = current;
    byte[] payload = exchange.getRequestBody().readNBytes(PAYLOAD_LIMIT + 1);
    if (payload.length > PAYLOAD_LIMIT) {
      turn.outcome()
          .complete(
              new Outcome.Failed(
                  "Function.ResponseSizeTooLarge", "The response is larger than 6 MB."));
      exchange.getRequestBody().skip(Long.MAX_VALUE);
      reply(exchange, 413, "{\"errorType\":\"RequestEntityTooLarge\",\"errorMessage\":\"\"}");
    } else {
      turn.outcome().complete(new Outcome.Answered(payload));
      reply(exchange, 202, "{\"status\":\"OK\"}");
    }
  }

  private static Outcome.Failed error(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(PAYLOAD_LIMIT);
    try {
      JsonNode error = JSON.readTree(body);
      return new Outcome.Failed(
          error.path("errorType").asText("Error"), error.path("errorMessage").asText(""));
    } catch (JacksonException e) {
      return new Outcome.Failed("Error", new String(body, StandardCharsets.UTF_8));
    }
  }

  private static String told(Outcome.Failed error) {
    return error.type() + ": " + error.message();
  }

  private static void reply(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
