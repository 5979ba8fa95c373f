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
   * Answers one invocation.
   *
   * @throws IOException when the platform's streams fail: nothing can be answered then
   */
  public void serve(InputStream event, OutputStream response, Context context) throws IOException {
    long start = nanoTime.getAsLong();
    var deadline = Deadline.in(Duration.ofMillis(context.getRemainingTimeInMillis()), nanoTime);
    var seen = new Seen(context.getAwsRequestId());
    ApiResponse answer = answer(event, deadline, seen);
    response.write(Json.EVENT.write(answer.toEvent()).getBytes(StandardCharsets.US_ASCII));
    log.info(
        "request",
        line -> {
          line.put("request_id", seen.requestId);
          line.put("method", seen.method);
          line.put("path", seen.path);
          line.put("status", answer.status());
          line.put("latency_ms", (nanoTime.getAsLong() - start) / 1_000_000);
        });
  }

  /** What the log line may tell of a request: our own words and ids only. */
  private static final class Seen {
    private String requestId;
    private String method = "unknown";
    private String path = "unknown";

    private Seen(String requestId) {
      this.requestId = requestId;
    }
  }

  private ApiResponse answer(InputStream event, Deadline deadline, Seen seen) throws IOException {
    try {
      ApiRequest request = ApiEvent.read(Json.EVENT.parse(event), seen.requestId);
      seen.requestId = request.requestId();
      Route route = route(request);
      seen.method = route.method();
      seen.path = route.path();
      return route.handler().handle(request, deadline);
    } catch (RefusedException e) {
      return e.problem().toResponse(seen.requestId);
    } catch (MalformedJsonException e) {
      return Problem.malformedRequest("The event " + e.getMessage() + ".")
          .toResponse(seen.requestId);
    } catch (RuntimeException e) {
      // The last line of defence: every fault that has an answer of its own is a value before it.
      log.bug("bug", e, line -> line.put("request_id", seen.requestId));
      return Problem.internal().toResponse(seen.requestId);
    }
  }

  private Route route(ApiRequest request) throws RefusedException {
    var atPath = routes.stream().filter(route -> route.isAt(request.path())).toList();
    if (atPath.isEmpty()) {
      throw new RefusedException(Problem.notFound());
    }
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
