package dev.skein.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One worker's client of the Runtime API (2018-06-01): keeps one connection, and replaces it after
 * any error. Not thread-safe, except {@link #close}.
 */
final class RuntimeApiClient {
  private static final String PREFIX = "/2018-06-01/runtime/";

  /** The waits before each attempt to receive an event: one second in total. */
  static final int[] RETRY_WAITS_MS = {0, 50, 150, 300, 500};

  private final String host;
  private final int port;
  private final RuntimeLog log;
  private final int[] retryWaitsMs;
  private final byte[] nextRequest;
  private @Nullable RuntimeApiConnection connection;
  private boolean closed;

  /**
   * A client that connects with its first request.
   *
   * @param address host and port
   */
  RuntimeApiClient(String address, RuntimeLog log) {
    this(address, log, RETRY_WAITS_MS);
  }

  /** As above, with one attempt to receive an event for each of these waits. */
  RuntimeApiClient(String address, RuntimeLog log, int[] retryWaitsMs) {
    int colon = address.lastIndexOf(':');
    this.host = colon < 0 ? address : address.substring(0, colon);
    this.port = colon < 0 ? 80 : Integer.parseInt(address.substring(colon + 1));
    this.log = log;
    this.retryWaitsMs = retryWaitsMs;
    this.nextRequest = ascii(request("GET", "invocation/next") + "\r\n");
  }

  /**
   * Waits for the next event.
   *
   * @throws IOException if every attempt failed
   */
  InvocationEvent next() throws IOException {
    IOException last = new IOException("no attempt was made");
    for (int wait : retryWaitsMs) {
      try {
        pause(wait);
        RuntimeApiResponse response = exchange(nextRequest);
        if (response.status() == 200) {
          return InvocationEvent.from(response);
        }
        throw statusError(response.status());
      } catch (IOException e) {
        discard();
        last = e;
      }
    }
    throw last;
  }

  /** Posts a complete response. A failure is only logged: the handler cannot react to it. */
  void respond(InvocationEvent invocation, byte[] payload) {
    post(invocation, path(invocation, "/response"), "", "application/json", payload);
  }

  /** Reports that an invocation failed. */
  void fail(InvocationEvent invocation, ErrorReport error) {
    error(invocation, path(invocation, "/error"), error);
  }

  /** Reports that the function cannot be initialised. */
  void failInit(ErrorReport error) {
    error(null, "init/error", error);
  }

  /**
   * Reports that a snapshot of this environment may be taken, and waits until it is restored.
   *
   * @throws IOException if it is not
   */
  void awaitRestore() throws IOException {
    int status = exchange(ascii(request("GET", "restore/next") + "\r\n")).status();
    if (status != 200) {
      throw statusError(status);
    }
  }

  /** Reports that the function cannot be initialized after a restore. */
  void failRestore(ErrorReport error) {
    error(null, "restore/error", error);
  }

  /**
   * Begins a streamed response; the caller writes the rest to the connection.
   *
   * @param first the beginning of the body, sent together with the head
   */
  RuntimeApiConnection stream(InvocationEvent invocation, byte[] first) throws IOException {
    String head =
        request("POST", path(invocation, "/response"))
            + "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            + "Content-Type: application/vnd.awslambda.http-integration-response\r\n"
            + "Transfer-Encoding: chunked\r\n"
            + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
            + "\r\n";
    try {
      RuntimeApiConnection connected = connected();
      connected.write(joined(ascii(head), Chunk.of(first, 0, first.length)));
      return connected;
    } catch (IOException e) {
      discard();
      throw e;
    }
  }

  /**
   * Checks the confirmation of a response.
   *
   * @param invocation null for a response that is not one to an event
   * @param confirmation null if the connection was lost before it arrived
   */
  void settle(@Nullable InvocationEvent invocation, @Nullable RuntimeApiResponse confirmation) {
    if (confirmation == null) {
      discard();
      log.warn("response_not_delivered", invocation, "the connection to the Runtime API was lost");
      return;
    }
    if (!confirmation.reusable()) {
      discard();
    }
    if (confirmation.status() >= 300) {
      log.warn(
          "response_not_delivered",
          invocation,
          "the Runtime API responded with status " + confirmation.status());
    }
  }

  /** Closes the connection: the next request opens a new one. */
  synchronized void discard() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Closes the client, from any thread: the request in flight and all later ones fail. */
  synchronized void close() {
    closed = true;
    discard();
  }

  private void error(@Nullable InvocationEvent invocation, String path, ErrorReport error) {
    String type = "Lambda-Runtime-Function-Error-Type: " + error.typeHeader() + "\r\n";
    byte[] body = ascii(JsonText.error(error));
    post(invocation, path, type, "application/vnd.aws.lambda.error+json", body);
  }

  private void post(
      @Nullable InvocationEvent invocation,
      String path,
      String headers,
      String contentType,
      byte[] body) {
    String head =
        request("POST", path)
            + headers
            + ("Content-Type: " + contentType + "\r\n")
            + ("Content-Length: " + body.length + "\r\n\r\n");
    RuntimeApiResponse confirmation;
    try {
      confirmation = exchange(joined(ascii(head), body));
    } catch (IOException e) {
      confirmation = null;
    }
    settle(invocation, confirmation);
  }

  private static String path(InvocationEvent invocation, String end) {
    return "invocation/" + invocation.requestId() + end;
  }

  private RuntimeApiResponse exchange(byte[] request) throws IOException {
    RuntimeApiConnection connected = connected();
    connected.write(request);
    RuntimeApiResponse response = connected.read(0);
    if (!response.reusable()) {
      discard();
    }
    return response;
  }

  private RuntimeApiConnection connected() throws IOException {
    synchronized (this) {
      if (connection != null) {
        return connection;
      }
    }
    RuntimeApiConnection opened = RuntimeApiConnection.open(host, port);
    synchronized (this) {
      if (closed) {
        opened.close();
        throw new IOException("the runtime is shutting down");
      }
      connection = opened;
      return opened;
    }
  }

  private void pause(int millis) throws IOException {
    if (millis > 0 && !isClosed()) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
  }

  private static IOException statusError(int status) {
    return new IOException("the Runtime API responded with status " + status);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private String request(String method, String path) {
    return method + " " + PREFIX + path + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n";
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] joined(byte[] head, byte[] body) {
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }
}
