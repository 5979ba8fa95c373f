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
final class Response {

  /** The server's own business: a function's value could break the framing. */
  private static final Set<String> FRAMING = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    FRAMING.addAll(List.of("Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"));
  }

  private Response() {}

  /** What was sent: another answer than {@code served} when its headers cannot go over HTTP. */
  static Served write(
      HttpExchange exchange, Served served, Map<String, GatewayResponse> declared, String id)
      throws IOException {
    Served sent = served;
    try {
      addHeaders(exchange.getResponseHeaders(), served.answer());
    } catch (IllegalArgumentException e) {
      String detail = served.detail() + " answered with a header that HTTP does not allow";
      sent = new Served(GatewayError.INTEGRATION_FAILURE.answer(declared, id), false, detail);
      exchange.getResponseHeaders().clear();
      exchange.getResponseHeaders().set("x-amzn-RequestId", id);
      addHeaders(exchange.getResponseHeaders(), sent.answer());
    }
    HttpAnswer answer = sent.answer();
    boolean bodiless =
        exchange.getRequestMethod().equals("HEAD")
            || answer.status() == 204
            || answer.status() == 304
            || answer.body().length == 0;
    exchange.sendResponseHeaders(answer.status(), bodiless ? -1 : answer.body().length);
    if (!bodiless) {
      exchange.getResponseBody().write(answer.body());
    }
    // Now, since the end of the exchange first reads what the caller still sends.
    exchange.getResponseBody().flush();
    return sent;
  }

  private static void addHeaders(Headers headers, HttpAnswer answer) {
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
