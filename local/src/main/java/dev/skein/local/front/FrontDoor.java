package dev.skein.local.front;

import dev.skein.http.HttpConnection;
import dev.skein.http.LoopbackServer;
import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.Caller;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.functions.InvocationResult;
import dev.skein.local.template.Deployment.GatewayResponse;
import dev.skein.local.template.Deployment.Route;
import dev.skein.runtimeapi.TraceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The local API Gateway: it turns HTTP requests into proxy events for functions, and their
 * responses into HTTP responses. Reading a request body, and then waiting for the function, is
 * limited in time as in API Gateway; a stream may last as long as the function's Timeout.
 */
public final class FrontDoor implements AutoCloseable {

  /** Such requests call no model, and do not wait behind those that do. */
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

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
   * @param environmentWait the longest wait for an execution environment of a function; then the
   *     request is throttled
   * @param idleLimit how long a connection without a request stays open, at most twice
   * @param drainLimit how long requests in flight may take after {@link FrontDoor#close}
   * @param bodiesKib memory for all request bodies together; events need a few times as much
   */
  public record Plan(
      int port,
      Duration timeout,
      Duration environmentWait,
      Duration idleLimit,
      Duration drainLimit,
      int bodiesKib) {}

  private final Plan plan;
  private final List<Target> targets;
  private final StackConsole console;
  private final Integration integration;
  private final Guard guard;
  private final ConsolePage page = new ConsolePage();
  private final LoopbackServer server;
  private final Set<CallerConnection> connections = ConcurrentHashMap.newKeySet();
  private final Phaser inFlight = new Phaser(1);
  private final Semaphore bodies;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private FrontDoor(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      Guard guard,
      StackConsole console)
      throws IOException {
    this.plan = plan;
    this.targets = List.copyOf(targets);
    this.console = console;
    this.integration = new Integration(gatewayResponses, console);
    this.guard = guard;
    this.bodies = new Semaphore(plan.bodiesKib());
    this.server = LoopbackServer.start(plan.port(), threads, this::serve);
  }

  /** As {@link #open(Plan, List, Map, Guard, StackConsole)}, for every caller. */
  static FrontDoor open(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      StackConsole console) {
    return open(plan, targets, gatewayResponses, Guard.open(), console);
  }

  /** Listens when it returns. */
  public static FrontDoor open(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      Guard guard,
      StackConsole console) {
    try {
      return new FrontDoor(plan, targets, gatewayResponses, guard, console);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code http://127.0.0.1:} and the port; no path. */
  public URI uri() {
    return server.uri("");
  }

  /** Stops accepting requests and waits for those in flight, at most for the drain limit. */
  @Override
  public void close() {
    server.stopAccepting();
    connections.forEach(CallerConnection::close);
    try {
      inFlight.awaitAdvanceInterruptibly(
          inFlight.arrive(), plan.drainLimit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      console.problem("Some requests did not finish in time and were cut.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.close();
    threads.shutdownNow();
  }

  private void serve(HttpConnection accepted) throws IOException {
    CallerConnection.Limits limits = new CallerConnection.Limits(bodyTimeout(), plan.idleLimit());
    CallerConnection connection = new CallerConnection(accepted, limits, new Requests(), threads);
    connections.add(connection);
    try {
      connection.serve();
    } finally {
      connections.remove(connection);
    }
  }

  private final class Requests implements CallerConnection.Handler {
    @Override
    public void begin() {
      inFlight.register();
    }

    @Override
    public void handle(Exchange exchange) {
      try {
        answer(exchange);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        exchange.cut();
      } catch (IOException e) {
        // The caller disconnected.
        exchange.cut();
      } catch (RuntimeException e) {
        // A bug.
        console.problem("the front door failed at " + exchange.path() + ": " + e);
        exchange.cut();
      }
    }

    @Override
    public ProxyResponse reject(GatewayError error, String id, String detail) {
      console.request(
          new StackConsole.Response(
              id, false, "-", "-", error.status(), false, Duration.ZERO, detail));
      return error.response(id, detail);
    }

    @Override
    public void finish() {
      inFlight.arriveAndDeregister();
    }
  }

  private void answer(Exchange exchange) throws IOException, InterruptedException {
    if (target(exchange).isEmpty() && page.respond(exchange)) {
      return;
    }
    long start = System.nanoTime();
    String id = UUID.randomUUID().toString();
    RoutedResponse response = serve(exchange, id);
    Optional<ResponseHead> head = ResponseHead.of(response.head(), id);
    if (head.isEmpty()) {
      response.stream().ifPresent(InvocationResult.Streamed::abandon);
      response =
          integration.error(
              GatewayError.INTEGRATION_FAILURE, id, "a header that is not valid in HTTP");
      head = ResponseHead.of(response.head(), id);
    }
    if (response.stream().isPresent()) {
      Optional<String> cut =
          StreamedResponse.write(exchange, head.orElseThrow(), response.stream().get());
      report(exchange, response, id, start, cut.orElse(""));
    } else {
      report(exchange, response, id, start, "");
      exchange.respond(head.orElseThrow(), response.head().body());
    }
  }

  private void report(
      Exchange exchange, RoutedResponse response, String id, long start, String cut) {
    String note =
        Stream.of(
                response.detail(),
                cut.isEmpty() ? "" : "cut: " + cut,
                response.coldStart() ? "cold start" : "")
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining(", "));
    console.request(
        new StackConsole.Response(
            id,
            response.head().hasHeader("X-Skein-Audit-Id"),
            exchange.method(),
            exchange.path(),
            response.head().status(),
            response.head().isEventStream(),
            Duration.ofNanos(System.nanoTime() - start),
            note));
  }

  /** A large body waits, still unread, until there is memory for it. */
  private RoutedResponse serve(Exchange exchange, String id)
      throws IOException, InterruptedException {
    int memory = ReceivedBody.kibibytes(exchange.request());
    if (!bodies.tryAcquire(memory, bodyTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      var _ = ReceivedBody.read(exchange, 0, bodyTimeout());
      return integration.error(GatewayError.THROTTLED, id, "too many large bodies");
    }
    try {
      return readAndCall(exchange, id);
    } finally {
      bodies.release(memory);
    }
  }

  private RoutedResponse readAndCall(Exchange exchange, String id)
      throws IOException, InterruptedException {
    Optional<Target> target = target(exchange);
    return switch (ReceivedBody.read(exchange, ReceivedBody.LIMIT, bodyTimeout())) {
      case ReceivedBody.TooLarge _ ->
          integration.error(GatewayError.REQUEST_TOO_LARGE, id, "body over 6 MB");
      case ReceivedBody.TooSlow _ ->
          own(GatewayError.REQUEST_TIMEOUT, id, "The body did not arrive in time.");
      case ReceivedBody.Malformed(String detail) -> own(GatewayError.BAD_REQUEST, id, detail);
      case ReceivedBody.Whole(byte[] body) when target.isPresent() ->
          call(target.get(), exchange, id, body);
      case ReceivedBody.Whole _ ->
          integration.error(GatewayError.MISSING_AUTHENTICATION_TOKEN, id, "no such route");
    };
  }

  private static RoutedResponse own(GatewayError error, String id, String detail) {
    return new RoutedResponse(error.response(id, detail), Optional.empty(), false, detail);
  }

  private Optional<Target> target(Exchange exchange) {
    String path = exchange.path();
    String method = exchange.method();
    return targets.stream()
        .filter(target -> target.route().matches(path))
        .filter(
            target ->
                target.route().method().equals(method) || target.route().method().equals("ANY"))
        .min(MOST_SPECIFIC);
  }

  private RoutedResponse call(Target target, Exchange exchange, String id, byte[] body)
      throws InterruptedException {
    Route route = target.route();
    Map<String, String> identity;
    switch (guard.check(exchange, body, route)) {
      case Guard.Decision.Refused(GatewayError error, String note) -> {
        return integration.error(error, id, note);
      }
      case Guard.Decision.Allowed(Map<String, String> caller) -> identity = caller;
    }
    String trace = TraceId.of(exchange.header("X-Amzn-Trace-Id"));
    byte[] event = ProxyEvent.of(exchange, id, body, route, identity, trace);
    Caller caller =
        new Caller(
            shorter(plan.environmentWait(), route.timeout()),
            shorter(plan.timeout(), route.timeout()),
            body.length == 0 && READING.contains(exchange.method()),
            Optional.of(trace),
            exchange.disconnected());
    return integration.call(target, event, id, caller);
  }

  /** The route is known only after the body was read. */
  private Duration bodyTimeout() {
    return shorter(plan.timeout(), Route.TIMEOUT);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
