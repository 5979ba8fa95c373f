package dev.skein.local.front;

import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One request of a caller, and the way back to it. A thread that handles it reads the body and
 * writes the response; meanwhile its {@link CallerConnection} may say that the caller disconnected.
 */
final class Exchange {

  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final HttpConnection connection;
  private final IncomingRequest request;
  private final RequestTarget target;
  private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
  private final CompletableFuture<Boolean> received = new CompletableFuture<>();
  private final CompletableFuture<Void> finished = new CompletableFuture<>();
  private final BooleanSupplier closing;
  private boolean chunked;
  private volatile boolean persistent;

  /**
   * @param closing whether the connection is to be closed after this request
   * @throws ProtocolException if the request is malformed
   */
  Exchange(HttpConnection connection, IncomingRequest request, BooleanSupplier closing)
      throws ProtocolException {
    this.connection = connection;
    this.request = request;
    this.closing = closing;
    this.target = RequestTarget.parse(request.path());
    boolean current = request.protocol().equals("HTTP/1.1");
    if (current && request.fields().getOrDefault("host", List.of()).size() != 1) {
      throw new ProtocolException("not exactly one Host header");
    }
    this.persistent = current && !request.hasToken("Connection", "close");
  }

  String method() {
    return request.method();
  }

  String path() {
    return target.path();
  }

  RequestTarget target() {
    return target;
  }

  IncomingRequest request() {
    return request;
  }

  /** The first value of this header; null if there is none. */
  @Nullable String header(String name) {
    List<String> values = request.fields().get(name.toLowerCase(Locale.ROOT));
    return values == null ? null : values.getFirst();
  }

  /** The port of the server. */
  int localPort() {
    return connection.localPort();
  }

  /** Completes when the caller closes its end of the connection before the response is complete. */
  CompletableFuture<Void> disconnected() {
    return disconnected;
  }

  /**
   * Waits until the body has been read, or until the request has been handled without it.
   *
   * @return whether the body was read to its end
   */
  boolean awaitReceived() {
    boolean ended = received.join();
    if (!ended) {
      awaitFinished();
    }
    return ended;
  }

  /** Waits until the request has been handled. */
  void awaitFinished() {
    finished.join();
  }

  /** The request has been handled. */
  void finish() {
    finished.complete(null);
  }

  /** The caller has closed its end of the connection. */
  void disconnect() {
    disconnected.complete(null);
  }

  /** Whether the connection can serve another request after this one. */
  boolean isPersistent() {
    return persistent && !closing.getAsBoolean();
  }

  /** Starts to read the body: reads fail when the time has passed. */
  void startBody(Duration limit) throws IOException {
    connection.limitReads(limit);
    if (request.hasToken("Expect", "100-continue") && request.protocol().equals("HTTP/1.1")) {
      connection.sendContinue();
    }
  }

  /** Nobody will read the body any more; returns whether it was read to its end. */
  boolean endBody() {
    boolean ended = request.body().isEnded();
    if (!ended) {
      persistent = false;
    }
    received.complete(ended);
    return ended;
  }

  /** Writes a whole response. */
  void respond(ResponseHead head, byte[] body) throws IOException {
    String length = "Content-Length: " + body.length + "\r\n";
    boolean hasBody = !head.hasNoBody() && !method().equals("HEAD");
    // The length of a body that is not sent is left out unless it is known.
    byte[] start = head(head, head.hasNoBody() || (!hasBody && body.length == 0) ? "" : length);
    ByteArrayOutputStream all = new ByteArrayOutputStream(start.length + body.length);
    all.writeBytes(start);
    all.write(body, 0, hasBody ? body.length : 0);
    connection.write(all.toByteArray());
  }

  /**
   * Starts a response whose length is not known.
   *
   * @return whether it has a body, which is then to be written and ended
   */
  boolean startStream(ResponseHead head) throws IOException {
    chunked = request.protocol().equals("HTTP/1.1");
    String framing = chunked && !head.hasNoBody() ? "Transfer-Encoding: chunked\r\n" : "";
    connection.write(head(head, framing));
    return !head.hasNoBody() && !method().equals("HEAD");
  }

  /** Writes more of a body, without a delay. */
  void write(byte[] bytes, int length) throws IOException {
    if (!chunked) {
      connection.write(bytes, 0, length);
      return;
    }
    ByteArrayOutputStream chunk = new ByteArrayOutputStream(length + 16);
    chunk.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    chunk.write(bytes, 0, length);
    chunk.write('\r');
    chunk.write('\n');
    connection.write(chunk.toByteArray());
  }

  /** Writes the end of a body. */
  void endStream() throws IOException {
    if (chunked) {
      connection.write(LAST_CHUNK);
    }
  }

  /** Closes the connection: a response that is not complete looks cut to the caller. */
  void cut() {
    persistent = false;
    connection.close();
  }

  private byte[] head(ResponseHead head, String framing) {
    return head.bytes(framing + (isPersistent() ? "" : "Connection: close\r\n"));
  }
}
