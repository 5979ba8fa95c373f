package dev.skein.runtime;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One HTTP/1.1 connection to the Runtime API. One thread may write while another reads; any may
 * close it, which ends what they wait for.
 */
final class Connection implements Closeable {
  private static final int CONNECT_MS = 1_000;
  private static final int HEAD_LIMIT = 64 * 1024;

  /** Twice what the platform gives: an event is at most 6 MB. */
  private static final int BODY_LIMIT = 12 * 1024 * 1024;

  private static final byte[] NOTHING = {};

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /** What was read and not used yet lies between {@code from} and {@code to}. */
  private byte[] buffer = new byte[8 * 1024];

  private int from;
  private int to;

  private Connection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /** Connects, past any proxy: the Runtime API is on this very machine. */
  static Connection open(String host, int port) throws IOException {
    var socket = new Socket(Proxy.NO_PROXY);
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
      return new Connection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Writes these bytes at once; blocks while the other side does not take them. */
  void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Waits for an answer and reads it whole. */
  Answer read() throws IOException {
    String head = head();
    int status = Answer.status(head);
    while (status < 200) {
      head = head();
      status = Answer.status(head);
    }
    String close = Answer.header(head, "Connection");
    boolean reusable = close == null || !close.equalsIgnoreCase("close");
    String coding = Answer.header(head, "Transfer-Encoding");
    String length = Answer.header(head, "Content-Length");
    if (status == 204) {
      return new Answer(status, head, NOTHING, reusable);
    }
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked") || length != null) {
        throw new IOException("the Runtime API answered with a body of unclear length");
      }
      return new Answer(status, head, chunks(), reusable);
    }
    if (length != null) {
      return new Answer(status, head, body(size(length, 10)), reusable);
    }
    return new Answer(status, head, untilClosed(), false);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone, as was wanted.
    }
  }

  /** The status line and the headers, with their line ends. */
  private String head() throws IOException {
    int length = 0;
    while (true) {
      for (; from + length + 3 < to; length++) {
        if (lineEnds(from + length) && lineEnds(from + length + 2)) {
          var head = new String(buffer, from, length + 2, StandardCharsets.ISO_8859_1);
          from += length + 4;
          return head;
        }
      }
      more();
    }
  }

  /** A line of a chunked body, without its end. */
  private String line() throws IOException {
    int length = 0;
    while (true) {
      for (; from + length + 1 < to; length++) {
        if (lineEnds(from + length)) {
          var line = new String(buffer, from, length, StandardCharsets.ISO_8859_1);
          from += length + 2;
          return line;
        }
      }
      more();
    }
  }

  private boolean lineEnds(int at) {
    return buffer[at] == '\r' && buffer[at + 1] == '\n';
  }

  /** Reads what comes next behind what is there, which moves to the front. */
  private void more() throws IOException {
    System.arraycopy(buffer, from, buffer, 0, to - from);
    to -= from;
    from = 0;
    if (to == buffer.length) {
      if (to >= HEAD_LIMIT) {
        throw new IOException("the Runtime API's headers are larger than 64 KiB");
      }
      buffer = Arrays.copyOf(buffer, to * 2);
    }
    int count = in.read(buffer, to, buffer.length - to);
    if (count < 0) {
      throw new EOFException("the Runtime API closed the connection");
    }
    to += count;
  }

  private byte[] body(int length) throws IOException {
    var body = new byte[length];
    fill(body, 0, length);
    return body;
  }

  private void fill(byte[] body, int at, int length) throws IOException {
    int there = Math.min(length, to - from);
    System.arraycopy(buffer, from, body, at, there);
    from += there;
    if (in.readNBytes(body, at + there, length - there) < length - there) {
      throw new EOFException("the Runtime API closed the connection within a body");
    }
  }

  private byte[] chunks() throws IOException {
    byte[] body = NOTHING;
    int total = 0;
    while (true) {
      String size = line();
      int extension = size.indexOf(';');
      int length = size((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
      if (length == 0) {
        break;
      }
      if (total + length > BODY_LIMIT) {
        throw tooLarge();
      }
      if (total + length > body.length) {
        body = Arrays.copyOf(body, Math.max(total + length, Math.min(2 * total, BODY_LIMIT)));
      }
      fill(body, total, length);
      total += length;
      if (!line().isEmpty()) {
        throw new IOException("the Runtime API sent a chunk longer than it said");
      }
    }
    for (int trailers = 0; !line().isEmpty(); trailers++) {
      if (trailers > 100) {
        throw new IOException("the Runtime API sent more than 100 trailers");
      }
    }
    return Arrays.copyOf(body, total);
  }

  private byte[] untilClosed() throws IOException {
    byte[] there = Arrays.copyOfRange(buffer, from, to);
    from = to;
    byte[] rest = in.readNBytes(BODY_LIMIT + 1 - there.length);
    if (there.length + rest.length > BODY_LIMIT) {
      throw tooLarge();
    }
    byte[] body = Arrays.copyOf(there, there.length + rest.length);
    System.arraycopy(rest, 0, body, there.length, rest.length);
    return body;
  }

  /** A length in this radix, of digits alone. */
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
      throw new IOException("the Runtime API sent a length that is no number");
    }
    return (int) size;
  }

  private static IOException tooLarge() {
    return new IOException("the Runtime API sent more than 12 MiB");
  }
}
