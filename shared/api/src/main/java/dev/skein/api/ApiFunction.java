package dev.skein.api;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * A function behind API Gateway: extracts the request from the event, dispatches it to its route,
 * renders the response, and writes one log line. A fault is answered by a 500 that reveals nothing
 * of it. Thread-safe.
 */
public final class ApiFunction {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  private final List<Route> routes;
  private final CorsPolicy cors;
  private final Log log;
  private final LongSupplier nanoTime;

  /**
   * A function with these routes, which web pages cannot call from a browser.
   *
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public ApiFunction(List<Route> routes, Log log, LongSupplier nanoTime) {
    this(routes, CorsPolicy.OFF, log, nanoTime);
  }

  /**
   * A function with these routes.
   *
   * @param cors which web pages may call it
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public ApiFunction(List<Route> routes, CorsPolicy cors, Log log, LongSupplier nanoTime) {
    this.routes = List.copyOf(routes);
    this.cors = cors;
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * Handles one invocation under AWS's runtime client: writes the whole proxy response, after what
   * follows it. The routes must not stream.
   *
   * @throws IOException when the platform's streams fail: no response is possible then
   */
  public void serve(InputStream event, OutputStream response, Context context) throws IOException {
    ApiResponse answer = answer(event, context);
    if (!(answer.body() instanceof ApiResponse.Text(String text))) {
      throw new IllegalStateException("only a function on the runtime loop can stream");
    }
    var proxyResponse = Json.object();
    proxyResponse.put("statusCode", answer.status());
    answer.headers().forEach(proxyResponse.putObject("headers")::put);
    proxyResponse.put("body", text);
    proxyResponse.put("isBase64Encoded", false);
    // Before the return: the platform may freeze the environment after it.
    answer.afterwards().run();
    response.write(Json.EVENT.write(proxyResponse).getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * The response to one invocation; the caller of this method writes it, and then runs what follows
   * it.
   *
   * @throws IOException when the platform's streams fail: no response is possible then
   */
  public ApiResponse answer(InputStream event, Context context) throws IOException {
    long start = nanoTime.getAsLong();
    var deadline = Deadline.in(Duration.ofMillis(context.getRemainingTimeInMillis()), nanoTime);
    var facts = new RequestFacts(context);
    ApiResponse full = answer(event, deadline, facts);
    ApiResponse answer = facts.method.equals("HEAD") ? full.withoutBody() : full;
    var named = answer.with(Map.of("X-Request-Id", facts.requestId));
    var readable = facts.corsHeaders.isEmpty() ? named : named.with(facts.corsHeaders);
    return readable.firstAfterwards(
        () ->
            log(facts)
                .info(
                    "request",
                    line -> {
                      line.put("method", facts.method);
                      line.put("path", facts.path);
                      line.put("status", answer.status());
                      line.put("latency_ms", (nanoTime.getAsLong() - start) / 1_000_000);
                    }));
  }

  /** What is known of a request so far and safe to log: no text of the caller. */
  private static final class RequestFacts {
    private final Optional<String> tracingHeader;
    private String requestId;
    private Optional<String> traceId = Optional.empty();
    private String method = "unknown";
    private String path = "unknown";
    private ErrorFormat errors = ErrorFormat.PROBLEM;
    private Map<String, String> corsHeaders = Map.of();

    private RequestFacts(Context context) {
      this.requestId = context.getAwsRequestId();
      this.tracingHeader = Optional.ofNullable(context.getXrayTraceId());
    }
  }

  private ApiResponse answer(InputStream event, Deadline deadline, RequestFacts facts)
      throws IOException {
    try {
      var apiEvent = ApiEvent.of(Json.EVENT.parse(event), facts.requestId);
      if (cors.isOn()) {
        facts.corsHeaders = cors.headers(apiEvent);
      }
      List<Route> atPath = routesAtPath(apiEvent, facts);
      var preflight = preflight(apiEvent, atPath);
      if (preflight.isPresent()) {
        return preflight.get();
      }
      Route route = route(apiEvent, atPath);
      ApiRequest request = apiEvent.request(route.errors()).withTracingHeader(facts.tracingHeader);
      return route.handler().handle(request, deadline);
    } catch (RefusedException e) {
      return problem(e.problem(), facts);
    } catch (MalformedJsonException e) {
      return problem(Problem.malformedRequest("The event " + e.getMessage() + "."), facts);
    } catch (RuntimeException e) {
      // The last line of defence: every expected failure is a value before it gets here.
      log(facts).bug("bug", e, _ -> {});
      return problem(Problem.internal(), facts);
    }
  }

  private Log log(RequestFacts facts) {
    return log.ofRequest(facts.requestId, facts.traceId);
  }

  private static ApiResponse problem(Problem problem, RequestFacts facts) {
    return facts.errors.response(problem, facts.requestId, Optional.empty());
  }

  private List<Route> routesAtPath(ApiEvent event, RequestFacts facts) throws RefusedException {
    facts.requestId = event.requestId();
    facts.traceId = event.traceId();
    facts.method = METHODS.contains(event.method()) ? event.method() : facts.method;
    if (!event.isRequest()) {
      throw new RefusedException(
          Problem.malformedRequest(
              "The event is not an API Gateway request: it has no httpMethod and resource."));
    }
    Route first =
        routes.stream()
            .filter(route -> route.isAt(event.path()))
            .findFirst()
            .orElseThrow(() -> new RefusedException(Problem.notFound("There is no such route.")));
    facts.path = first.path();
    facts.errors = first.errors();
    return routes.stream().filter(route -> route.path().equals(first.path())).toList();
  }

  /** The response, if a browser asks whether a page may send a request. */
  private Optional<ApiResponse> preflight(ApiEvent event, List<Route> atPath)
      throws RefusedException {
    if (!cors.isOn() || !CorsPolicy.isPreflight(event)) {
      return Optional.empty();
    }
    if (!cors.allows(event)) {
      throw new RefusedException(Problem.originNotAllowed());
    }
    return Optional.of(CorsPolicy.preflight(event, allowedMethods(atPath)));
  }

  private static Route route(ApiEvent event, List<Route> atPath) throws RefusedException {
    return atPath.stream()
        .filter(route -> route.accepts(event.method()))
        .findFirst()
        .orElseThrow(() -> new RefusedException(Problem.methodNotAllowed(allowedMethods(atPath))));
  }

  private static String allowedMethods(List<Route> atPath) {
    return atPath.stream()
        .flatMap(route -> route.allowed().stream())
        .collect(Collectors.joining(", "));
  }
}
