package dev.skein.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes on the connection, including rare and malformed ones. */
@Timeout(30)
class WireTest {
  private static final String EVENT =
      """
      HTTP/1.1 200 OK\r
      lambda-runtime-aws-request-id:  id-1 \r
      LAMBDA-RUNTIME-DEADLINE-MS: 1700000000000\r
      """;
  private static final InvocationEvent INVOCATION =
      new InvocationEvent("id-1", 0, null, null, new byte[0]);

  private static final String ACCEPTED = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

  @Test
  void anEventIsReadInEveryFraming() throws Exception {
    for (String framed :
        List.of(
            "Content-Length: 5\r\n\r\nevent",
            "transfer-encoding: Chunked\r\n\r\n2;x=y\r\nev\r\n3\r\nent\r\n0\r\nT: t\r\n\r\n",
            "\r\nevent")) {
      try (var server = new Script(List.of(EVENT + framed))) {
        InvocationEvent event = server.client().next();
        assertThat(new String(event.body(), UTF_8)).isEqualTo("event");
        assertThat(event.requestId()).isEqualTo("id-1");
        assertThat(event.deadlineMs()).isEqualTo(1_700_000_000_000L);
        assertThat(event.traceId()).isNull();
      }
    }
  }

  @Test
  void anInterimResponseIsSkipped() throws Exception {
    String interim = "HTTP/1.1 100 Continue\r\n\r\n";
    try (var server = new Script(List.of(interim + EVENT + "Content-Length: 1\r\n\r\nx"))) {
      assertThat(server.client().next().body()).hasSize(1);
    }
  }

  @Test
  void headersThatArriveInManyReadsAreReadCompletely() throws Exception {
    String padding = "X-Padding: " + "x".repeat(40_000) + "\r\n";
    try (var server = new Script(List.of(EVENT + padding + "Content-Length: 1\r\n\r\nx"))) {
      assertThat(server.client().next().requestId()).isEqualTo("id-1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "SSH-2.0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        EVENT + "Content-Length: 9\r\n\r\nshort",
        EVENT + "Content-Length: -1\r\n\r\n",
        EVENT + "Content-Length: 99999999999999999999\r\n\r\n",
        EVENT + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        EVENT + "Transfer-Encoding: gzip\r\n\r\n",
        EVENT + "Transfer-Encoding: chunked\r\n\r\n2\r\nevent\r\n0\r\n\r\n",
        EVENT + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        EVENT + "Transfer-Encoding: chunked\r\n\r\nC00001\r\n",
      })
  void afterInvalidEventsOnFiveConnectionsTheClientGivesUp(String answer) throws Exception {
    try (var server = new Script(List.of(answer))) {
      assertThatThrownBy(() -> server.client().next()).isInstanceOf(IOException.class);
      assertThat(server.requests()).hasSize(5).allMatch(it -> it.startsWith("GET /2018-06-01/"));
    }
  }

  @Test
  void anEndlessHeadIsRejected() throws Exception {
    try (var server = new Script(List.of(EVENT + "X: " + "x".repeat(200_000)))) {
      assertThatThrownBy(() -> server.client().next())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("headers");
    }
  }

  @Test
  void aLostConnectionIsReplacedForTheNextRequest() throws Exception {
    try (var server = new Script(List.of("", EVENT + "Content-Length: 1\r\n\r\nx"))) {
      assertThat(server.client().next().body()).hasSize(1);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void aGoodConnectionIsKept() throws Exception {
    String event = EVENT + "Content-Length: 1\r\n\r\nx";
    try (var server = new Script(List.of(event, ACCEPTED, event, ACCEPTED))) {
      RuntimeApiClient client = server.client();
      client.next();
      client.respond(INVOCATION, "answer".getBytes(UTF_8));
      client.next();
      client.fail(INVOCATION, new ErrorReport("Some.Type with a\r\nline", "Why."));

      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.requests().get(1))
          .startsWith("POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1")
          .endsWith("|answer");
      assertThat(server.requests().get(3))
          .startsWith("POST /2018-06-01/runtime/invocation/id-1/error HTTP/1.1")
          .contains("Lambda-Runtime-Function-Error-Type: Some.Type_with_a__line|")
          .endsWith(
              "{\"errorMessage\":\"Why.\",\"errorType\":\"Some.Type with a\\u000d\\nline\","
                  + "\"stackTrace\":[]}");
      assertThat(server.log()).isEmpty();
    }
  }

  @Test
  void aResponseWithConnectionCloseIsTheLastOnItsConnection() throws Exception {
    String event = EVENT + "Connection: Close\r\nContent-Length: 1\r\n\r\nx";
    try (var server = new Script(List.of(event, ACCEPTED))) {
      RuntimeApiClient client = server.client();
      client.next();
      client.respond(INVOCATION, new byte[1]);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void aResponseThatCannotBePostedIsLogged() throws Exception {
    try (var server = new Script(List.of(""))) {
      server.client().respond(INVOCATION, new byte[1]);
      assertThat(server.log()).contains("response_not_delivered", "id-1", "lost");
    }
  }

  @Test
  void aResponseThatTheRuntimeApiRefusesIsLogged() throws Exception {
    String refusal = "HTTP/1.1 413 Too Large\r\nContent-Length: 1\r\n\r\nx";
    String event = EVENT + "Content-Length: 1\r\n\r\nx";
    try (var server = new Script(List.of(refusal, event))) {
      RuntimeApiClient client = server.client();
      client.respond(INVOCATION, new byte[1]);
      client.next();
      assertThat(server.log()).contains("response_not_delivered", "id-1", "413");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aClosedClientOpensNoConnection() throws Exception {
    try (var server = new Script(List.of(EVENT + "Content-Length: 1\r\n\r\nx"))) {
      RuntimeApiClient client = server.client();
      client.close();
      assertThatThrownBy(client::next).isInstanceOf(IOException.class);
      assertThat(server.requests()).isEmpty();
    }
  }

  /**
   * A server that gives one answer to each request, and repeats the last one. It closes the
   * connection after every answer that does not end in a framed body.
   */
  private static final class Script implements AutoCloseable {
    private final ServerSocket server =
        new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    private final List<String> answers;
    private final List<String> requests = new ArrayList<>();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final RuntimeApiClient client;
    private int connections;

    private Script(List<String> answers) throws IOException {
      this.answers = answers;
      this.client =
          new RuntimeApiClient(
              "127.0.0.1:" + server.getLocalPort(),
              new RuntimeLog(new PrintStream(output, true, UTF_8)),
              new int[RuntimeApiClient.RETRY_WAITS_MS.length]);
      Thread.ofPlatform().daemon().start(this::serve);
    }

    private RuntimeApiClient client() {
      return client;
    }

    private synchronized List<String> requests() {
      return List.copyOf(requests);
    }

    private synchronized int connections() {
      return connections;
    }

    private String log() {
      return output.toString(UTF_8);
    }

    @Override
    public void close() throws IOException {
      server.close();
      client.close();
      over.orTimeout(10, java.util.concurrent.TimeUnit.SECONDS).join();
    }

    private void serve() {
      while (!server.isClosed()) {
        try (Socket socket = server.accept()) {
          synchronized (this) {
            connections++;
          }
          converse(socket);
        } catch (IOException e) {
          // The client has gone, or the test is over.
        }
      }
      over.complete(null);
    }

    private void converse(Socket socket) throws IOException {
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      boolean keep = true;
      for (String request = read(in); keep && request != null; request = keep ? read(in) : null) {
        String answer;
        synchronized (this) {
          answer = answers.get(Math.min(requests.size(), answers.size() - 1));
          requests.add(request);
        }
        socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        keep = answer.contains("Content-Length: 1\r\n\r\nx") && !answer.contains("Close");
        keep |= answer.equals(ACCEPTED);
      }
    }

    /** A request with bars for its line ends, or null when there is none. */
    private static @org.jspecify.annotations.Nullable String read(BufferedReader in)
        throws IOException {
      var text = new StringBuilder();
      int length = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("Content-Length: ")) {
          length = Integer.parseInt(line.substring(16));
        }
        if (line.isEmpty()) {
          var body = new char[length];
          for (int at = 0; at < length; ) {
            at += in.read(body, at, length - at);
          }
          return text.append(body).toString();
        }
        text.append(line).append('|');
      }
      return null;
    }
  }
}
