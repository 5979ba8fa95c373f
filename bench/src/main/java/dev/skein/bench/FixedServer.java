package dev.skein.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers every request with the same bytes on a connection that it keeps: so little of its own
 * that what differs between two clients of it is theirs.
 */
final class FixedServer implements AutoCloseable {
  private static final String LENGTH = "content-length:";

  private final byte[] answer;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** A server of this answer on a free port of 127.0.0.1. */
  FixedServer(String contentType, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(contentType, bytes.length);
    this.answer = (head + body).getBytes(UTF_8);
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("fixed-server").start(this::accept);
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + path);
  }

  private void accept() {
    try {
      while (true) {
        var socket = listener.accept();
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
      while (takeRequest(in)) {
        socket.getOutputStream().write(answer);
      }
    } catch (IOException gone) {
      // The client, or this server, has closed the connection.
    } finally {
      open.remove(socket);
    }
  }

  /** Reads one request and forgets it; returns whether there was one. */
  static boolean takeRequest(InputStream in) throws IOException {
    int length = 0;
    String line = line(in);
    boolean request = !line.isEmpty();
    while (!line.isEmpty()) {
      if (line.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()).strip());
      }
      line = line(in);
    }
    in.skipNBytes(length);
    return request;
  }

  private static String line(InputStream in) throws IOException {
    byte[] bytes = new byte[1024];
    int length = 0;
    for (int next = in.read(); next != '\n' && next >= 0; next = in.read()) {
      bytes[length++] = (byte) next;
    }
    return new String(bytes, 0, length, US_ASCII).strip();
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (var socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
