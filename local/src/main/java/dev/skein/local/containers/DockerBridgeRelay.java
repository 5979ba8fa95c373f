package dev.skein.local.containers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Relays ports of Docker's bridge to the same ports of 127.0.0.1, where the local services listen:
 * on Linux, a container reaches its host only through the bridge's address. Docker Desktop, on
 * other systems, does this by itself. Thread-safe.
 */
public final class DockerBridgeRelay implements AutoCloseable {
  private static final String BRIDGE = "docker0";

  private final InetAddress address;
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ExecutorService acceptors = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean closed;

  private DockerBridgeRelay(InetAddress address) {
    this.address = address;
  }

  /**
   * Relays the ports of those services that are on 127.0.0.1; empty if there is no Docker bridge.
   *
   * @throws IOException if one of the ports is in use on the bridge
   */
  public static Optional<DockerBridgeRelay> onDockerBridge(List<URI> services) throws IOException {
    List<Integer> ports =
        services.stream()
            .filter(service -> "127.0.0.1".equals(service.getHost()))
            .map(URI::getPort)
            .toList();
    NetworkInterface bridge = NetworkInterface.getByName(BRIDGE);
    Optional<InetAddress> address =
        bridge == null
            ? Optional.empty()
            : bridge.inetAddresses().filter(Inet4Address.class::isInstance).findFirst();
    return address.isEmpty() ? Optional.empty() : Optional.of(open(address.get(), ports));
  }

  /** Relays these ports of an address other than 127.0.0.1. */
  static DockerBridgeRelay open(InetAddress address, List<Integer> ports) throws IOException {
    var door = new DockerBridgeRelay(address);
    try {
      for (int port : ports) {
        var listener = new ServerSocket(port, 128, address);
        door.listeners.add(listener);
        door.acceptors.execute(() -> door.accept(listener));
      }
      return door;
    } catch (IOException e) {
      door.close();
      throw e;
    }
  }

  /** The address of {@code host-gateway} in a container. */
  public InetAddress address() {
    return address;
  }

  private void accept(ServerSocket listener) {
    while (!closed) {
      try {
        Socket container = keep(listener.accept());
        Thread.ofVirtual().start(() -> relay(container, listener.getLocalPort()));
      } catch (IOException e) {
        // Closed, which ends the loop; or a connection that broke before it was accepted.
      }
    }
  }

  private void relay(Socket container, int port) {
    try (container;
        Socket part = keep(new Socket(InetAddress.getLoopbackAddress(), port))) {
      Thread back = Thread.ofVirtual().start(() -> pump(part, container));
      pump(container, part);
      back.join();
    } catch (IOException e) {
      // The service is down: the container sees its connection close.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.removeIf(Socket::isClosed);
    }
  }

  /** Copies to the end of the stream, and closes the output. */
  private void pump(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private Socket keep(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    sockets.add(socket);
    if (closed) { // after close has gone through the set
      socket.close();
    }
    return socket;
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      // It is of no use any more.
    }
  }

  /** Closes every port and connection. */
  @Override
  public void close() {
    closed = true;
    listeners.forEach(DockerBridgeRelay::closeQuietly);
    sockets.forEach(DockerBridgeRelay::closeQuietly);
    acceptors.close(); // a port is free only when no thread accepts on it
  }
}
