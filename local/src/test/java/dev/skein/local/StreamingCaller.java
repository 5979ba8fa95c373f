package dev.skein.local;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A caller on a plain socket, who sees each event when it comes, and whether the reply's end was in
 * due form. For one thread.
 */
final class StreamingCaller implements AutoCloseable {
  /** With more streams than environments, on a busy machine. */
  private static final int PATIENCE_MS = 240_000;

  private final Socket socket;
  private final InputStream in;
  private final int status;
  private final Map<String, String> headers = new HashMap<>();
  private final ByteArrayOutputStream event = new ByteArrayOutputStream();
  private final boolean chunked;
  private int left;
  private boolean whole;
  private boolean over;

  private StreamingCaller(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.status = Integer.parseInt(line().split(" ", -1)[1]);
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    this.chunked = headers.containsKey("transfer-encoding");
    this.left = Integer.parseInt(headers.getOrDefault("content-length", "0"));
  }

  /** Posts a body, and reads the head of the reply. */
  static StreamingCaller post(URI api, String path, String body, String... moreHeaders) {
    return post(api, path, body, 0, moreHeaders);
  }

  /**
   * As {@link #post}, with little room for what was not read yet.
   *
   * @param receiveBuffer in bytes; 0 leaves it to the system
   */
  static StreamingCaller post(
      URI api, String path, String body, int receiveBuffer, String... moreHeaders) {
    try {
      var socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.connect(new InetSocketAddress(api.getHost(), api.getPort()));
      socket.setSoTimeout(PATIENCE_MS);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      String head =
          "POST %s HTTP/1.1\r\nHost: local\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
              .formatted(path, bytes.length, String.join("", moreHeaders));
      socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
      return new StreamingCaller(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int status() {
    return status;
  }

  /** By lower-case name. */
  Map<String, String> headers() {
    return headers;
  }

  /** The next event without its blank line; empty at the end, and for a part of one. */
  Optional<String> event() {
    try {
      int previous = 0;
      for (int next = next(); next >= 0; next = next()) {
        event.write(next);
        if (next == '\n' && previous == '\n') {
          String text = event.toString(StandardCharsets.UTF_8);
          event.reset();
          return Optional.of(text.strip());
        }
        previous = next;
      }
    } catch (IOException e) {
      over = true;
    }
    return Optional.empty();
  }

  /** Every event that is left. */
  List<String> events() {
    var events = new ArrayList<String>();
    for (var next = event(); next.isPresent(); next = event()) {
      events.add(next.get());
    }
    return events;
  }

  /** All that is left, of a reply that is no stream of events. */
  String rest() {
    var _ = events();
    return event.toString(StandardCharsets.UTF_8);
  }

  /** Whether the reply has ended in due form. */
  boolean isWhole() {
    return whole;
  }

  /** Leaves, whether there is more or not. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int next() throws IOException {
    if (left == 0 && !over && chunked) {
      nextChunk();
    }
    if (left == 0 || over) {
      whole |= !chunked;
      return -1;
    }
    left--;
    int next = in.read();
    over = next < 0;
    if (left == 0 && chunked) {
      line();
    }
    return next;
  }

  private void nextChunk() throws IOException {
    String size = line();
    over = size.isEmpty();
    left = over ? 0 : Integer.parseInt(size, 16);
    if (!over && left == 0) {
      line();
      over = true;
      whole = true;
    }
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }
}
