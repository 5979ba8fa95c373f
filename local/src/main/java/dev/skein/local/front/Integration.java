package dev.skein.local.front;

import dev.skein.local.console.StackConsole;
import dev.skein.local.functions.Invocation;
import dev.skein.local.functions.InvocationResult;
import dev.skein.local.template.Deployment.GatewayResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Calls functions, and makes of what becomes of it an answer to the caller. */
final class Integration {

  private final Map<String, GatewayResponse> gatewayResponses;
  private final StackConsole console;

  Integration(Map<String, GatewayResponse> gatewayResponses, StackConsole console) {
    this.gatewayResponses = gatewayResponses;
    this.console = console;
  }

  /**
   * Calls the route's function.
   *
   * @param id the request's, for the answers that are not the function's
   */
  RoutedResponse call(FrontDoor.Target target, byte[] event, String id, Duration patience)
      throws InterruptedException {
    Invocation invocation = target.function().invoke(event, patience);
    RoutedResponse served = served(invocation.outcome(), target, id);
    return invocation.coldStart() ? served.cold() : served;
  }

  /** An answer that is not the function's. */
  RoutedResponse.Whole refuse(GatewayError error, String id, String detail) {
    return new RoutedResponse.Whole(error.answer(gatewayResponses, id), false, detail);
  }

  private RoutedResponse served(InvocationResult outcome, FrontDoor.Target target, String id) {
    String name = target.function().name();
    return switch (outcome) {
      case InvocationResult.Answered(byte[] payload) -> whole(payload, target, id);
      case InvocationResult.Streamed stream -> streamed(stream, target, id);
      case InvocationResult.Failed _, InvocationResult.TimedOut _, InvocationResult.Ended _ ->
          refuse(GatewayError.INTEGRATION_FAILURE, id, name);
      case InvocationResult.Late _ ->
          refuse(GatewayError.INTEGRATION_TIMEOUT, id, name + " still runs");
      case InvocationResult.Throttled _ -> refuse(GatewayError.THROTTLED, id, name + " is busy");
      case InvocationResult.TooLarge _ ->
          refuse(GatewayError.REQUEST_TOO_LARGE, id, "event over 6 MB");
    };
  }

  private RoutedResponse whole(byte[] payload, FrontDoor.Target target, String id) {
    String name = target.function().name();
    if (target.route().streaming()) {
      return malformed(
          name, "answers all at once, but its route has ResponseTransferMode: RESPONSE_STREAM", id);
    }
    Optional<ProxyResponse> answer = ProxyResponse.ofFunction(payload);
    return answer.isPresent()
        ? new RoutedResponse.Whole(answer.get(), false, name)
        : malformed(name, "answered something that is no proxy response", id);
  }

  private RoutedResponse streamed(
      InvocationResult.Streamed stream, FrontDoor.Target target, String id) {
    String name = target.function().name();
    if (!target.route().streaming()) {
      stream.abandon();
      return malformed(
          name,
          "answers as a stream, but its route has no ResponseTransferMode: RESPONSE_STREAM",
          id);
    }
    Optional<ProxyResponse> head = prelude(stream);
    if (head.isPresent()) {
      return new RoutedResponse.Streamed(head.get(), stream, false, name);
    }
    stream.abandon();
    return malformed(name, "began a stream with something that is no status and headers", id);
  }

  private static Optional<ProxyResponse> prelude(InvocationResult.Streamed stream) {
    try {
      return Prelude.read(stream.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RoutedResponse.Whole malformed(String name, String what, String id) {
    console.problem(name + " " + what);
    return refuse(GatewayError.INTEGRATION_FAILURE, id, name);
  }
}
