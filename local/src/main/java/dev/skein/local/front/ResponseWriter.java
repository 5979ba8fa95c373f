package dev.skein.local.front;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.skein.local.template.Deployment.GatewayResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Writes answers to the wire. */
final class ResponseWriter {

  /** The server's own business: a function's value could break the framing. */
  private static final Set<String> FRAMING = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    FRAMING.addAll(List.of("Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"));
  }

  /** What is told of a function that answered so. */
  static final String BAD_HEADER = " answered with a header that HTTP does not allow";

  private ResponseWriter() {}

  static boolean isBodiless(HttpExchange exchange, int status) {
    return exchange.getRequestMethod().equals("HEAD") || status == 204 || status == 304;
  }

  /** What was sent: another answer than {@code served} when its headers cannot go over HTTP. */
  static RoutedResponse.Whole write(
      HttpExchange exchange,
      RoutedResponse.Whole served,
      Map<String, GatewayResponse> declared,
      String id)
      throws IOException {
    RoutedResponse.Whole sent = served;
    if (!addHeaders(exchange, served.answer(), id)) {
      String detail = served.detail() + BAD_HEADER;
      sent =
          new RoutedResponse.Whole(
              GatewayError.INTEGRATION_FAILURE.answer(declared, id), false, detail);
      addHeaders(exchange, sent.answer(), id);
    }
    ProxyResponse answer = sent.answer();
    boolean bodiless = isBodiless(exchange, answer.status()) || answer.body().length == 0;
    exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : answer.body().length);
    if (!bodiless) {
      exchange.getResponseBody().write(answer.body());
    }
    // Now, since the end of the exchange first reads what the caller still sends.
    exchange.getResponseBody().flush();
    return sent;
  }

  /** Without effect, and false, when there is a header that HTTP does not allow. */
  static boolean addHeaders(HttpExchange exchange, ProxyResponse answer, String id) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("x-amzn-RequestId", id);
    try {
      addHeaders(headers, answer);
      return true;
    } catch (IllegalArgumentException e) {
      headers.clear();
      return false;
    }
  }

  private static void addHeaders(Headers headers, ProxyResponse answer) {
    answer
        .headers()
        .forEach(
            (name, values) -> {
              if (!FRAMING.contains(name)) {
                values.forEach(value -> headers.add(name, value));
              }
            });
  }
}
