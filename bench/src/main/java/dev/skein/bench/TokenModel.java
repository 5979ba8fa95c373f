package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.skein.http.HttpConnection;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A model that streams, on a socket without Nagle's algorithm: each token is one write, and its
 * text is the time of that write ({@link System#nanoTime} between two {@code w}).
 */
final class TokenModel implements AutoCloseable {

  /**
   * How it answers.
   *
   * @param tokens in each reply
   * @param pace from one token to the next; the first comes at once
   */
  record Plan(int tokens, Duration pace) {}

  private static final String CHUNK =
      """
      data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1793613600,"model":"stub",\
      "choices":[{"index":0,"delta":%s,"finish_reason":%s}]}

      """;

  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  private final StubServer server;
  private volatile Plan plan;

  /** In the clear. */
  TokenModel(Plan plan) throws IOException {
    this(plan, null);
  }

  /**
   * Starts one.
   *
   * @param tls null in the clear
   */
  TokenModel(Plan plan, @Nullable SSLContext tls) throws IOException {
    this.plan = plan;
    this.server =
        StubServer.start(
            tls,
            connection ->
                connection.serve(
                    request -> {
                      request.body().drain();
                      if (request.method().equals("POST")) {
                        stream(connection, this.plan);
                      } else {
                        // It opens a connection beforehand; HEAD allows no body.
                        connection.respond("404 Not Found", Map.of(), new byte[0]);
                      }
                    }));
  }

  /** The base URL. */
  URI uri() {
    return server.uri("/v1");
  }

  /** How the next requests are answered. */
  void follow(Plan next) {
    plan = next;
  }

  private static void stream(HttpConnection out, Plan plan)
      throws IOException, InterruptedException {
    out.write(HEAD.getBytes(UTF_8));
    long due = System.nanoTime();
    for (int i = 0; i < plan.tokens(); i++, due += plan.pace().toNanos()) {
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      write(out, CHUNK.formatted("{\"content\":\"w" + System.nanoTime() + "w \"}", "null"));
    }
    write(out, CHUNK.formatted("{}", "\"stop\"") + "data: [DONE]\n\n");
    out.write("0\r\n\r\n".getBytes(UTF_8));
  }

  private static void write(HttpConnection out, String text) throws IOException {
    String chunk = Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    out.write(chunk.getBytes(UTF_8));
  }

  @Override
  public void close() {
    server.close();
  }
}
