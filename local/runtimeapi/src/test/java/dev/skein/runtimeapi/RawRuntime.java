package dev.skein.runtimeapi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.skein.http.MessageHead;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;

/** One connection of a runtime that sends the bytes of a test. */
final class RawRuntime implements AutoCloseable {

  static final String NEXT = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What the server responded. */
  record RawResponse(String status, Map<String, String> headers, String body) {}

  private final Socket socket;
  private final InputStream in;

  RawRuntime(RuntimeApi api) throws IOException {
    String[] address = api.address().split(":", -1);
    socket = new Socket(address[0], Integer.parseInt(address[1]));
    socket.setSoTimeout((int) PATIENCE.toMillis());
    in = new BufferedInputStream(socket.getInputStream());
  }

  RawRuntime send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    return this;
  }

  /** The head of a POST to a path below the invocation; the test sends the body. */
  RawRuntime post(String path, String... headers) throws IOException {
    StringBuilder head = new StringBuilder("POST /2018-06-01/runtime/" + path + " HTTP/1.1\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return send(head + "\r\n");
  }

  /** Begins a streaming response to that invocation. */
  RawRuntime stream(String requestId) throws IOException {
    return post(
        "invocation/" + requestId + "/response",
        "Lambda-Runtime-Function-Response-Mode: streaming",
        "Content-Type: application/vnd.awslambda.http-integration-response",
        "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
        "Transfer-Encoding: chunked");
  }

  RawRuntime chunk(String text) throws IOException {
    return send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  RawResponse response() throws IOException {
    MessageHead head = MessageHead.read(in).orElseThrow();
    int length = Integer.parseInt(head.headers().getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), ISO_8859_1);
    return new RawResponse(head.startLine(), head.headers(), body);
  }

  /** Whether the server has closed the connection. */
  boolean isClosed() {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
