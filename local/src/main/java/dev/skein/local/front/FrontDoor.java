package dev.skein.local.front;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * API Gateway's place on this machine: HTTP requests become proxy events for functions, and their
 * answers HTTP responses. A caller waits for its own body, and then for the function, each at most
 * as long as API Gateway does; what streams may take as long as the function's Timeout.
 */
public final class FrontDoor implements AutoCloseable {

  private static final int BACKLOG = 1024;

  /** One route and the function that serves it. */
  public record Target(Route route, FunctionPool function) {}

  /**
   * Where the front door listens and how long it waits.
   *
   * @param patience for the function, at most; a route's own timeout may be shorter
   * @param stopping how long requests in flight may take when the door closes
   * @param bodiesKib memory for all bodies at once; events take a few times as much
   */
  public record Plan(int port, Duration patience, Duration stopping, int bodiesKib) {}

  private final Plan plan;
  private final List<Target> targets;
  private final Map<String, GatewayResponse> gatewayResponses;
  private final StackConsole console;
  private final Integration integration;
  private final HttpServer server;
  private final Phaser inFlight = new Phaser(1);
  private final Semaphore bodies;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private FrontDoor(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      StackConsole console)
      throws IOException {
    this.plan = plan;
    this.targets = List.copyOf(targets);
    this.gatewayResponses = gatewayResponses;
    this.console = console;
    this.integration = new Integration(gatewayResponses, console);
    this.bodies = new Semaphore(plan.bodiesKib());
    this.server = HttpServer.create(Ports.loopback(plan.port()), BACKLOG);
  }

  /** Listens when it returns. */
  public static FrontDoor open(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      StackConsole console) {
    try {
      FrontDoor door = new FrontDoor(plan, targets, gatewayResponses, console);
      door.server.setExecutor(door.threads);
      door.server.createContext("/", door::handle);
      door.server.start();
      return door;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code http://127.0.0.1:} and the port; no path. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Accepts no more, and lets requests in flight end as long as the plan allows. */
  @Override
  public void close() {
    // The server's own wait never ends early once a caller has gone away in mid-answer.
    Thread refusing =
        Thread.ofVirtual().start(() -> server.stop((int) plan.stopping().toSeconds()));
    try {
      inFlight.awaitAdvanceInterruptibly(
          inFlight.arrive(), plan.stopping().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      console.problem("Some requests did not end in time; they are cut.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
    threads.shutdownNow();
    refusing.interrupt();
  }

  private void handle(HttpExchange exchange) throws IOException {
    inFlight.register();
    try {
      answer(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // A fault of ours: the server would drop the connection without a word to anyone.
      console.problem("the front door failed at " + exchange.getRequestURI() + ": " + e);
      throw e;
    } finally {
      inFlight.arriveAndDeregister();
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    long start = System.nanoTime();
    String id = UUID.randomUUID().toString();
    switch (serve(exchange, id)) {
      case RoutedResponse.Whole whole -> write(exchange, whole, id, start);
      case RoutedResponse.Streamed streamed
          when ResponseWriter.addHeaders(exchange, streamed.head(), id) ->
          write(exchange, streamed, start);
      case RoutedResponse.Streamed streamed -> {
        streamed.stream().abandon();
        String detail = streamed.detail() + ResponseWriter.BAD_HEADER;
        GatewayError error = GatewayError.INTEGRATION_FAILURE;
        write(exchange, integration.refuse(error, id, detail), id, start);
      }
    }
  }

  private void write(HttpExchange exchange, RoutedResponse.Whole whole, String id, long start)
      throws IOException {
    RoutedResponse.Whole sent;
    try (exchange) {
      sent = ResponseWriter.write(exchange, whole, gatewayResponses, id);
    }
    tell(exchange, sent.answer().status(), start, sent.coldStart(), sent.detail());
  }

  private void write(HttpExchange exchange, RoutedResponse.Streamed streamed, long start)
      throws IOException, InterruptedException {
    Optional<String> cut = StreamedResponse.write(exchange, streamed);
    String detail =
        streamed.detail() + cut.map(why -> ", streamed, cut: " + why).orElse(", streamed");
    tell(exchange, streamed.head().status(), start, streamed.coldStart(), detail);
    if (cut.isPresent()) {
      // The server drops the connection: no last chunk, from which the caller sees what it has not.
      throw new IOException(cut.get());
    }
    exchange.close();
  }

  private void tell(
      HttpExchange exchange, int status, long start, boolean coldStart, String detail) {
    console.request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        status,
        Duration.ofNanos(System.nanoTime() - start),
        coldStart,
        detail);
  }

  /** Large bodies wait, still on the wire, until there is memory for them. */
  private RoutedResponse serve(HttpExchange exchange, String id)
      throws IOException, InterruptedException {
    int memory = ReceivedBody.kibibytes(exchange);
    if (!bodies.tryAcquire(memory, bodyPatience().toMillis(), TimeUnit.MILLISECONDS)) {
      var _ = ReceivedBody.read(exchange, 0, bodyPatience(), threads);
      return integration.refuse(GatewayError.THROTTLED, id, "too many large bodies");
    }
    try {
      return readAndCall(exchange, id);
    } finally {
      bodies.release(memory);
    }
  }

  private RoutedResponse readAndCall(HttpExchange exchange, String id)
      throws IOException, InterruptedException {
    Optional<Target> target = target(exchange);
    return switch (ReceivedBody.read(exchange, ReceivedBody.LIMIT, bodyPatience(), threads)) {
      case ReceivedBody.TooLarge _ ->
          integration.refuse(GatewayError.REQUEST_TOO_LARGE, id, "body over 6 MB");
      case ReceivedBody.TooSlow _ ->
          integration.refuse(GatewayError.REQUEST_TIMEOUT, id, "body too slow");
      case ReceivedBody.Whole(byte[] body) when target.isPresent() ->
          call(target.get(), request(exchange, id, body));
      case ReceivedBody.Whole _ ->
          integration.refuse(GatewayError.MISSING_AUTHENTICATION_TOKEN, id, "no such route");
    };
  }

  private Optional<Target> target(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    return targets.stream()
        .filter(target -> target.route().path().equals(path))
        .filter(
            target ->
                target.route().method().equals(method) || target.route().method().equals("ANY"))
        .findFirst();
  }

  private RoutedResponse call(Target target, GatewayRequest request) throws InterruptedException {
    Route route = target.route();
    byte[] event = ProxyEvent.of(request, route, server.getAddress().getPort());
    return integration.call(target, event, request.id(), shorter(plan.patience(), route.timeout()));
  }

  /** A body has no route yet. */
  private Duration bodyPatience() {
    return shorter(plan.patience(), Route.TIMEOUT);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static GatewayRequest request(HttpExchange exchange, String id, byte[] body) {
    return new GatewayRequest(
        id,
        Instant.now(),
        exchange.getRequestMethod(),
        exchange.getRequestURI(),
        exchange.getProtocol(),
        exchange.getRequestHeaders(),
        exchange.getRemoteAddress().getAddress().getHostAddress(),
        body);
  }
}
