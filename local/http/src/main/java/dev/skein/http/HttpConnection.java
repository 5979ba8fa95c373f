package dev.skein.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
  private final InputStream in;

  HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
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
      write(CONTINUE);
    }
    return next;
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

  /** Whether this end has closed it. */
  public boolean isClosed() {
    return socket.isClosed();
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
