package dev.skein.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The server's end of an HTTP/1.1 connection. One thread reads and one thread writes at a time;
 * closing is thread-safe, and wakes both.
 */
public final class HttpConnection implements AutoCloseable {

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final TimedInput timed;
  private final InputStream in;

  HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.timed = new TimedInput(socket);
    this.in = new BufferedInputStream(timed);
    socket.setTcpNoDelay(true);
  }

  /** Handles one request. */
  @FunctionalInterface
  public interface RequestHandler {
    /** Writes the response; what it leaves of the request's body is discarded. */
    void handle(IncomingRequest request) throws IOException, InterruptedException;
  }

  /** Handles requests one after another, until the client closes or a request asks to close. */
  public void serve(RequestHandler handler) throws IOException, InterruptedException {
    Optional<IncomingRequest> next = nextRequest();
    while (next.isPresent()) {
      handler.handle(next.get());
      next.get().body().drain();
      next = next.get().hasHeader("Connection", "close") ? Optional.empty() : nextRequest();
    }
  }

  /**
   * Waits for the next request, and asks its client to go on where that waits for {@code 100
   * Continue}. The body of the request before it must have been read to its end.
   *
   * @return empty if the client closes the connection between two requests
   * @throws java.net.ProtocolException if it is not an HTTP/1.1 request
   */
  public Optional<IncomingRequest> nextRequest() throws IOException {
    Optional<IncomingRequest> next = IncomingRequest.read(in);
    if (next.isPresent() && next.get().hasHeader("Expect", "100-continue")) {
      sendContinue();
    }
    return next;
  }

  /**
   * Waits for the next request, and leaves it to the caller to {@link #sendContinue}.
   *
   * @param maxHeadBytes the maximum length of the request line and the headers together
   * @return empty if the client closes the connection between two requests
   * @throws HeadTooLargeException if they are longer
   * @throws java.net.ProtocolException if it is not an HTTP/1.1 request
   */
  public Optional<IncomingRequest> nextRequest(int maxHeadBytes) throws IOException {
    return IncomingRequest.of(MessageHead.read(in, maxHeadBytes), in);
  }

  /** Tells a client that waits for it to send its request's body. */
  public void sendContinue() throws IOException {
    write(CONTINUE);
  }

  /**
   * Waits for the next byte, and does not consume it.
   *
   * @return -1 if the client closes its end of the connection
   */
  public int peek() throws IOException {
    in.mark(1);
    int next = in.read();
    in.reset();
    return next;
  }

  /** From now on, reads throw a {@link java.net.SocketTimeoutException} after this time. */
  public void limitReads(Duration time) {
    timed.limit(time);
  }

  /** The bytes of a client that may not speak HTTP. */
  public InputStream input() {
    return in;
  }

  /**
   * Writes a whole response with its {@code Content-Length}, in one write.
   *
   * @param status with its reason, for example {@code 200 OK}
   */
  public void respond(String status, Map<String, String> headers, byte[] body) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + body.length + "\r\n\r\n");
    ByteArrayOutputStream response = new ByteArrayOutputStream(head.length() + body.length);
    response.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    response.writeBytes(body);
    write(response.toByteArray());
  }

  /** Writes a whole response with a JSON body. */
  public void respondJson(String status, byte[] body) throws IOException {
    respond(status, Map.of("Content-Type", "application/json"), body);
  }

  /** Writes these bytes as they are. */
  public void write(byte[] bytes) throws IOException {
    write(bytes, 0, bytes.length);
  }

  /** Writes {@code length} of these bytes as they are. */
  public void write(byte[] bytes, int from, int length) throws IOException {
    socket.getOutputStream().write(bytes, from, length);
  }

  /** The port of the server. */
  public int localPort() {
    return socket.getLocalPort();
  }

  /** The port of the client. */
  public int remotePort() {
    return socket.getPort();
  }

  /** Whether this end has closed it. */
  public boolean isClosed() {
    return socket.isClosed();
  }

  /**
   * Ends the responses, and discards what the client still sends: closed with unread bytes, the
   * connection would be reset, and the client could lose the last response.
   *
   * @param limit how long the client may take to close its end
   */
  public void closeAfter(Duration limit) {
    try {
      socket.shutdownOutput();
      limitReads(limit);
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // It takes too long, or it is closed already.
    } finally {
      close();
    }
  }

  /** Aborts it: the client sees a reset (RST). */
  public void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
    close();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is left that could be closed.
    }
  }
}
