package dev.skein.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Accepts connections on 127.0.0.1, and gives each a thread. Thread-safe. */
public final class LoopbackServer implements AutoCloseable {

  private static final int BACKLOG = 1024;

  private final ServerSocket listener;
  private final Executor threads;
  private final ConnectionHandler handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private LoopbackServer(ServerSocket listener, Executor threads, ConnectionHandler handler) {
    this.listener = listener;
    this.threads = threads;
    this.handler = handler;
  }

  /** Serves one connection. */
  @FunctionalInterface
  public interface ConnectionHandler {
    /** The connection is closed when this returns or throws. */
    void serve(HttpConnection connection) throws IOException, InterruptedException;
  }

  /**
   * Starts on a port, or on a free one if {@code port} is 0.
   *
   * @param threads runs each task it is given on a thread of its own, without a limit
   */
  public static LoopbackServer start(int port, Executor threads, ConnectionHandler handler)
      throws IOException {
    var listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
    return start(listener, threads, handler);
  }

  /** Starts on a bound socket, which it closes in the end. */
  public static LoopbackServer start(
      ServerSocket listener, Executor threads, ConnectionHandler handler) {
    var server = new LoopbackServer(listener, threads, handler);
    threads.execute(server::accept);
    return server;
  }

  /** The port it listens on. */
  public int port() {
    return listener.getLocalPort();
  }

  /** A URL of this server, for example {@code http://127.0.0.1:8080/v1}. */
  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        // Closed by its own thread, or by close().
        Socket socket = listener.accept();
        open.add(socket);
        if (listener.isClosed()) {
          socket.close();
        } else {
          threads.execute(() -> serve(socket));
        }
      } catch (IOException | RejectedExecutionException e) {
        // Either this server is closed, or the client has gone before it was accepted.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      handler.serve(new HttpConnection(socket));
    } catch (IOException e) {
      // The client has gone, does not speak HTTP, or this server is closed: the connection is over.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  /** Accepts no more connections, and leaves those that are open. */
  public void stopAccepting() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a socket does not close", e);
    }
  }

  /** Stops accepting and closes every connection; does not wait for their threads. */
  @Override
  public void close() {
    stopAccepting();
    try {
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a socket does not close", e);
    }
  }
}
