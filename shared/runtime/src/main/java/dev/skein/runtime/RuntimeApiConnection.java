package dev.skein.runtime;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;

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

  /** Writes these bytes immediately; blocks while the peer does not read. */
  void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /**
   * Waits for a response and reads all of it.
   *
   * @param timeoutMs how long to wait for its next bytes; 0 is no limit
   * @throws SocketTimeoutException if none have arrived within this time
   */
  RuntimeApiResponse read(int timeoutMs) throws IOException {
    socket.setSoTimeout(timeoutMs);
    String head;
    int status;
    do {
      head = head();
      status = RuntimeApiResponse.status(head);
    } while (status < 200);
    String close = RuntimeApiResponse.header(head, "Connection");
    boolean reusable = close == null || !close.equalsIgnoreCase("close");
    String coding = RuntimeApiResponse.header(head, "Transfer-Encoding");
    String length = RuntimeApiResponse.header(head, "Content-Length");
    byte[] body;
    if (status == 204) {
      body = NO_BODY;
    } else if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked") || length != null) {
        throw new IOException("the Runtime API sent a body of ambiguous length");
      }
      body = chunks();
    } else if (length != null) {
      body = bytes(size(length, 10));
    } else {
      body = in.readNBytes(BODY_LIMIT + 1);
      reusable = false;
    }
    if (body.length > BODY_LIMIT) {
      throw tooLarge();
    }
    return new RuntimeApiResponse(status, head, body, reusable);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // There is nothing left to close.
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

  private byte[] bytes(int length) throws IOException {
    byte[] bytes = new byte[length];
    if (in.readNBytes(bytes, 0, length) < length) {
      throw new EOFException("the Runtime API closed the connection within a body");
    }
    return bytes;
  }

  private byte[] chunks() throws IOException {
    var body = new ByteArrayOutputStream();
    for (int length = chunkSize(); length > 0; length = chunkSize()) {
      if (body.size() + length > BODY_LIMIT) {
        throw tooLarge();
      }
      body.write(bytes(length), 0, length);
      if (!line().isEmpty()) {
        throw new IOException("the Runtime API sent a chunk longer than its size");
      }
    }
    head(); // the trailers
    return body.toByteArray();
  }

  private int chunkSize() throws IOException {
    String size = line();
    int extension = size.indexOf(';');
    return size((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
  }

  private static int size(String digits, int radix) throws IOException {
    try {
      int size = Integer.parseInt(digits, radix);
      if (size >= 0 && size <= BODY_LIMIT) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a size out of range.
    }
    throw new IOException("the Runtime API sent a size that is not a number up to 12 MiB");
  }

  private static IOException headTooLarge() {
    return new IOException("the Runtime API's headers are larger than 64 KiB");
  }

  private static IOException tooLarge() {
    return new IOException("the Runtime API sent more than 12 MiB");
  }
}
