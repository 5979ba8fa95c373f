package dev.skein.runtime;

import static dev.skein.runtime.RunningLoop.await;
import static dev.skein.runtime.RunningLoop.rest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One event after another, whatever the handler does with them. */
@Timeout(60)
class WorkerTest {
  private static final Map<String, String> NONE = Map.of();

  @Test
  void theHandlerGetsTheEventAndItsContext() throws Exception {
    var seen = new CompletableFuture<Context>();
    var trace = new CompletableFuture<String>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              context.getLogger().log("a line of the handler's");
              seen.complete(context);
              trace.complete(System.getProperty("com.amazonaws.xray.traceHeader", ""));
              response.begin(200, NONE).write(event.readAllBytes());
            })) {
      PendingInvocation turn = loop.begin("{\"größe\":1}");
      var streamed = (PostedResult.Streamed) await(turn.result());

      assertThat(rest(streamed.body())).endsWith("{\"größe\":1}");
      Context context = await(seen);
      assertThat(context.getAwsRequestId()).isEqualTo(turn.requestId());
      assertThat(context.getInvokedFunctionArn()).isEqualTo(RunningLoop.ARN);
      assertThat(context.getFunctionName()).isEqualTo("hello");
      assertThat(context.getFunctionVersion()).isEqualTo("7");
      assertThat(context.getMemoryLimitInMB()).isEqualTo(512);
      assertThat(context.getLogGroupName()).isEqualTo("group");
      assertThat(context.getLogStreamName()).isEqualTo("stream");
      assertThat(context.getRemainingTimeInMillis()).isBetween(1, 30_000);
      assertThat(context.getXrayTraceId()).startsWith("Root=").isEqualTo(await(trace));
      assertThat(context.getIdentity()).isNull();
      assertThat(context.getClientContext()).isNull();
      assertThat(loop.log()).isEqualTo("a line of the handler's\n");
    }
  }

  @Test
  void anEventOfSixMegabytesArrivesWhole() throws Exception {
    byte[] large = new byte[6 * 1024 * 1024];
    java.util.Arrays.fill(large, (byte) 'x');
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> response.begin(200, NONE).write(event.readAllBytes()))) {
      PendingInvocation turn = loop.asked();
      turn.give(large);
      byte[] body = ((PostedResult.Streamed) await(turn.result())).body().readAllBytes();
      assertThat(body).endsWith(large);
    }
  }

  @Test
  void anExceptionIsReportedByItsClassOnly() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              throw new IOException("canary \"{}\n");
            })) {
      PendingInvocation turn = loop.begin("{}");
      var failed = (PostedResult.Failed) await(turn.result());
      assertThat(failed.type()).isEqualTo("java.io.IOException");
      assertThat(failed.message()).doesNotContain("canary");
      loop.asked();
      assertThat(loop.log().lines())
          .singleElement()
          .asString()
          .matches(
              "\\{\"timestamp\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\","
                  + "\"level\":\"ERROR\",\"event\":\"handler_failed\",\"request_id\":\""
                  + turn.requestId()
                  + "\",\"trace_id\":\"1-[0-9a-f]{8}-[0-9a-f]{24}\",\"fault\":\"java.io.IOException\",\"at\":\\[\"dev.skein[^]]*]}");
    }
  }

  @Test
  void aStackOverflowIsReportedAndTheNextEventIsHandled() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              if (event.read() == '1') {
                overflow(0);
              }
              response.begin(200, NONE).write('x');
            })) {
      assertThat(loop.failure("1").type()).isEqualTo("java.lang.StackOverflowError");
      assertThat(rest(loop.stream("2").body())).endsWith("x");
    }
  }

  @Test
  void outOfMemoryIsReportedAndEndsTheProcess() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              throw new OutOfMemoryError("canary");
            })) {
      assertThat(loop.failure("{}").type()).isEqualTo("java.lang.OutOfMemoryError");
      assertThat(loop.ended()).isTrue();
      assertThat(loop.log()).contains("runtime_ended").doesNotContain("canary");
    }
  }

  @Test
  void theLastWorkAfterwardsRunsBetweenTheResponseAndTheNextEvent() throws Exception {
    var running = new CompletableFuture<RunningLoop>();
    var turn = new CompletableFuture<PendingInvocation>();
    var steps = new ArrayList<String>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.afterwards(() -> steps.add("replaced"));
              response.afterwards(
                  () -> {
                    var answer = (PostedResult.Streamed) await(await(turn).result());
                    steps.add("ended " + answer.end().isDone());
                    steps.add("asked " + await(running).api().asked().isDone());
                    throw new IllegalStateException("canary");
                  });
              response.begin(200, NONE).write('x');
            })) {
      running.complete(loop);
      PendingInvocation first = loop.asked();
      turn.complete(first);
      first.give("{}".getBytes(UTF_8));
      assertThat(rest(((PostedResult.Streamed) await(first.result())).body())).endsWith("x");
      loop.asked();

      assertThat(steps).containsExactly("ended true", "asked false");
      assertThat(loop.log()).contains("afterwards_failed").doesNotContain("canary");
    }
  }

  @Test
  void workAfterwardsRunsAfterAFailedResponseToo() throws Exception {
    var runs = new ArrayList<String>();
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.afterwards(() -> runs.add("ran"));
              throw new IllegalStateException();
            })) {
      loop.failure("1");
      loop.failure("2");
      loop.asked();
      assertThat(runs).containsExactly("ran", "ran");
    }
  }

  @Test
  void anInterruptThatAHandlerLeavesBehindDoesNotAffectLaterEvents() throws Exception {
    try (var loop =
        RunningLoop.of(
            (event, response, context) -> {
              response.begin(200, NONE).write('x');
              Thread.currentThread().interrupt();
            })) {
      for (int turn = 0; turn < 3; turn++) {
        assertThat(rest(loop.stream("{}").body())).endsWith("x");
      }
      assertThat(loop.log()).isEmpty();
    }
  }

  @Test
  void sixteenWorkersStreamConcurrentlyWithoutMixingTheirResponses() throws Exception {
    var together = new CyclicBarrier(16);
    StreamingHandler handler =
        (event, response, context) -> {
          String name = new String(event.readAllBytes(), UTF_8);
          var body = response.begin(200, NONE);
          for (int piece = 0; piece < 50; piece++) {
            meet(together);
            body.write((name + ",").getBytes(UTF_8));
          }
        };
    try (var loop = RunningLoop.of(handler, 16)) {
      for (int round = 0; round < 2; round++) {
        List<CompletableFuture<Void>> checks = new ArrayList<>();
        for (int stream = 0; stream < 16; stream++) {
          String name = "stream-" + round + "-" + stream;
          PendingInvocation turn = loop.begin(name);
          checks.add(
              CompletableFuture.runAsync(() -> check(turn, name), Thread::startVirtualThread));
        }
        checks.forEach(RunningLoop::await);
      }
    }
  }

  private static void check(PendingInvocation turn, String name) {
    try {
      var streamed = (PostedResult.Streamed) await(turn.result());
      assertThat(rest(streamed.body())).endsWith("\u0000" + (name + ",").repeat(50));
      assertThat(await(streamed.end())).isEmpty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static long overflow(long depth) {
    return depth < 0 ? depth : overflow(depth + 1) + 1;
  }
}
