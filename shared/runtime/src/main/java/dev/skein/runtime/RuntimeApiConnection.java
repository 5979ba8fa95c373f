package dev.skein.runtime;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.Arrays;

/**
 * One HTTP/1.1 connection to the Runtime API. One thread may write while another reads; any thread
 * may close it, which ends a blocked read or write.
 */
final class RuntimeApiConnection implements Closeable {
  private static final int CONNECT_MS = 1_000;
  private static final int HEAD_LIMIT = 64 * 1024;

  /** Twice what the platform sends: an event has at most 6 MB. */
  private static final int BODY_LIMIT = 12 * 1024 * 1024;

  private static final byte[] NO_BODY = {};

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  private RuntimeApiConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Connects without a proxy: the Runtime API is on this machine. */
  static RuntimeApiConnection open(String host, int port) throws IOException {
    var socket = new Socket(Proxy.NO_PROXY);
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
      return new RuntimeApiConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Writes these bytes at once; blocks while the peer does not read. */
  void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Waits for a response and reads all of it. */
  RuntimeApiResponse read() throws IOException {
    String head = head();
    int status = RuntimeApiResponse.status(head);
    while (status < 200) {
      head = head();
      status = RuntimeApiResponse.status(head);
    }
    String close = RuntimeApiResponse.header(head, "Connection");
    boolean reusable = close == null || !close.equalsIgnoreCase("close");
    String coding = RuntimeApiResponse.header(head, "Transfer-Encoding");
    String length = RuntimeApiResponse.header(head, "Content-Length");
    if (status == 204) {
      return new RuntimeApiResponse(status, head, NO_BODY, reusable);
    }
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked") || length != null) {
        throw new IOException("the Runtime API sent a body of ambiguous length");
      }
      return new RuntimeApiResponse(status, head, chunks(), reusable);
    }
    if (length != null) {
      var body = new byte[size(length, 10)];
      fill(body, 0, body.length);
      return new RuntimeApiResponse(status, head, body, reusable);
    }
    byte[] body = in.readNBytes(BODY_LIMIT + 1);
    if (body.length > BODY_LIMIT) {
      throw tooLarge();
    }
    return new RuntimeApiResponse(status, head, body, false);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // There is nothing more to close.
    }
  }

  /** The status line and the headers, each with its line end. */
  private String head() throws IOException {
    var head = new StringBuilder();
    for (String line = line(); !line.isEmpty(); line = line()) {
      head.append(line).append("\r\n");
      if (head.length() > HEAD_LIMIT) {
        throw headTooLarge();
      }
    }
    return head.toString();
  }

  /** A line without its end. */
  private String line() throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the Runtime API closed the connection");
      }
      if (line.length() > HEAD_LIMIT) {
        throw headTooLarge();
      }
      line.append((char) next);
    }
    int last = line.length() - 1;
    if (last >= 0 && line.charAt(last) == '\r') {
      line.setLength(last);
    }
    return line.toString();
  }

  private void fill(byte[] body, int at, int length) throws IOException {
    if (in.readNBytes(body, at, length) < length) {
      throw new EOFException("the Runtime API closed the connection within a body");
    }
  }

  private byte[] chunks() throws IOException {
    byte[] body = NO_BODY;
    int total = 0;
    for (int length = chunkSize(); length > 0; length = chunkSize()) {
      if (total + length > BODY_LIMIT) {
        throw tooLarge();
      }
      if (total + length > body.length) {
        body = Arrays.copyOf(body, Math.max(total + length, Math.min(2 * total, BODY_LIMIT)));
      }
      fill(body, total, length);
      total += length;
      if (!line().isEmpty()) {
        throw new IOException("the Runtime API sent a chunk longer than its size");
      }
    }
    head(); // the trailers
    return Arrays.copyOf(body, total);
  }

  private int chunkSize() throws IOException {
    String size = line();
    int extension = size.indexOf(';');
    return size((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
  }

  /** A length in this radix, of digits only. */
  private static int size(String digits, int radix) throws IOException {
    long size = digits.isEmpty() ? -1 : 0;
    for (int at = 0; at < digits.length() && size >= 0; at++) {
      int digit = Character.digit(digits.charAt(at), radix);
      size = digit < 0 ? -1 : size * radix + digit;
      if (size > BODY_LIMIT) {
        throw tooLarge();
      }
    }
    if (size < 0) {
      throw new IOException("the Runtime API sent a length that is not a number");
    }
    return (int) size;
  }

  private static IOException headTooLarge() {
    return new IOException("the Runtime API's headers are larger than 64 KiB");
  }

  private static IOException tooLarge() {
    return new IOException("the Runtime API sent more than 12 MiB");
  }
}
