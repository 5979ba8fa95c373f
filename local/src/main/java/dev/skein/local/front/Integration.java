package dev.skein.local.front;

import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.Caller;
import dev.skein.local.functions.Invocation;
import dev.skein.local.functions.InvocationResult;
import dev.skein.local.template.Deployment.GatewayResponse;
import java.util.Map;
import java.util.Optional;

/** Invokes functions and turns the results into HTTP responses. */
final class Integration {

  /** For the console only, with the status that nginx logs for such a request. */
  private static final ProxyResponse NOBODY = ProxyResponse.of(499, Map.of(), "");

  private final Map<String, GatewayResponse> gatewayResponses;
  private final StackConsole console;

  Integration(Map<String, GatewayResponse> gatewayResponses, StackConsole console) {
    this.gatewayResponses = gatewayResponses;
    this.console = console;
  }

  /**
   * Invokes the route's function.
   *
   * @param id the request ID, for API Gateway's own responses
   */
  RoutedResponse call(FrontDoor.Target target, byte[] event, String id, Caller caller)
      throws InterruptedException {
    Invocation invocation = target.function().invoke(event, caller);
    RoutedResponse routed = response(invocation.result(), target, id);
    return new RoutedResponse(
        routed.head(), routed.stream(), invocation.coldStart(), routed.detail());
  }

  /** One of API Gateway's own responses. */
  RoutedResponse error(GatewayError error, String id, String detail) {
    return new RoutedResponse(
        error.response(gatewayResponses, id), Optional.empty(), false, detail);
  }

  private RoutedResponse response(InvocationResult result, FrontDoor.Target target, String id) {
    String name = target.function().name();
    return switch (result) {
      case InvocationResult.Returned(byte[] payload) when target.route().streaming() ->
          malformed(
              name,
              "returned a whole response, but its route has ResponseTransferMode: RESPONSE_STREAM",
              id);
      case InvocationResult.Returned(byte[] payload) ->
          ProxyResponse.parse(payload)
              .map(response -> new RoutedResponse(response, Optional.empty(), false, ""))
              .orElseGet(() -> malformed(name, "returned an invalid proxy response", id));
      case InvocationResult.Streamed stream -> streamed(stream, target, id);
      case InvocationResult.Failed _, InvocationResult.TimedOut _, InvocationResult.Ended _ ->
          // The pool reports why.
          error(GatewayError.INTEGRATION_FAILURE, id, "");
      case InvocationResult.StillRunning _ ->
          error(GatewayError.INTEGRATION_TIMEOUT, id, name + " is still running");
      case InvocationResult.Disconnected _ ->
          new RoutedResponse(NOBODY, Optional.empty(), false, name + ", " + result.reason());
      case InvocationResult.Throttled _ -> error(GatewayError.THROTTLED, id, name + " is busy");
      case InvocationResult.TooLarge _ ->
          error(GatewayError.REQUEST_TOO_LARGE, id, "event over 6 MB");
    };
  }

  private RoutedResponse streamed(
      InvocationResult.Streamed stream, FrontDoor.Target target, String id) {
    String name = target.function().name();
    Optional<ProxyResponse> head =
        target.route().streaming() ? Prelude.read(stream.body()) : Optional.empty();
    if (head.isPresent()) {
      return new RoutedResponse(head.get(), Optional.of(stream), false, "");
    }
    stream.abandon();
    return malformed(
        name,
        target.route().streaming()
            ? "started a stream with an invalid prelude"
            : "streamed its response, but its route has no ResponseTransferMode: RESPONSE_STREAM",
        id);
  }

  private RoutedResponse malformed(String name, String problem, String id) {
    console.problem(name + " " + problem);
    return error(GatewayError.INTEGRATION_FAILURE, id, "");
  }
}
