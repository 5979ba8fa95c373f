package dev.skein.runtime;

import dev.skein.runtime.Rehearsal.Reply;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * A minimal HTTP server on the loopback address, for the calls that an environment makes to itself
 * while it starts. It reads each request to its end and closes the connection after the response.
 */
final class StubServer implements Closeable {
  /** Not the JVM's loopback address, which its settings may make the one of IPv6. */
  private static final String ADDRESS = "127.0.0.1";

  private final ServerSocket socket;
  private final Function<String, Reply> responses;
  private final Executor executor;

  private StubServer(ServerSocket socket, Function<String, Reply> responses, Executor executor) {
    this.socket = socket;
    this.responses = responses;
    this.executor = executor;
  }

  /**
   * Starts to serve on a free port.
   *
   * @param responses the response to a request, given from its request line on
   * @param executor starts a thread for each task
   */
  static StubServer start(Function<String, Reply> responses, Executor executor) throws IOException {
    var socket = new ServerSocket(0, 16, InetAddress.ofLiteral(ADDRESS));
    var server = new StubServer(socket, responses, executor);
    executor.execute(server::accept);
    return server;
  }

  /** Host and port. */
  String address() {
    return ADDRESS + ":" + socket.getLocalPort();
  }

  /** The URL of the server, without a path. */
  URI url() {
    return URI.create("http://" + address());
  }

  /** Stops accepting connections. */
  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void accept() {
    // Closed at the end, so that no client waits for a server that cannot accept any more.
    try (socket) {
      while (true) {
        Socket connection = socket.accept();
        executor.execute(() -> serve(connection));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      String request = read(connection);
      connection.getOutputStream().write(bytes(responses.apply(request)));
      connection.shutdownOutput();
      // A close before the client's own would be a reset.
      connection.getInputStream().skipNBytes(Long.MAX_VALUE);
    } catch (IOException e) {
      // The client has closed the connection, or it is none of ours.
    }
  }

  private static byte[] bytes(Reply reply) {
    String head =
        "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(reply.headers(), reply.body().length());
    return (head + reply.body()).getBytes(StandardCharsets.US_ASCII);
  }

  private static String read(Socket connection) throws IOException {
    var received = new ByteArrayOutputStream();
    var buffer = new byte[8192];
    while (true) {
      int count = connection.getInputStream().read(buffer);
      received.write(buffer, 0, Math.max(count, 0));
      String request = received.toString(StandardCharsets.ISO_8859_1);
      if (count < 0 || isComplete(request)) {
        return request;
      }
    }
  }

  private static boolean isComplete(String request) {
    int body = request.indexOf("\r\n\r\n") + 4;
    if (body < 4) {
      return false;
    }
    String head = request.substring(0, body).toLowerCase(Locale.ROOT);
    if (head.contains("transfer-encoding: chunked")) {
      // The last chunk, and the trailers of a response that broke off.
      return request.endsWith("\r\n\r\n") && request.indexOf("\r\n0\r\n", body - 2) >= 0;
    }
    int length = head.indexOf("content-length: ");
    if (length < 0) {
      return true;
    }
    int start = length + "content-length: ".length();
    int bytes = Integer.parseInt(head.substring(start, head.indexOf("\r\n", start)));
    return request.length() - body >= bytes;
  }
}
