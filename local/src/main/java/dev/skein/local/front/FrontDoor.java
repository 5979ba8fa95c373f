package dev.skein.local.front;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.functions.InvocationResult;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
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
 * The local API Gateway: it turns HTTP requests into proxy events for functions, and their
 * responses into HTTP responses. Reading a request body, and then waiting for the function, is
 * limited in time as in API Gateway; a stream may last as long as the function's Timeout.
 */
public final class FrontDoor implements AutoCloseable {

  private static final int BACKLOG = 1024;

  /** A literal path before a greedy one, then the longest, then the method's own route. */
  private static final Comparator<Target> MOST_SPECIFIC =
      Comparator.<Target, Boolean>comparing(target -> target.route().isGreedy())
          .thenComparingInt(target -> -target.route().prefix().length())
          .thenComparing(target -> target.route().method().equals("ANY"));

  /** One route and the function that serves it. */
  public record Target(Route route, FunctionPool function) {}

  /**
   * Port and limits.
   *
   * @param timeout the longest wait for a function; a route's own timeout may be shorter
   * @param drainLimit how long requests in flight may take after {@link FrontDoor#close}
   * @param bodiesKib memory for all request bodies together; events need a few times as much
   */
  public record Plan(int port, Duration timeout, Duration drainLimit, int bodiesKib) {}

  private final Plan plan;
  private final List<Target> targets;
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

  /** Stops accepting requests and waits for those in flight, at most for the drain limit. */
  @Override
  public void close() {
    // The server's own wait does not end early when a caller disconnects during a response.
    Thread stopping =
        Thread.ofVirtual().start(() -> server.stop((int) plan.drainLimit().toSeconds()));
    try {
      inFlight.awaitAdvanceInterruptibly(
          inFlight.arrive(), plan.drainLimit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      console.problem("Some requests did not finish in time and were cut.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
    threads.shutdownNow();
    stopping.interrupt();
  }

  private void handle(HttpExchange exchange) throws IOException {
    inFlight.register();
    try {
      answer(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // A bug: the server would drop the connection without any message.
      console.problem("the front door failed at " + exchange.getRequestURI() + ": " + e);
      throw e;
    } finally {
      inFlight.arriveAndDeregister();
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    long start = System.nanoTime();
    String id = UUID.randomUUID().toString();
    RoutedResponse response = serve(exchange, id);
    if (!ResponseWriter.addHeaders(exchange, response.head(), id)) {
      response.stream().ifPresent(InvocationResult.Streamed::abandon);
      String detail = response.detail() + " returned a header that is not valid in HTTP";
      response = integration.error(GatewayError.INTEGRATION_FAILURE, id, detail);
      ResponseWriter.addHeaders(exchange, response.head(), id);
    }
    if (response.stream().isPresent()) {
      stream(exchange, response, response.stream().get(), id, start);
    } else {
      try (exchange) {
        ResponseWriter.write(exchange, response.head());
      }
      report(exchange, response, id, start, "");
    }
  }

  private void stream(
      HttpExchange exchange,
      RoutedResponse response,
      InvocationResult.Streamed body,
      String id,
      long start)
      throws IOException, InterruptedException {
    Optional<String> cut = StreamedResponse.write(exchange, response.head().status(), body);
    report(exchange, response, id, start, cut.orElse(""));
    if (cut.isPresent()) {
      // The server drops the connection without a last chunk, so that the caller notices.
      throw new IOException(cut.get());
    }
    exchange.close();
  }

  private void report(
      HttpExchange exchange, RoutedResponse response, String id, long start, String cut) {
    List<String> notes = new ArrayList<>();
    // A function's name says nothing new; why there is no response of a function does.
    if (targets.stream().noneMatch(it -> it.function().name().equals(response.detail()))) {
      notes.add(response.detail());
    }
    notes.add(cut.isEmpty() ? "" : "cut: " + cut);
    notes.add(response.coldStart() ? "cold start" : "");
    notes.removeIf(String::isEmpty);
    console.request(
        new StackConsole.Response(
            id,
            response.head().hasHeader("X-Skein-Audit-Id"),
            exchange.getRequestMethod(),
            exchange.getRequestURI().getPath(),
            response.head().status(),
            response.head().isEventStream(),
            Duration.ofNanos(System.nanoTime() - start),
            String.join(", ", notes)));
  }

  /** A large body waits, still unread, until there is memory for it. */
  private RoutedResponse serve(HttpExchange exchange, String id)
      throws IOException, InterruptedException {
    int memory = ReceivedBody.kibibytes(exchange);
    if (!bodies.tryAcquire(memory, bodyTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      var _ = ReceivedBody.read(exchange, 0, bodyTimeout(), threads);
      return integration.error(GatewayError.THROTTLED, id, "too many large bodies");
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
    return switch (ReceivedBody.read(exchange, ReceivedBody.LIMIT, bodyTimeout(), threads)) {
      case ReceivedBody.TooLarge _ ->
          integration.error(GatewayError.REQUEST_TOO_LARGE, id, "body over 6 MB");
      case ReceivedBody.TooSlow _ ->
          integration.error(GatewayError.REQUEST_TIMEOUT, id, "body too slow");
      case ReceivedBody.Whole(byte[] body) when target.isPresent() ->
          call(target.get(), exchange, id, body);
      case ReceivedBody.Whole _ ->
          integration.error(GatewayError.MISSING_AUTHENTICATION_TOKEN, id, "no such route");
    };
  }

  private Optional<Target> target(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    return targets.stream()
        .filter(target -> target.route().matches(path))
        .filter(
            target ->
                target.route().method().equals(method) || target.route().method().equals("ANY"))
        .min(MOST_SPECIFIC);
  }

  private RoutedResponse call(Target target, HttpExchange exchange, String id, byte[] body)
      throws InterruptedException {
    Route route = target.route();
    byte[] event = ProxyEvent.of(exchange, id, body, route);
    return integration.call(target, event, id, shorter(plan.timeout(), route.timeout()));
  }

  /** The route is known only after the body was read. */
  private Duration bodyTimeout() {
    return shorter(plan.timeout(), Route.TIMEOUT);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
