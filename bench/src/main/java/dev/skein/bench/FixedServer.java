package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;

/**
 * Responds to every request with the same bytes: it costs so little that the difference between two
 * of its clients is theirs.
 */
final class FixedServer implements AutoCloseable {

  private final StubServer server;

  /** Starts on a free port of 127.0.0.1. */
  FixedServer(String contentType, String body) {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(contentType, body.getBytes(UTF_8).length);
    byte[] response = (head + body).getBytes(UTF_8);
    try {
      server =
          StubServer.start(
              null,
              connection ->
                  connection.serve(
                      request -> {
                        request.body().drain();
                        connection.write(response);
                      }));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri(String path) {
    return server.uri(path);
  }

  @Override
  public void close() {
    server.close();
  }
}
