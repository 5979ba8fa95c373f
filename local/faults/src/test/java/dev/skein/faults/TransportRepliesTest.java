package dev.skein.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The replies that break a connection, seen from a plain socket, byte for byte. */
@Timeout(30)
class TransportRepliesTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ScriptedReply.Whole TEN = ScriptedReply.json(200, "0123456789");

  private final ScriptedModel model = ScriptedModel.start();
  private Socket socket = new Socket();

  @BeforeEach
  void connect() throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), model.port());
  }

  @AfterEach
  void stop() throws IOException {
    socket.close();
    model.close();
  }

  @Test
  void aResetPrecedesAnyByte() throws IOException {
    ask(ScriptedReply.reset());

    assertThatThrownBy(socket.getInputStream()::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void aClosePrecedesAnyByteAndIsNoReset() throws IOException {
    ask(ScriptedReply.closeWithoutByte());

    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void aCutResponseDeclaresItsWholeLength() throws IOException {
    ask(ScriptedReply.cut(TEN, 4));

    assertThat(readAll()).contains("Content-Length: 10\r\n").endsWith("\r\n\r\n0123");
  }

  @Test
  void aCutCloseDelimitedResponseDeclaresNoLength() throws IOException {
    ask(ScriptedReply.cutCloseDelimited(TEN, 4));

    assertThat(readAll()).doesNotContain("Content-Length").endsWith("\r\n\r\n0123");
  }

  @Test
  void aResponseCannotBeCutAfterItsEnd() throws IOException {
    ask(ScriptedReply.cut(TEN, 11));

    assertThat(socket.getInputStream().read()).isEqualTo('H');
    assertThatThrownBy(model::close).hasRootCauseMessage("cannot send 11 bytes of a body of 10");
  }

  @Test
  void rawBytesAreSentExactlyAndThenTheConnectionIsClosed() throws IOException {
    byte[] bytes = {0, 1, (byte) 0xff, '\n'};

    ask(ScriptedReply.raw(bytes));

    assertThat(socket.getInputStream().readAllBytes()).isEqualTo(bytes);
  }

  @Test
  void aSlowBodyIsSentByteByByte() throws IOException {
    long start = System.nanoTime();

    ask(ScriptedReply.slowBody(TEN, Duration.ofMillis(5)));

    assertThat(readUntil("0123456789")).contains("Content-Length: 10");
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
    assertThat(model.inFlight()).isZero();
  }

  @Test
  void aStalledResponseStaysInFlightUntilTheClientCloses() throws IOException {
    ask(ScriptedReply.stall(TEN, 4));
    assertThat(readUntil("\r\n\r\n0123")).contains("Content-Length: 10");
    assertThat(model.inFlight()).isEqualTo(1);

    long before = System.nanoTime();
    socket.close();

    AbandonedCall closed = model.awaitClientClosed(1, SOON);
    assertThat(closed.reset()).isFalse();
    assertThat(closed.nanoTime()).isGreaterThan(before);
    model.awaitInFlight(0, SOON);
    assertThat(model.closedByClient()).containsExactly(closed);
  }

  @Test
  void aResetByTheClientAbandonsAHangingCall() throws IOException {
    ask(ScriptedReply.hang());
    model.awaitInFlight(1, SOON);

    socket.setSoLinger(true, 0);
    socket.close();

    assertThat(model.awaitClientClosed(1, SOON).reset()).isTrue();
  }

  @Test
  void aCloseDuringADelayOrWhileHeldIsDetected() throws IOException {
    ask(ScriptedReply.text("x").after(Duration.ofMinutes(5)));
    model.awaitInFlight(1, SOON);
    socket.close();
    model.awaitClientClosed(1, SOON);

    connect();
    ask(ScriptedReply.text("x").held(new CountDownLatch(1)));
    model.awaitInFlight(1, SOON);
    socket.close();
    model.awaitClientClosed(2, SOON);
  }

  @Test
  void anEndlessBodyEndsWhenTheClientCloses() throws IOException {
    ask(ScriptedReply.endlessBody());
    assertThat(socket.getInputStream().readNBytes(1_000_000)).hasSize(1_000_000);

    socket.close();

    assertThat(model.awaitClientClosed(1, SOON).request()).isEqualTo(1);
  }

  @Test
  void aCloseAfterTheResponseAbandonsNoCall() throws IOException {
    ask(ScriptedReply.text("done"));
    readUntil("\"total_tokens\":15}}");
    socket.close();

    connect();
    ask(ScriptedReply.text("done"));
    model.awaitRequests(2, SOON);
    model.awaitInFlight(0, SOON);

    assertThat(model.closedByClient()).isEmpty();
  }

  @Test
  void aCancelledCallOfTheJdkClientIsDetected() throws Exception {
    model.script(request -> ScriptedReply.hang());
    try (var client = HttpClient.newHttpClient()) {
      URI uri = URI.create(model.baseUrl() + "/chat/completions");
      var request = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("{}")).build();
      var call = client.sendAsync(request, BodyHandlers.ofString());
      model.awaitInFlight(1, SOON);

      call.cancel(true);

      model.awaitClientClosed(1, SOON);
    }
  }

  private void ask(ScriptedReply reply) throws IOException {
    model.enqueue(reply);
    socket.getOutputStream().write(ScriptedModelTest.rawCall("x", "").getBytes(UTF_8));
  }

  private String readAll() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), UTF_8);
  }

  private String readUntil(String end) throws IOException {
    InputStream in = socket.getInputStream();
    var read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      int next = in.read();
      assertThat(next).as("after: %s", read).isNotEqualTo(-1);
      read.append((char) next);
    }
    return read.toString();
  }
}
