package dev.skein.local.services;

import dev.skein.local.console.StartupException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of 127.0.0.1. */
public final class Ports {

  /** The first port that every user may listen on. */
  private static final int PRIVILEGED = 1024;

  /** Below the ports of outgoing connections: none of these takes it before the server listens. */
  private static final int FIRST_FREE = 10_000;

  private static final int AFTER_FREE = 32_768;
  private static final int ATTEMPTS = 100;

  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  static {
    // The JDK's server reads this once. Without it, each chunk of a stream waits 40 ms for the
    // acknowledgement of the one before.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private Ports() {}

  /** That port of 127.0.0.1. */
  public static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(LOOPBACK, port);
  }

  /**
   * The port to listen on: {@code wanted}, or a free one if that is 0.
   *
   * @param variable the setting to name in the error
   * @throws StartupException if the port is in use, or reserved for root
   */
  public static int claim(int wanted, String variable) {
    try {
      return wanted == 0 ? anyFree() : listened(wanted);
    } catch (IOException e) {
      if (wanted > 0 && wanted < PRIVILEGED && String.valueOf(e.getMessage()).contains("denied")) {
        throw new StartupException(
            "Port %d is reserved for root. Set %s to a port from %d on (0 means any free port)."
                .formatted(wanted, variable, PRIVILEGED),
            e);
      }
      throw new StartupException(
          "Port %d is in use by another program. Stop that program, or set %s to another port (0 means any free port)."
              .formatted(wanted, variable),
          e);
    }
  }

  private static int anyFree() throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        return listened(ThreadLocalRandom.current().nextInt(FIRST_FREE, AFTER_FREE));
      } catch (BindException e) {
        // Another one may be free.
      }
    }
    return listened(0);
  }

  private static int listened(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket(port, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }
}
