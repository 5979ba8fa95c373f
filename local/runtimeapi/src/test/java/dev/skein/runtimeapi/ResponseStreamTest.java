package dev.skein.runtimeapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResponseStreamTest {

  private static final int LIMIT = 16 * 1024 * 1024;

  private RuntimeApi api;
  private RawRuntime runtime;

  @BeforeEach
  void open() throws Exception {
    api = RuntimeApi.open("arn:x", Duration.ofSeconds(9), LIMIT);
    runtime = new RawRuntime(api);
  }

  @AfterEach
  void close() throws Exception {
    runtime.close();
    api.close();
  }

  @Test
  void piecesAreReadWhileTheFunctionStillWrites() throws Exception {
    PostedResult.Streamed stream = begin();
    assertThat(stream.contentType())
        .isEqualTo("application/vnd.awslambda.http-integration-response");
    runtime.chunk("{}\0");
    assertThat(stream.body().readNBytes(3)).asString(UTF_8).isEqualTo("{}\0");
    runtime.chunk("one");
    assertThat(stream.body().readNBytes(3)).asString(UTF_8).isEqualTo("one");
    assertThat(stream.end()).isNotDone();
    runtime.chunk("two").send("0\r\n\r\n");
    assertThat(stream.body().readAllBytes()).asString(UTF_8).isEqualTo("two");
    assertThat(stream.end().get(10, SECONDS)).isEmpty();
  }

  @Test
  void aCompleteStreamIsAcceptedAndTheConnectionServesTheNextEvent() throws Exception {
    PostedResult.Streamed stream = begin();
    runtime.chunk("text").send("0\r\n\r\n");
    stream.body().readAllBytes();
    assertThat(runtime.response().status()).isEqualTo("HTTP/1.1 202 Accepted");
    assertThat(begin().end()).isNotDone();
  }

  @Test
  void anErrorInTheTrailersIsTheErrorOfTheStream() throws Exception {
    PostedResult.Streamed stream = begin();
    String error =
        Base64.getEncoder()
            .encodeToString(
                "{\"errorType\":\"Model.Cut\",\"errorMessage\":\"it broke\"}".getBytes(UTF_8));
    runtime.chunk("text").send("0\r\nLambda-Runtime-Function-Error-Type: Model.Cut\r\n");
    runtime.send("Lambda-Runtime-Function-Error-Body: " + error + "\r\n\r\n");
    assertThat(stream.body().readAllBytes()).asString(UTF_8).isEqualTo("text");
    assertThat(stream.end().get(10, SECONDS))
        .contains(new PostedResult.Failed("Model.Cut", "it broke"));
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 202");
  }

  @Test
  void anErrorWithoutABodyHasOnlyItsType() throws Exception {
    PostedResult.Streamed stream = begin();
    runtime.send("0\r\nLambda-Runtime-Function-Error-Type: Model.Cut\r\n\r\n");
    assertThat(stream.body().readAllBytes()).isEmpty();
    assertThat(stream.end().get(10, SECONDS)).contains(new PostedResult.Failed("Model.Cut", ""));
  }

  @Test
  void aConnectionThatBreaksBeforeTheLastChunkTruncatesTheStream() throws Exception {
    PostedResult.Streamed stream = begin();
    runtime.chunk("text").close();
    assertThat(stream.body().readAllBytes()).asString(UTF_8).isEqualTo("text");
    assertTruncated(stream);
  }

  @Test
  void aConnectionThatBreaksWithinAChunkTruncatesTheStream() throws Exception {
    PostedResult.Streamed stream = begin();
    runtime.send("ff\r\ntext").close();
    assertThat(stream.body().readAllBytes()).asString(UTF_8).isEqualTo("text");
    assertTruncated(stream);
  }

  @Test
  void closingTheBodyEarlyClosesTheConnection() throws Exception {
    PostedResult.Streamed stream = begin();
    runtime.chunk("text");
    stream.body().close();
    assertThat(runtime.isClosed()).isTrue();
    assertThat(stream.end().get(10, SECONDS))
        .map(PostedResult.Failed::type)
        .contains(RuntimeApi.ABANDONED);
    assertThat(stream.body().read()).isEqualTo(-1);
  }

  @Test
  void closingTheBodyAfterItsEndLeavesTheConnectionOpen() throws Exception {
    PostedResult.Streamed stream = begin();
    runtime.send("0\r\n\r\n");
    stream.body().readAllBytes();
    stream.body().close();
    assertThat(stream.end().get(10, SECONDS)).isEmpty();
    runtime.response();
    assertThat(begin().end()).isNotDone();
  }

  @Test
  void aReaderThatDoesNotReadHoldsTheWriterBack() throws Exception {
    PostedResult.Streamed stream = begin();
    AtomicLong written = new AtomicLong();
    String piece = "x".repeat(64 * 1024);
    int pieces = LIMIT / piece.length();
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < pieces; i++) {
                      runtime.chunk(piece);
                      written.addAndGet(piece.length());
                    }
                    runtime.send("0\r\n\r\n");
                  } catch (IOException e) {
                    written.set(-1);
                  }
                });
    assertThat(writer.join(Duration.ofMillis(500))).isFalse();
    assertThat(written.get()).isBetween(0L, LIMIT * 3L / 4);
    assertThat(stream.body().readAllBytes()).hasSize(LIMIT);
    assertThat(writer.join(Duration.ofSeconds(10))).isTrue();
    assertThat(stream.end().get(10, SECONDS)).isEmpty();
  }

  @Test
  void aStreamOverTheLimitFailsAndClosesTheConnection() throws Exception {
    PostedResult.Streamed stream = begin();
    CompletableFuture<byte[]> read = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> read.complete(all(stream.body())));
    String piece = "x".repeat(1024 * 1024);
    for (int i = 0; i < 16; i++) {
      runtime.chunk(piece);
    }
    runtime.send("1\r\nx");
    assertThat(read.get(10, SECONDS)).hasSize(LIMIT);
    assertThat(stream.end().get(10, SECONDS))
        .contains(
            new PostedResult.Failed(
                "Function.ResponseSizeTooLarge", "The response is larger than 16 MB."));
    assertThat(runtime.isClosed()).isTrue();
  }

  private static byte[] all(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertTruncated(PostedResult.Streamed stream) throws Exception {
    Optional<PostedResult.Failed> end = stream.end().get(10, SECONDS);
    assertThat(end).map(PostedResult.Failed::type).contains(RuntimeApi.TRUNCATED);
  }

  /** The runtime has an event and the head of its streaming response is sent. */
  private PostedResult.Streamed begin() throws Exception {
    runtime.send(RawRuntime.NEXT);
    PendingInvocation invocation = api.asked().get(10, SECONDS);
    invocation.give("{}".getBytes(UTF_8));
    runtime.response();
    runtime.stream(invocation.requestId());
    return (PostedResult.Streamed) invocation.result().get(10, SECONDS);
  }
}
