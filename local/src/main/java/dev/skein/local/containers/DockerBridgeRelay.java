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
 * Relays ports of Docker's bridge to the same ports of 127.0.0.1. The parts listen on loopback
 * only, and on Linux a container reaches its host by the bridge's address alone; Docker Desktop, on
 * other systems, does the same relaying by itself.
 *
 * <p>Thread-safe.
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
   * Opens the ports of those parts that are on 127.0.0.1, on Docker's bridge; empty where this
   * machine has none.
   *
   * @throws IOException when one of the ports is taken there
   */
  public static Optional<DockerBridgeRelay> onDockerBridge(List<URI> parts) throws IOException {
    List<Integer> ports =
        parts.stream()
            .filter(part -> "127.0.0.1".equals(part.getHost()))
            .map(URI::getPort)
            .toList();
    NetworkInterface bridge = NetworkInterface.getByName(BRIDGE);
    Optional<InetAddress> address =
        bridge == null
            ? Optional.empty()
            : bridge.inetAddresses().filter(Inet4Address.class::isInstance).findFirst();
    return address.isEmpty() ? Optional.empty() : Optional.of(open(address.get(), ports));
  }

  /** Opens these ports on this address, which is not 127.0.0.1. */
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

  /** The address that a container finds under {@code host-gateway}. */
  public InetAddress address() {
    return address;
  }

  private void accept(ServerSocket listener) {
    while (!closed) {
      try {
        Socket container = keep(listener.accept());
        Thread.ofVirtual().start(() -> relay(container, listener.getLocalPort()));
      } catch (IOException e) {
        // Closed, which ends the loop; or one connection that went before it was accepted.
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
      // The part is down: the container sees its connection close.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.removeIf(Socket::isClosed);
    }
  }

  /** Copies until one side ends, and passes the end on. */
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
      // It is being given up anyway.
    }
  }

  /** Closes every port and connection. */
  @Override
  public void close() {
    closed = true;
    listeners.forEach(DockerBridgeRelay::closeQuietly);
    sockets.forEach(DockerBridgeRelay::closeQuietly);
    acceptors.close(); // a port is free only when nobody waits on it any more
  }
}
