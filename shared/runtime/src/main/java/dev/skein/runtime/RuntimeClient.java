package dev.skein.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One worker's line to the Runtime API (2018-06-01): a connection that is kept, and replaced when
 * anything went wrong on it. For one thread, except {@link #close}.
 */
final class RuntimeClient {
  private static final String PREFIX = "/2018-06-01/runtime/";

  /** How long to wait before each new try to get an event: a second in all. */
  static final int[] RETRY_WAITS_MS = {0, 50, 150, 300, 500};

  private final String host;
  private final int port;
  private final RuntimeLog log;
  private final int[] retryWaitsMs;
  private final byte[] askForNext;
  private @Nullable Connection connection;
  private boolean closed;

  /**
   * A line that connects when it is needed.
   *
   * @param address host and port
   */
  RuntimeClient(String address, RuntimeLog log) {
    this(address, log, RETRY_WAITS_MS);
  }

  /** As the other, with waits of its own: as many tries as there are. */
  RuntimeClient(String address, RuntimeLog log, int[] retryWaitsMs) {
    int colon = address.lastIndexOf(':');
    this.host = colon < 0 ? address : address.substring(0, colon);
    this.port = colon < 0 ? 80 : Integer.parseInt(address.substring(colon + 1));
    this.log = log;
    this.retryWaitsMs = retryWaitsMs;
    this.askForNext = ascii(request("GET", "invocation/next") + "\r\n");
  }

  /**
   * Waits for the next event.
   *
   * @throws IOException when there is none to be had, even after a few tries
   */
  Event next() throws IOException {
    IOException last = new IOException("there was no try");
    for (int wait : retryWaitsMs) {
      try {
        pause(wait);
        Answer answer = exchange(askForNext);
        if (answer.status() == 200) {
          return Event.from(answer);
        }
        throw new IOException("the Runtime API answered with status " + answer.status());
      } catch (IOException e) {
        discard();
        last = e;
      }
    }
    throw last;
  }

  /** Posts a whole response. What becomes of it is logged: the handler can do nothing about it. */
  void respond(String requestId, byte[] payload) {
    post(requestId, "invocation/" + requestId + "/response", "", "application/json", payload);
  }

  /** Tells that an invocation failed. */
  void fail(String requestId, Failure failure) {
    error(requestId, "invocation/" + requestId + "/error", failure);
  }

  /** Tells that the function cannot start. */
  void failStart(Failure failure) {
    error("", "init/error", failure);
  }

  /**
   * Begins a streamed response; what follows goes over the connection in the caller's hands.
   *
   * @param first the beginning of the body, which leaves together with the head
   */
  Connection stream(String requestId, byte[] first) throws IOException {
    String head =
        request("POST", "invocation/" + requestId + "/response")
            + "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            + "Content-Type: application/vnd.awslambda.http-integration-response\r\n"
            + "Transfer-Encoding: chunked\r\n"
            + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
            + "\r\n";
    try {
      Connection line = connected();
      line.write(joined(ascii(head), Chunk.of(first, 0, first.length)));
      return line;
    } catch (IOException e) {
      discard();
      throw e;
    }
  }

  /** Looks at the answer to a response, which is null when there was none. */
  void settle(String requestId, @Nullable Answer answer) {
    if (answer == null) {
      discard();
      log.warn("response_not_delivered", requestId, "the connection to the Runtime API was lost");
      return;
    }
    if (!answer.reusable()) {
      discard();
    }
    if (answer.status() >= 300) {
      log.warn(
          "response_not_delivered",
          requestId,
          "the Runtime API answered with status " + answer.status());
    }
  }

  /** Closes the connection: the next request gets a new one. */
  synchronized void discard() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Closes the line for good, from any thread: what waits on it fails. */
  synchronized void close() {
    closed = true;
    discard();
  }

  private void error(String requestId, String path, Failure failure) {
    String type = "Lambda-Runtime-Function-Error-Type: " + failure.typeHeader() + "\r\n";
    byte[] body = ascii(JsonText.error(failure));
    post(requestId, path, type, "application/vnd.aws.lambda.error+json", body);
  }

  private void post(
      String requestId, String path, String headers, String contentType, byte[] body) {
    String head =
        request("POST", path)
            + headers
            + ("Content-Type: " + contentType + "\r\n")
            + ("Content-Length: " + body.length + "\r\n\r\n");
    Answer answer;
    try {
      answer = exchange(joined(ascii(head), body));
    } catch (IOException e) {
      answer = null;
    }
    settle(requestId, answer);
  }

  private Answer exchange(byte[] request) throws IOException {
    Connection line = connected();
    line.write(request);
    Answer answer = line.read();
    if (!answer.reusable()) {
      discard();
    }
    return answer;
  }

  private Connection connected() throws IOException {
    synchronized (this) {
      if (connection != null) {
        return connection;
      }
    }
    Connection opened = Connection.open(host, port);
    synchronized (this) {
      if (closed) {
        opened.close();
        throw new IOException("the runtime is ending");
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
    var all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }
}
