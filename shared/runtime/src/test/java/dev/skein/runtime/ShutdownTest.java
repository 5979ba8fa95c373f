package dev.skein.runtime;

import static dev.skein.runtime.RunningLoop.await;
import static dev.skein.runtime.RunningLoop.rest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The order of the steps between SIGTERM and the end of the process. */
@Timeout(60)
class ShutdownTest {
  /** However busy the machine is, what may end within it does. */
  private static final Duration LONG = Duration.ofSeconds(10);

  private static final Duration SHORT = Duration.ofMillis(10);

  private final List<String> steps = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> release = new CompletableFuture<>();

  /** Responds when it is released, and records each step. */
  private final class Recorder implements StreamingHandler {
    private final boolean releasedByClose;
    private long closedNanos;

    private Recorder(boolean releasedByClose) {
      this.releasedByClose = releasedByClose;
    }

    @Override
    public void handle(InputStream event, StreamingResponse response, Context context)
        throws IOException {
      response.afterwards(() -> steps.add("work after the response"));
      var body = response.begin(200, Map.of());
      await(release);
      body.write("done".getBytes(UTF_8));
    }

    @Override
    public void close() {
      steps.add("closed");
      closedNanos = System.nanoTime();
      if (releasedByClose) {
        release.complete(null);
      }
    }
  }

  private static Thread shutDown(RunningLoop loop) {
    var thread = Thread.ofPlatform().start(loop.shutdown());
    while (!loop.shutdown().isStopping()) {
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  void theHandlerIsClosedOnceTheInvocationAndTheWorkAfterItsResponseHaveEnded() throws Exception {
    try (var loop = RunningLoop.of(new Recorder(false), LONG, SHORT)) {
      PostedResult.Streamed stream = loop.stream("{}");
      Thread shutdown = shutDown(loop);
      release.complete(null);

      assertThat(rest(stream.body())).endsWith("done");
      shutdown.join();
      assertThat(steps).containsExactly("work after the response", "closed");
      assertThat(loop.ended()).isFalse();
      steps.clear();
    }
  }

  @Test
  void anInvocationThatTheCloseEndsStillRespondsAndRunsTheWorkAfterItsResponse() throws Exception {
    try (var loop = RunningLoop.of(new Recorder(true), SHORT, LONG)) {
      PostedResult.Streamed stream = loop.stream("{}");
      CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> readAll(stream));
      shutDown(loop).join();

      assertThat(await(read)).endsWith("done");
      assertThat(loop.ended()).isFalse();
      assertThat(steps).containsExactly("closed", "work after the response");
    }
  }

  @Test
  void anInvocationThatIsStillRunningHas300MsBeforeTheCloseAnd150MsAfterIt() throws Exception {
    var handler = new Recorder(false);
    try (var loop = RunningLoop.of(handler)) {
      PostedResult.Streamed stream = loop.stream("{}");
      long start = System.nanoTime();
      loop.shutdown().run();
      long end = System.nanoTime();

      assertThat(Duration.ofNanos(handler.closedNanos - start))
          .isGreaterThanOrEqualTo(Duration.ofMillis(300));
      assertThat(Duration.ofNanos(end - handler.closedNanos))
          .isGreaterThanOrEqualTo(Duration.ofMillis(150));
      rest(stream.body());
      assertThat(await(stream.end())).isPresent();
      release.complete(null);
    }
  }

  @Test
  void aHandlerThatFailsToCloseIsLoggedWithoutItsMessage() throws Exception {
    StreamingHandler handler =
        new StreamingHandler() {
          @Override
          public void handle(InputStream event, StreamingResponse response, Context context) {}

          @Override
          public void close() {
            throw new IllegalStateException("canary");
          }
        };
    try (var loop = RunningLoop.of(handler)) {
      loop.asked();
      shutDown(loop).join();

      assertThat(loop.ended()).isFalse();
      assertThat(loop.log())
          .contains("handler_close_failed", "IllegalStateException")
          .doesNotContain("canary");
    }
  }

  private static String readAll(PostedResult.Streamed stream) {
    try {
      return rest(stream.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
