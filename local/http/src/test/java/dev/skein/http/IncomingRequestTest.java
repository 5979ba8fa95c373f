package dev.skein.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.ProtocolException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncomingRequestTest {

  private static final String CHUNKED = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

  @Test
  void headersAreFoundWhateverTheirCaseAndRepeatedOnesAreJoined() throws IOException {
    var request = read("GET /a?b=c HTTP/1.1\r\nX-Test: \t one \r\nx-test: two\nEmpty:\r\n\r\n");

    assertThat(request.method()).isEqualTo("GET");
    assertThat(request.path()).isEqualTo("/a?b=c");
    assertThat(request.headers()).isEqualTo(Map.of("x-test", "one, two", "empty", ""));
    assertThat(request.header("X-TEST")).isEqualTo("one, two");
    assertThat(request.header("absent")).isEmpty();
    assertThat(request.hasHeader("X-Test", "ONE, two")).isTrue();
  }

  @Test
  void requestsFollowOneAnother() throws IOException {
    var in =
        in(
            "POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\none"
                + CHUNKED
                + "3\r\ntwo\r\n0\r\n\r\n"
                + "GET /3 HTTP/1.1\r\n\r\n");

    assertThat(body(IncomingRequest.read(in).orElseThrow())).isEqualTo("one");
    assertThat(body(IncomingRequest.read(in).orElseThrow())).isEqualTo("two");
    assertThat(body(IncomingRequest.read(in).orElseThrow())).isEmpty();
    assertThat(IncomingRequest.read(in)).isEmpty();
  }

  @Test
  void chunksAreJoinedAndTrailersFollowTheLast() throws IOException {
    var body = read(CHUNKED + "A;x=y\r\n0123456789\r\n01\r\n!\r\n0\r\nSum: 11\r\n\r\n").body();

    assertThat(body.readNBytes(10)).asString().isEqualTo("0123456789");
    assertThat(body.isEnded()).isFalse();
    assertThat(body.trailers()).isEmpty();
    assertThat(body.readAllBytes()).asString().isEqualTo("!");
    assertThat(body.isEnded()).isTrue();
    assertThat(body.trailers()).isEqualTo(Map.of("sum", "11"));
    assertThat(body.read()).isEqualTo(-1);
  }

  @Test
  void aChunkIsReadBeforeTheNextBytesArrive() throws IOException {
    try (var out = new PipedOutputStream();
        var in = new PipedInputStream(out)) {
      out.write((CHUNKED + "4\r\ntext").getBytes(ISO_8859_1));

      assertThat(IncomingRequest.read(in).orElseThrow().body().readNBytes(4))
          .asString()
          .isEqualTo("text");
    }
  }

  @Test
  void aDrainedBodyIsEnded() throws IOException {
    var body = read("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345").body();
    assertThat(body.read()).isEqualTo('1');

    body.drain();

    assertThat(body.isEnded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/2\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n: no name\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n1",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n1",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n1",
        CHUNKED + "\r\n",
        CHUNKED + "-1\r\n",
        CHUNKED + "zz\r\n",
        CHUNKED + "1\r\ntoo long\r\n",
        CHUNKED + "0\r\nno colon\r\n\r\n",
      })
  void malformedRequestsAreRejected(String bytes) {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read(bytes).body().readAllBytes());
  }

  @Test
  void endlessHeadsAreRejected() {
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read("x".repeat(64 * 1024 + 1)));
    assertThatExceptionOfType(ProtocolException.class)
        .isThrownBy(() -> read("GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(201) + "\r\n"));
  }

  @Test
  void aConnectionThatEndsWithinARequestIsNoEndOfIt() {
    for (String bytes :
        List.of(
            "GET",
            "GET / HTTP/1.1\r\nA: b\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n1",
            CHUNKED + "2\r\n1",
            CHUNKED + "1\r\n1\r\n",
            CHUNKED + "0\r\n")) {
      assertThatExceptionOfType(EOFException.class)
          .as(bytes)
          .isThrownBy(() -> read(bytes).body().readAllBytes());
    }
  }

  private static IncomingRequest read(String bytes) throws IOException {
    return IncomingRequest.read(in(bytes)).orElseThrow();
  }

  private static InputStream in(String bytes) {
    return new ByteArrayInputStream(bytes.getBytes(ISO_8859_1));
  }

  private static String body(IncomingRequest request) throws IOException {
    return new String(request.body().readAllBytes(), ISO_8859_1);
  }
}
