package dev.skein.bench;

import dev.skein.http.LoopbackServer;
import dev.skein.http.LoopbackServer.ConnectionHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A server on a free port of 127.0.0.1 that speaks HTTP, over TLS or in the clear.
 *
 * @param server accepts the connections
 * @param scheme http or https
 */
record StubServer(LoopbackServer server, String scheme) implements AutoCloseable {

  private static final int BACKLOG = 1024;

  /**
   * Starts one, whose threads are the platform's: they wake faster than virtual ones.
   *
   * @param tls null in the clear
   */
  static StubServer start(@Nullable SSLContext tls, ConnectionHandler handler) throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    ServerSocket listener =
        tls == null
            ? new ServerSocket(0, BACKLOG, loopback)
            : tls.getServerSocketFactory().createServerSocket(0, BACKLOG, loopback);
    var server =
        LoopbackServer.start(listener, task -> Thread.ofPlatform().daemon().start(task), handler);
    return new StubServer(server, tls == null ? "http" : "https");
  }

  /** A URL of this server, by a name that has to be resolved, as a customer's hosts have. */
  URI uri(String path) {
    return URI.create(scheme + "://localhost:" + server.port() + path);
  }

  @Override
  public void close() {
    server.close();
  }
}
