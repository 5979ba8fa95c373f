package dev.skein.runtime;

import static dev.skein.runtime.RunningLoop.await;
import static dev.skein.runtime.RunningLoop.read;
import static dev.skein.runtime.RunningLoop.rest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent and when, and how a response ends that cannot be completed. */
@Timeout(60)
class ChunkedResponseTest {
  private static final Map<String, String> PLAIN = Map.of("Content-Type", "text/plain");
  private static final byte[] SEPARATOR = new byte[8];

  @Test
  void statusAndHeadersAreSentBeforeTheBodyIsWritten() throws Exception {
    var release = new CountDownLatch(1);
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              OutputStream body = response.begin(201, PLAIN);
              hold(release);
              body.write("late".getBytes(UTF_8));
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");

      assertThat(streamed.contentType())
          .isEqualTo("application/vnd.awslambda.http-integration-response");
      String expected = "{\"statusCode\":201,\"headers\":{\"Content-Type\":\"text/plain\"}}";
      assertThat(read(streamed.body(), expected.length())).isEqualTo(expected);
      assertThat(streamed.body().readNBytes(8)).isEqualTo(SEPARATOR);
      release.countDown();
      assertThat(rest(streamed.body())).isEqualTo("late");
      assertThat(await(streamed.end())).isEmpty();
    }
  }

  @Test
  void eachPieceArrivesWhileTheHandlerIsStillWriting() throws Exception {
    var step = new Semaphore(0);
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              try (OutputStream body = response.begin(200, Map.of())) {
                for (int piece = 0; piece < 3; piece++) {
                  step.acquireUninterruptibly();
                  body.write(("piece " + piece).getBytes(UTF_8));
                }
              }
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      prelude(streamed.body());
      for (int piece = 0; piece < 3; piece++) {
        step.release();
        assertThat(read(streamed.body(), 7)).isEqualTo("piece " + piece);
      }
      assertThat(rest(streamed.body())).isEmpty();
      assertThat(await(streamed.end())).isEmpty();
    }
  }

  @Test
  void headerValuesWithQuotesControlsAndUnicodeArriveUnchanged() throws Exception {
    var headers = new LinkedHashMap<String, String>();
    headers.put("X-Quotes", "a \"quoted\\\" value");
    headers.put("X-Controls", "line\r\nend\ttab\u0000nul\u007f");
    headers.put("X-Text", "Grüße, 世界 🦢");
    try (var loop = RunningLoop.of((event, response, context) -> response.begin(200, headers))) {
      PostedResult.Streamed streamed = loop.stream("{}");
      JsonNode received = prelude(streamed.body()).get("headers");

      headers.forEach((name, value) -> assertThat(received.get(name).asText()).isEqualTo(value));
      assertThat(rest(streamed.body())).isEmpty();
      assertThat(await(streamed.end())).isEmpty();
    }
  }

  @Test
  void anEmptyWriteDoesNotEndTheResponse() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              OutputStream body = response.begin(200, PLAIN);
              body.write(new byte[0]);
              body.write('x');
              body.close();
              body.write('y');
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      prelude(streamed.body());
      assertThat(rest(streamed.body())).isEqualTo("xy");
    }
  }

  @Test
  void aFailedResponseEndsWithItsErrorAndRejectsLaterWrites() throws Exception {
    var later = new CompletableFuture<Throwable>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              OutputStream body = response.begin(200, PLAIN);
              body.write("half".getBytes(UTF_8));
              response.fail("Model.Cut", "The model's answer was cut: \"ü\"\r\n.");
              response.fail("Second", "Not reported.");
              later.complete(thrownBy(() -> body.write('x')));
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      prelude(streamed.body());

      assertThat(rest(streamed.body())).isEqualTo("half");
      assertThat(await(streamed.end()))
          .contains(new PostedResult.Failed("Model.Cut", "The model's answer was cut: \"ü\"\r\n."));
      assertThat(await(later)).isInstanceOf(IOException.class).hasMessageContaining("failed");
      loop.asked();
    }
  }

  @Test
  void aFailureBeforeItBeganFailsTheInvocation() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.fail("Not Ready\r\nX: y", "Not yet.");
              response.begin(200, PLAIN);
            })) {
      assertThat(loop.failure("{}"))
          .isEqualTo(new PostedResult.Failed("Not Ready\r\nX: y", "Not yet."));
      loop.asked();
    }
  }

  @Test
  void anExceptionAfterItBeganIsReportedInTheTrailersWithoutItsMessage() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.begin(200, PLAIN).write("half".getBytes(UTF_8));
              throw new IllegalStateException("canary");
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      prelude(streamed.body());

      assertThat(rest(streamed.body())).isEqualTo("half");
      PostedResult.Failed failed = await(streamed.end()).orElseThrow();
      assertThat(failed.type()).isEqualTo("java.lang.IllegalStateException");
      assertThat(failed.message()).doesNotContain("canary");
      loop.asked();
      assertThat(loop.log())
          .contains("\"event\":\"handler_failed\"", "ChunkedResponseTest")
          .doesNotContain("canary");
    }
  }

  @Test
  void aHandlerThatReturnsWithoutAResponseFailsTheInvocation() throws Exception {
    try (var loop = RunningLoop.of((event, response, context) -> {})) {
      assertThat(loop.failure("{}").type()).isEqualTo("Runtime.NoResponse");
    }
  }

  @Test
  void anInvalidStatusAndCallsThatMustPrecedeBeginAreRejected() throws Exception {
    var thrown = new CompletableFuture<List<Throwable>>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              Throwable status = thrownBy(() -> response.begin(101, PLAIN));
              response.begin(200, PLAIN);
              thrown.complete(
                  List.of(
                      status,
                      thrownBy(() -> response.begin(200, PLAIN)),
                      thrownBy(() -> response.limit(Duration.ofMinutes(1))),
                      thrownBy(() -> response.onDisconnect(() -> {}))));
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      assertThat(rest(streamed.body())).isNotEmpty();
      assertThat(await(thrown))
          .hasExactlyElementsOfTypes(
              IllegalArgumentException.class,
              IllegalStateException.class,
              IllegalStateException.class,
              IllegalStateException.class);
      assertThat(await(streamed.end())).isEmpty();
    }
  }

  @Test
  void whenTheCallerDisconnectsTheLastTaskRunsOnceAndWritesFail() throws Exception {
    var disconnected = new CompletableFuture<Thread>();
    var replaced = new CompletableFuture<Boolean>();
    var runs = new AtomicLong();
    var handlerThread = new CompletableFuture<Thread>();
    var failed = new CompletableFuture<Throwable>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              handlerThread.complete(Thread.currentThread());
              response.onDisconnect(() -> replaced.complete(true));
              response.onDisconnect(
                  () -> {
                    runs.incrementAndGet();
                    disconnected.complete(Thread.currentThread());
                    throw new IllegalStateException("canary");
                  });
              OutputStream body = response.begin(200, PLAIN);
              await(disconnected);
              failed.complete(thrownBy(() -> body.write('x')));
              body.write('y');
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      streamed.body().close();

      assertThat(await(disconnected)).isNotSameAs(await(handlerThread));
      assertThat(await(failed))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("disconnected");
      loop.asked();
      while (!loop.log().contains("disconnect_task_failed")) {
        Thread.onSpinWait();
      }
      assertThat(runs).hasValue(1);
      assertThat(replaced).isNotDone();
      assertThat(loop.log()).contains("response_broken").doesNotContain("handler_failed", "canary");
    }
  }

  @Test
  void aNormalEndIsNotADisconnect() throws Exception {
    var disconnected = new CompletableFuture<Boolean>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.onDisconnect(() -> disconnected.complete(true));
              response.begin(200, PLAIN).write('x');
            })) {
      for (int turn = 0; turn < 20; turn++) {
        assertThat(rest(loop.stream("{}").body())).endsWith("x");
      }
      loop.asked();
      assertThat(disconnected).isNotDone();
      assertThat(loop.log()).isEmpty();
    }
  }

  @Test
  void aReaderThatDoesNotReadBlocksTheWriterUntilTheLimit() throws Exception {
    var written = new AtomicLong();
    var failed = new CompletableFuture<Throwable>();
    byte[] piece = new byte[64 * 1024];
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.limit(Duration.ofSeconds(2));
              OutputStream body = response.begin(200, PLAIN);
              failed.complete(
                  thrownBy(
                      () -> {
                        for (int count = 0; count < 1024; count++) {
                          body.write(piece);
                          written.addAndGet(piece.length);
                        }
                      }));
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");

      assertThat(await(failed)).isInstanceOf(IOException.class).hasMessageContaining("limit");
      assertThat(written).hasValueLessThan(16L * 1024 * 1024);
      loop.asked();
      rest(streamed.body());
      assertThat(await(streamed.end()).map(PostedResult.Failed::type))
          .isEqualTo(Optional.of("Runtime.TruncatedResponse"));
    }
  }

  @Test
  void theLimitAlsoEndsTheWaitForACallerThatDoesNotReadTheEnd() throws Exception {
    var afterwards = new CompletableFuture<Boolean>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.afterwards(() -> afterwards.complete(true));
              response.limit(Duration.ofMillis(300));
              response.begin(200, PLAIN).write('x');
            })) {
      loop.stream("{}");

      assertThat(await(afterwards)).isTrue();
      loop.asked();
      assertThat(loop.log()).contains("response_broken", "limit");
    }
  }

  @Test
  void theLastLimitCounts() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.limit(Duration.ZERO);
              response.limit(Duration.ofMinutes(1));
              response.begin(200, PLAIN).write('x');
            })) {
      for (int turn = 0; turn < 3; turn++) {
        PostedResult.Streamed streamed = loop.stream("{}");
        assertThat(rest(streamed.body())).endsWith("x");
        assertThat(await(streamed.end())).isEmpty();
      }
    }
  }

  @Test
  void theLimitOfAResponseDoesNotApplyToTheWaitForTheNextEvent() throws Exception {
    var limited = new CompletableFuture<Void>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              if (event.read() == '1') {
                response.limit(Duration.ofSeconds(2));
                limited.completeOnTimeout(null, 2, TimeUnit.SECONDS);
              }
              response.begin(200, PLAIN).write('x');
            })) {
      assertThat(rest(loop.stream("1").body())).endsWith("x");
      // The same connection waits for the next event until the limit would have passed.
      PendingInvocation next = loop.asked();
      await(limited);
      next.give("2".getBytes(UTF_8));
      assertThat(rest(((PostedResult.Streamed) await(next.result())).body())).endsWith("x");
      assertThat(loop.log()).isEmpty();
    }
  }

  @Test
  void noResponseBeginsAfterTheLimit() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.limit(Duration.ZERO);
              response.begin(200, PLAIN);
            })) {
      assertThat(loop.failure("{}").type()).contains("BrokenResponse");
      loop.asked();
      assertThat(loop.log()).contains("response_broken", "limit").doesNotContain("handler_failed");
    }
  }

  @Test
  void sixtyFourMegabytesArriveWhole() throws Exception {
    byte[] piece = new byte[1024 * 1024];
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              OutputStream body = response.begin(200, PLAIN);
              for (int count = 0; count < 64; count++) {
                body.write(piece);
              }
            })) {
      PostedResult.Streamed streamed = loop.stream("{}");
      prelude(streamed.body());
      assertThat(streamed.body().transferTo(OutputStream.nullOutputStream()))
          .isEqualTo(64L * 1024 * 1024);
      assertThat(await(streamed.end())).isEmpty();
    }
  }

  @Test
  void aWriteAfterTheEndFails() throws Exception {
    var kept = new CompletableFuture<OutputStream>();
    try (var loop =
        RunningLoop.of((event, response, context) -> kept.complete(response.begin(200, PLAIN)))) {
      assertThat(rest(loop.stream("{}").body())).isNotEmpty();
      loop.asked();
      assertThatThrownBy(() -> await(kept).write('x'))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ended");
    }
  }

  private static JsonNode prelude(InputStream body) throws IOException {
    var json = new java.io.ByteArrayOutputStream();
    for (int next = body.read(); next > 0; next = body.read()) {
      json.write(next);
    }
    body.readNBytes(7);
    return new ObjectMapper().readTree(json.toByteArray());
  }

  private static void hold(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A step of a test that may throw anything. */
  private interface Act {
    void run() throws IOException;
  }

  private static Throwable thrownBy(Act act) {
    try {
      act.run();
      return new AssertionError("nothing was thrown");
    } catch (IOException | RuntimeException e) {
      return e;
    }
  }
}
