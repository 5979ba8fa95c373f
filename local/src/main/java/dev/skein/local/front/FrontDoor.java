package dev.skein.local.front;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skein.local.console.Console;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.functions.Invocation;
import dev.skein.local.functions.Outcome;
import dev.skein.local.parts.Ports;
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
 * answers HTTP responses. No caller waits longer than twice {@code patience}: once for its own
 * body, once for the function.
 */
public final class FrontDoor implements AutoCloseable {

  private static final int BACKLOG = 1024;

  /** One route and the function that serves it. */
  public record Target(Route route, FunctionPool function) {}

  /**
   * Where the front door listens and how long it waits.
   *
   * @param patience for the function, as long as API Gateway's integration timeout
   * @param stopping how long requests in flight may take when the door closes
   * @param bodiesKib memory for all bodies at once; events take a few times as much
   */
  public record Plan(int port, Duration patience, Duration stopping, int bodiesKib) {}

  private final Plan plan;
  private final List<Target> targets;
  private final Map<String, GatewayResponse> gatewayResponses;
  private final Console console;
  private final HttpServer server;
  private final Phaser inFlight = new Phaser(1);
  private final Semaphore bodies;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private FrontDoor(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      Console console)
      throws IOException {
    this.plan = plan;
    this.targets = List.copyOf(targets);
    this.gatewayResponses = gatewayResponses;
    this.console = console;
    this.bodies = new Semaphore(plan.bodiesKib());
    this.server = HttpServer.create(Ports.loopback(plan.port()), BACKLOG);
  }

  /** Listens when it returns. */
  public static FrontDoor open(
      Plan plan,
      List<Target> targets,
      Map<String, GatewayResponse> gatewayResponses,
      Console console) {
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
    Served served;
    try (exchange) {
      served = serve(exchange, id);
      exchange.getResponseHeaders().set("x-amzn-RequestId", id);
      served = Response.write(exchange, served, gatewayResponses, id);
    }
    console.request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        served.answer().status(),
        Duration.ofNanos(System.nanoTime() - start),
        served.coldStart(),
        served.detail());
  }

  /** Large bodies wait, still on the wire, until there is memory for them. */
  private Served serve(HttpExchange exchange, String id) throws IOException, InterruptedException {
    int memory = RequestBody.kibibytes(exchange);
    if (!bodies.tryAcquire(memory, plan.patience().toMillis(), TimeUnit.MILLISECONDS)) {
      var _ = RequestBody.read(exchange, 0, plan.patience(), threads);
      return refuse(GatewayError.THROTTLED, id, "too many large bodies");
    }
    try {
      return readAndCall(exchange, id);
    } finally {
      bodies.release(memory);
    }
  }

  private Served readAndCall(HttpExchange exchange, String id)
      throws IOException, InterruptedException {
    Optional<Target> target = target(exchange);
    return switch (RequestBody.read(exchange, RequestBody.LIMIT, plan.patience(), threads)) {
      case RequestBody.TooLarge _ -> refuse(GatewayError.REQUEST_TOO_LARGE, id, "body over 6 MB");
      case RequestBody.TooSlow _ -> refuse(GatewayError.REQUEST_TIMEOUT, id, "body too slow");
      case RequestBody.Whole(byte[] body) when target.isPresent() ->
          call(target.get(), request(exchange, id, body));
      case RequestBody.Whole _ ->
          refuse(GatewayError.MISSING_AUTHENTICATION_TOKEN, id, "no such route");
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

  private static HttpRequest request(HttpExchange exchange, String id, byte[] body) {
    return new HttpRequest(
        id,
        Instant.now(),
        exchange.getRequestMethod(),
        exchange.getRequestURI(),
        exchange.getProtocol(),
        exchange.getRequestHeaders(),
        exchange.getRemoteAddress().getAddress().getHostAddress(),
        body);
  }

  private Served call(Target target, HttpRequest request) throws InterruptedException {
    byte[] event = ProxyEvent.of(request, target.route(), server.getAddress().getPort());
    Invocation invocation = target.function().invoke(event, plan.patience());
    String name = target.function().name();
    Served served =
        switch (invocation.outcome()) {
          case Outcome.Answered(byte[] payload) ->
              HttpAnswer.ofFunction(payload)
                  .map(answer -> new Served(answer, false, name))
                  .orElseGet(() -> malformed(name, request.id()));
          case Outcome.Failed _, Outcome.TimedOut _, Outcome.Ended _ ->
              refuse(GatewayError.INTEGRATION_FAILURE, request.id(), name);
          case Outcome.Late _ ->
              refuse(GatewayError.INTEGRATION_TIMEOUT, request.id(), name + " still runs");
          case Outcome.Throttled _ ->
              refuse(GatewayError.THROTTLED, request.id(), name + " is busy");
          case Outcome.TooLarge _ ->
              refuse(GatewayError.REQUEST_TOO_LARGE, request.id(), "event over 6 MB");
        };
    return invocation.coldStart() ? served.cold() : served;
  }

  private Served malformed(String name, String id) {
    console.problem(name + " answered something that is no proxy response");
    return refuse(GatewayError.INTEGRATION_FAILURE, id, name);
  }

  private Served refuse(GatewayError error, String id, String detail) {
    return new Served(error.answer(gatewayResponses, id), false, detail);
  }
}
