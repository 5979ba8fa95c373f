package dev.skein.local.services;

import dev.skein.local.console.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of this machine's loopback address. */
public final class Ports {

  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  static {
    // Before the first server is made: else each piece of a stream waits 40 ms for the last one's
    // acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private Ports() {}

  /** That port of 127.0.0.1. */
  public static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(LOOPBACK, port);
  }

  /**
   * The port to listen on: {@code wanted}, or a free one when that is 0.
   *
   * @param variable the setting that a person changes when the port is taken
   * @throws StartupException when something else listens there
   */
  public static int claim(int wanted, String variable) {
    try (ServerSocket socket = new ServerSocket(wanted, 1, LOOPBACK)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new StartupException(
          "Port %d is in use by another program. Stop that program, or choose another port: set %s (0 takes any free port)."
              .formatted(wanted, variable),
          e);
    }
  }
}
