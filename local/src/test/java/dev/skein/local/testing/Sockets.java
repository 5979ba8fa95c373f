package dev.skein.local.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/** Reads what a server says, byte by byte. */
public final class Sockets {

  private Sockets() {}

  /** What comes up to this text; fails if the connection ends before. */
  public static String upTo(Socket caller, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < end.length()
        || !text.substring(text.length() - end.length()).equals(end)) {
      int next = caller.getInputStream().read();
      if (next < 0) {
        throw new AssertionError("the connection ended after: " + text);
      }
      text.append((char) next);
    }
    return text.toString();
  }

  /** What comes until the server closes or resets the connection. */
  public static String all(Socket caller) throws IOException {
    StringBuilder text = new StringBuilder();
    try {
      for (int next = caller.getInputStream().read();
          next >= 0;
          next = caller.getInputStream().read()) {
        text.append((char) next);
      }
    } catch (SocketException e) {
      // A reset ends it, too.
    }
    return text.toString();
  }

  /** Whether no server listens on this port. */
  public static boolean refuses(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return !socket.isConnected();
    } catch (IOException e) {
      return true;
    }
  }
}
