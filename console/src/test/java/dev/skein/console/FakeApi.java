package dev.skein.console;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A deployed API that records what it receives. A chat is a stream in two pieces. */
final class FakeApi implements AutoCloseable {
  static final String FIRST = "event: delta\ndata: {\"text\":\"one\"}\n\n";
  static final String SECOND = "event: done\ndata: {}\n\n";

  final List<IncomingRequest> requests = new CopyOnWriteArrayList<>();
  final List<String> bodies = new CopyOnWriteArrayList<>();

  /** The second piece of a stream waits for it. */
  final CountDownLatch goOn = new CountDownLatch(1);

  /** Counted down when a stream's client has gone. */
  final CountDownLatch gone = new CountDownLatch(1);

  volatile boolean endless;
  volatile boolean cut;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final LoopbackServer server;

  FakeApi() throws IOException {
    this.server = LoopbackServer.start(0, threads, it -> it.serve(request -> handle(it, request)));
  }

  URI url() {
    return server.uri("/api");
  }

  private void handle(HttpConnection connection, IncomingRequest request)
      throws IOException, InterruptedException {
    requests.add(request);
    bodies.add(new String(request.body().readAllBytes(), StandardCharsets.UTF_8));
    if (request.path().equals("/api/chat")) {
      stream(connection);
      return;
    }
    connection.write(
        head(
            "HTTP/1.1 429 Too Many Requests",
            "Content-Type: application/problem+json",
            "Retry-After: 7",
            "X-Skein-Tried: m ok",
            "Set-Cookie: a=b",
            "Access-Control-Allow-Origin: *",
            "Content-Length: 2"));
    connection.write(ascii("{}"));
  }

  private void stream(HttpConnection connection) throws IOException, InterruptedException {
    connection.write(
        head("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"));
    connection.write(chunk(FIRST));
    goOn.await();
    try {
      while (endless) {
        connection.write(chunk(FIRST));
      }
    } catch (IOException e) {
      gone.countDown();
      throw e;
    }
    if (!cut) {
      connection.write(chunk(SECOND));
      connection.write(ascii("0\r\n\r\n"));
    }
    connection.close();
  }

  private static byte[] head(String... lines) {
    return ascii(String.join("\r\n", lines) + "\r\n\r\n");
  }

  private static byte[] chunk(String text) {
    return ascii(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    goOn.countDown();
    server.close();
    threads.shutdownNow();
  }
}
