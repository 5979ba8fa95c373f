package dev.skein.api;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * A function behind API Gateway: extracts the request from the event, dispatches it to its route,
 * renders the response, and writes one log line. Whatever happens, the caller gets a response of
 * ours, without anything of the fault in it. Thread-safe.
 */
public final class ApiFunction {
  private final List<Route> routes;
  private final Log log;
  private final LongSupplier nanoTime;

  /**
   * A function of these routes.
   *
   * @param nanoTime a monotonic clock in nanoseconds
   */
  public ApiFunction(List<Route> routes, Log log, LongSupplier nanoTime) {
    this.routes = List.copyOf(routes);
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * Answers one invocation of a runtime that takes the response whole.
   *
   * @throws IOException when the platform's streams fail: nothing can be answered then
   */
  public void serve(InputStream event, OutputStream response, Context context) throws IOException {
    ApiResponse answer = answer(event, context);
    var proxyResponse = Json.object();
    proxyResponse.put("statusCode", answer.status());
    var headers = proxyResponse.putObject("headers");
    answer.headers().forEach(headers::put);
    proxyResponse.put("body", text(answer.body()));
    proxyResponse.put("isBase64Encoded", false);
    // Here and not later: what is left over when the handler returns may never run.
    answer.afterwards().run();
    response.write(Json.EVENT.write(proxyResponse).getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(ApiResponse.Body body) {
    return switch (body) {
      case ApiResponse.Text(String text) -> text;
      case StreamedBody streamed -> {
        var whole = new ByteArrayOutputStream();
        var _ = streamed.writeTo(whole);
        yield whole.toString(StandardCharsets.UTF_8);
      }
    };
  }

  /**
   * Answers one invocation; the caller of this method writes the response, and then runs what
   * follows it.
   *
   * @throws IOException when the platform's streams fail: nothing can be answered then
   */
  public ApiResponse answer(InputStream event, Context context) throws IOException {
    long start = nanoTime.getAsLong();
    var deadline = Deadline.in(Duration.ofMillis(context.getRemainingTimeInMillis()), nanoTime);
    var seen = new Seen(context.getAwsRequestId());
    ApiResponse answer = answer(event, deadline, seen);
    var named = answer.with(Map.of("X-Request-Id", seen.requestId));
    return named.followedBy(
        () ->
            log.info(
                "request",
                line -> {
                  line.put("request_id", seen.requestId);
                  line.put("method", seen.method);
                  line.put("path", seen.path);
                  line.put("status", answer.status());
                  line.put("latency_ms", (nanoTime.getAsLong() - start) / 1_000_000);
                }));
  }

  /** What the log line may tell of a request: our own words and ids only. */
  private static final class Seen {
    private String requestId;
    private String method = "unknown";
    private String path = "unknown";
    private ErrorFormat errors = ErrorFormat.PROBLEM;

    private Seen(String requestId) {
      this.requestId = requestId;
    }
  }

  private ApiResponse answer(InputStream event, Deadline deadline, Seen seen) throws IOException {
    try {
      ApiRequest request = ApiEvent.read(Json.EVENT.parse(event), seen.requestId);
      seen.requestId = request.requestId();
      Route route = route(request, seen);
      seen.method = route.method();
      seen.path = route.path();
      return route.handler().handle(request.withErrors(route.errors()), deadline);
    } catch (RefusedException e) {
      return problem(e.problem(), seen);
    } catch (MalformedJsonException e) {
      return problem(Problem.malformedRequest("The event " + e.getMessage() + "."), seen);
    } catch (RuntimeException e) {
      // The last line of defence: every fault that has an answer of its own is a value before it.
      log.bug("bug", e, line -> line.put("request_id", seen.requestId));
      return problem(Problem.internal(), seen);
    }
  }

  private static ApiResponse problem(Problem problem, Seen seen) {
    return seen.errors.response(problem, seen.requestId, Optional.empty());
  }

  private Route route(ApiRequest request, Seen seen) throws RefusedException {
    var atPath = routes.stream().filter(route -> route.isAt(request.path())).toList();
    if (atPath.isEmpty()) {
      throw new RefusedException(Problem.notFound());
    }
    seen.errors = atPath.getFirst().errors();
    return atPath.stream()
        .filter(route -> route.method().equals(request.method()))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Problem.methodNotAllowed(
                        atPath.stream().map(Route::method).collect(Collectors.joining(", ")))));
  }
}
