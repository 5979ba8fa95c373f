package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A model that streams, on a plain socket without Nagle's algorithm: each token is one write, and
 * its text is the time of that write ({@link System#nanoTime} between two {@code w}).
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

  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Plan plan;

  TokenModel(Plan plan) throws IOException {
    this.plan = plan;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("token-model").start(this::accept);
  }

  /** The base URL. */
  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v1");
  }

  /** How the next requests are answered. */
  void follow(Plan next) {
    plan = next;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // close() ends it.
    }
  }

  private void serve(Socket socket) {
    try (socket;
        var in = new BufferedInputStream(socket.getInputStream())) {
      socket.setTcpNoDelay(true);
      while (FixedServer.takeRequest(in)) {
        answer(socket.getOutputStream(), plan);
      }
    } catch (IOException | InterruptedException gone) {
      // The client, or this server, has closed the connection.
    } finally {
      open.remove(socket);
    }
  }

  private static void answer(OutputStream out, Plan plan) throws IOException, InterruptedException {
    out.write(HEAD.getBytes(UTF_8));
    long due = System.nanoTime();
    for (int i = 0; i < plan.tokens(); i++, due += plan.pace().toNanos()) {
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      write(out, CHUNK.formatted("{\"content\":\"w" + System.nanoTime() + "w \"}", "null"));
    }
    write(out, CHUNK.formatted("{}", "\"stop\"") + "data: [DONE]\n\n");
    out.write("0\r\n\r\n".getBytes(UTF_8));
  }

  private static void write(OutputStream out, String text) throws IOException {
    String chunk = Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    out.write(chunk.getBytes(UTF_8));
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
