package dev.skein.local.front;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Writes responses that are not streamed. */
final class ResponseWriter {

  /** Set by the server: a function's value could break the framing. */
  private static final Set<String> FRAMING = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    FRAMING.addAll(List.of("Connection", "Content-Length", "Keep-Alive", "Transfer-Encoding"));
  }

  private ResponseWriter() {}

  static boolean hasNoBody(HttpExchange exchange, int status) {
    return exchange.getRequestMethod().equals("HEAD") || status == 204 || status == 304;
  }

  /** Writes a response whose headers were added before. */
  static void write(HttpExchange exchange, ProxyResponse response) throws IOException {
    byte[] body = response.body();
    boolean empty = hasNoBody(exchange, response.status()) || body.length == 0;
    exchange.sendResponseHeaders(response.status(), empty ? -1 : body.length);
    if (!empty) {
      exchange.getResponseBody().write(body);
    }
    // Closing the exchange would first read what the caller still sends.
    exchange.getResponseBody().flush();
  }

  /** Returns false, and adds none, if a header is not valid in HTTP. */
  static boolean addHeaders(HttpExchange exchange, ProxyResponse response, String id) {
    Headers headers = exchange.getResponseHeaders();
    headers.set("x-amzn-RequestId", id);
    try {
      response
          .headers()
          .forEach(
              (name, values) -> {
                if (!FRAMING.contains(name)) {
                  values.forEach(value -> headers.add(name, value));
                }
              });
      return true;
    } catch (IllegalArgumentException e) {
      headers.clear();
      return false;
    }
  }
}
