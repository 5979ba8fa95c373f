package dev.skein.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoopbackServerTest {

  private final BlockingQueue<HttpConnection> served = new ArrayBlockingQueue<>(8);
  private final LoopbackServer server;

  LoopbackServerTest() throws IOException {
    server = LoopbackServer.start(0, Thread::startVirtualThread, this::echo);
  }

  private void echo(HttpConnection connection) throws IOException, InterruptedException {
    served.add(connection);
    connection.serve(
        request -> {
          String kind = request.header("Reply-As");
          if (kind.equals("reset")) {
            connection.reset();
          } else {
            connection.respond(
                "200 OK", Map.of("Path", request.path()), request.body().readNBytes(3));
          }
        });
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aConnectionServesRequestsUntilOneAsksToClose() throws IOException {
    String post = "POST %s HTTP/1.1\r\nContent-Length: 5\r\n%s\r\n12345";
    try (Socket client = connect()) {
      send(client, post.formatted("/1", "") + post.formatted("/2", "Connection: close\r\n"));

      assertThat(client.getInputStream().readAllBytes())
          .asString(ISO_8859_1)
          .isEqualTo(
              "HTTP/1.1 200 OK\r\nPath: /1\r\nContent-Length: 3\r\n\r\n123"
                  + "HTTP/1.1 200 OK\r\nPath: /2\r\nContent-Length: 3\r\n\r\n123");
    }
  }

  @Test
  void aClientThatExpectsToContinueIsAskedTo() throws IOException {
    try (Socket client = connect()) {
      send(client, "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");

      assertThat(client.getInputStream().readNBytes(25))
          .asString(ISO_8859_1)
          .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      send(client, "!");
      assertThat(client.getInputStream().readNBytes(15)).asString().isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @Test
  void aResetReachesTheClient() throws IOException {
    try (Socket client = connect()) {
      send(client, "GET / HTTP/1.1\r\nReply-As: reset\r\n\r\n");

      assertThatIOException()
          .isThrownBy(client.getInputStream()::read)
          .withMessageContaining("reset");
    }
  }

  @Test
  void aMalformedRequestEndsOnlyItsConnection() throws IOException {
    try (Socket stranger = connect();
        Socket client = connect()) {
      send(stranger, "hello\r\n\r\n");
      assertThat(stranger.getInputStream().read()).isEqualTo(-1);

      send(client, "GET / HTTP/1.1\r\n\r\n");
      assertThat(client.getInputStream().read()).isEqualTo('H');
    }
  }

  @Test
  void closingEndsConnectionsAndFreesThePort() throws Exception {
    try (Socket client = connect()) {
      HttpConnection connection = served.poll(10, TimeUnit.SECONDS);
      assertThat(connection).isNotNull();

      server.close();

      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(connection.isClosed()).isTrue();
      assertThat(isServed()).isFalse();
    }
  }

  /** The port is free: by now it may be another server's, which would accept the connection. */
  private boolean isServed() throws InterruptedException {
    try (Socket _ = connect()) {
      return served.poll(1, TimeUnit.SECONDS) != null;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void urlsHaveThePort() {
    assertThat(server.uri("/v1")).hasToString("http://127.0.0.1:" + server.port() + "/v1");
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.port());
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(ISO_8859_1));
  }
}
