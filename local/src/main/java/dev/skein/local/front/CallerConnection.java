package dev.skein.local.front;

import dev.skein.http.HeadTooLargeException;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * One connection of callers. Its own thread reads the heads of requests and, while another thread
 * handles a request, waits for the next one: so it notices at once when the caller disconnects.
 */
final class CallerConnection {

  /** As in API Gateway: the request line and the headers together. */
  private static final int MAX_HEAD_BYTES = 10_240;

  /** The first byte of a TLS handshake. */
  private static final int TLS = 0x16;

  /** How long a caller whose request was not read to its end may take to read the response. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /**
   * Limits in time.
   *
   * @param head how long the request line and the headers may take
   * @param idle how long a connection without a request stays open, at most twice
   */
  record Limits(Duration head, Duration idle) {}

  /** Handles requests, each on its own thread. */
  interface Handler {
    /** A request has begun to arrive. */
    void begin();

    /** Reads the body and writes the response. */
    void handle(Exchange exchange);

    /**
     * The response to a request that is not valid HTTP; its connection is closed.
     *
     * @param id of the request
     * @param detail a sentence
     */
    ProxyResponse reject(GatewayError error, String id, String detail);

    /** The request has been handled or rejected. */
    void finish();
  }

  private final HttpConnection connection;
  private final Limits limits;
  private final Handler handler;
  private final ExecutorService threads;

  private boolean busy;
  private volatile boolean closing;

  /** When the last response was complete, as a {@link System#nanoTime}. */
  private long idleSince = System.nanoTime();

  CallerConnection(
      HttpConnection connection, Limits limits, Handler handler, ExecutorService threads) {
    this.connection = connection;
    this.limits = limits;
    this.handler = handler;
    this.threads = threads;
  }

  /** Serves requests one after another until the caller or this server closes the connection. */
  void serve() throws IOException {
    Exchange current = null;
    while (awaitRequest(current) && begin()) {
      Optional<Exchange> next = Optional.empty();
      try {
        next = receive();
        if (next.isPresent()) {
          Exchange exchange = next.get();
          threads.execute(() -> handle(exchange));
          next = exchange.awaitReceived() ? next : Optional.empty();
        }
      } finally {
        if (next.isEmpty()) {
          connection.closeAfter(LINGER);
          finish(true);
        }
      }
      current = next.orElse(null);
    }
  }

  /** Closes the connection, once it has no request in flight. */
  synchronized void close() {
    closing = true;
    if (!busy) {
      connection.close();
    }
  }

  /**
   * Waits for the first byte of the next request, and for the response to the current one.
   *
   * @return false if there is no next request
   */
  private boolean awaitRequest(@Nullable Exchange current) throws IOException {
    try {
      if (awaitByte() < 0) {
        // A caller that closes only its sending direction would still read: no HTTP client does.
        return false;
      }
      if (current != null) {
        current.awaitFinished();
      }
      return current == null || current.isPersistent();
    } finally {
      if (current != null) {
        current.disconnect();
      }
    }
  }

  private int awaitByte() throws IOException {
    while (true) {
      try {
        connection.limitReads(limits.idle());
        return connection.peek();
      } catch (SocketTimeoutException e) {
        if (isIdle()) {
          return -1;
        }
      }
    }
  }

  private synchronized boolean isIdle() {
    return !busy && System.nanoTime() - idleSince >= limits.idle().toNanos();
  }

  private synchronized boolean begin() {
    if (closing) {
      return false;
    }
    busy = true;
    handler.begin();
    return true;
  }

  private synchronized void finish(boolean last) {
    busy = false;
    idleSince = System.nanoTime();
    if (closing || last) {
      connection.close();
    }
    handler.finish();
  }

  private void handle(Exchange exchange) {
    try {
      handler.handle(exchange);
    } finally {
      if (exchange.endBody()) {
        finish(!exchange.isPersistent());
      }
      exchange.finish();
    }
  }

  /** Empty if the request was malformed, and is answered. */
  private Optional<Exchange> receive() throws IOException {
    try {
      connection.limitReads(limits.head());
      if (connection.peek() == TLS) {
        throw new ProtocolException(
            "it is TLS on a port for HTTP: the URL must start with http://");
      }
      Optional<IncomingRequest> request = connection.nextRequest(MAX_HEAD_BYTES);
      return request.isEmpty()
          ? Optional.empty()
          : Optional.of(new Exchange(connection, request.get(), () -> closing));
    } catch (HeadTooLargeException e) {
      reject(
          GatewayError.HEADERS_TOO_LARGE,
          "The request line and the headers have more than %d bytes or 200 lines."
              .formatted(MAX_HEAD_BYTES));
    } catch (ProtocolException e) {
      reject(GatewayError.BAD_REQUEST, notHttp(e));
    } catch (SocketTimeoutException e) {
      reject(GatewayError.REQUEST_TIMEOUT, "The headers did not arrive in time.");
    }
    return Optional.empty();
  }

  /** What is wrong with a request, in words that contain nothing of it. */
  static String notHttp(ProtocolException e) {
    return "The request is not valid HTTP/1.1: " + e.getMessage() + ".";
  }

  private void reject(GatewayError error, String detail) throws IOException {
    String id = UUID.randomUUID().toString();
    ProxyResponse response = handler.reject(error, id, detail);
    String framing =
        "Content-Length: %d\r\nConnection: close\r\n".formatted(response.body().length);
    ResponseHead head = ResponseHead.of(response, id).orElseThrow();
    connection.write(head.bytes(framing));
    connection.write(response.body());
  }
}
