package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.ApiRequest;
import dev.skein.api.ApiResponse;
import dev.skein.api.ErrorFormat;
import dev.skein.api.StreamedBody;
import dev.skein.base.Deadline;
import dev.skein.exchange.testing.TestEnvironment;
import dev.skein.faults.Chunks;
import dev.skein.faults.ScriptedReply;
import dev.skein.llm.LlmEvent.Delta;
import dev.skein.llm.LlmLimits;
import dev.skein.llm.LlmOutcome.Completed;
import dev.skein.llm.LlmRequest;
import dev.skein.llm.LlmRequest.Defaults;
import dev.skein.llm.LlmRequest.Message;
import dev.skein.llm.LlmRequest.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamedExchangeTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ApiRequest REQUEST =
      new ApiRequest(
          "POST", "/test", Map.of(), Map.of(), "", "req-1", "key-1", ErrorFormat.PROBLEM);

  private TestEnvironment world = TestEnvironment.with(Map.of());

  @AfterEach
  void stop() {
    world.close();
  }

  private void restart(Map<String, String> variables) {
    world.close();
    world = TestEnvironment.with(variables);
  }

  /** Writes pieces that a test can tell apart. */
  private static final class Pieces implements StreamFormat {
    @Override
    public String piece(Delta delta) {
      if (delta.text().equals("bug")) {
        throw new IllegalStateException("the canary of a message");
      }
      if (delta.text().equals("large")) {
        return "x".repeat(LlmLimits.MAX_PASSED_REPLY_BYTES);
      }
      return "<" + delta.text() + ">";
    }

    @Override
    public String done(Completed completed, ObjectNode about) {
      if (completed.text().equals("end")) {
        throw new IllegalStateException("the canary of a message");
      }
      return "done " + about.path("usage").path("total_tokens");
    }

    @Override
    public String error(ObjectNode document) {
      return "error " + document.path("type").textValue() + document.path("audit_id").textValue();
    }
  }

  /** A caller that takes each piece, until it leaves. */
  private static final class Caller extends OutputStream {
    private final BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
    private final int leavesAfter;

    private Caller(int leavesAfter) {
      this.leavesAfter = leavesAfter;
    }

    @Override
    public void write(int b) {
      throw new AssertionError("a piece is written whole");
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (pieces.size() == leavesAfter) {
        throw new IOException("gone");
      }
      pieces.add(new String(bytes, from, length, StandardCharsets.UTF_8));
    }
  }

  private ApiResponse streamUntil(Deadline invocation) {
    var asked = new LlmRequest("m-1", List.of(new Message(Role.USER, "Hi")), Defaults.of(0, 9));
    var subject = new AuditedExchange.Subject("/test", "ann", "m-1", "Hi");
    var environment = world.environment();
    return environment
        .exchange()
        .run(
            REQUEST,
            invocation,
            subject,
            Optional.empty(),
            started ->
                started.ask(
                    environment.llm(),
                    asked,
                    true,
                    new Pieces(),
                    _ -> {
                      throw new AssertionError("a stream was asked for");
                    }));
  }

  private ApiResponse stream() {
    return streamUntil(Deadline.in(Duration.ofMinutes(10), System::nanoTime));
  }

  private static StreamedBody body(ApiResponse response) {
    return (StreamedBody) response.body();
  }

  /** What a caller reads that stays. */
  private List<String> read() {
    var response = stream();
    var caller = new Caller(Integer.MAX_VALUE);
    var _ = body(response).writeTo(caller);
    response.afterwards().run();
    return List.copyOf(caller.pieces);
  }

  private JsonNode completed() {
    assertThat(world.queue().records()).hasSize(2);
    return world.queue().records().getLast();
  }

  @Test
  void theAnswerComesInPiecesAndTheRecordHoldsItsSpeed() {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo", "!").pieces(60, Duration.ofMillis(1)));

    assertThat(read()).containsExactly("<Hel>", "<lo>", "<!>", "done 15");

    var completed = completed();
    assertThat(completed.path("response_preview").textValue()).isEqualTo("Hello!");
    assertThat(completed.path("completion_tokens").intValue()).isEqualTo(5);
    assertThat(completed.path("status").intValue()).isEqualTo(200);
    assertThat(completed.path("error").isNull()).isTrue();
    assertThat(completed.path("time_to_first_token_ms").isIntegralNumber()).isTrue();
    assertThat(completed.path("tokens_per_second").doubleValue()).isPositive();
  }

  @Test
  void aPieceLeavesBeforeTheNextIsThere() throws Exception {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo").first(2).ending(Chunks.Ending.OPEN));
    var response = stream();
    var caller = new Caller(Integer.MAX_VALUE);
    var writing = Thread.ofVirtual().start(() -> body(response).writeTo(caller));

    assertThat(caller.pieces.poll(10, TimeUnit.SECONDS)).isEqualTo("<Hel>");
    assertThat(writing.isAlive()).isTrue();
    body(response).cancel();
    writing.join();
    world.model().awaitClientClosed(1, SOON);
  }

  @Test
  void noPieceLeavesBeforeTheIntentIsKept() {
    var kept = new CompletableFuture<Void>();
    world.queue().acknowledgeBy(() -> kept);
    world.model().enqueue(ScriptedReply.stream("Hel", "lo"));

    var response = CompletableFuture.supplyAsync(this::stream);
    // The model has long answered, and still nothing is there.
    assertThatThrownBy(() -> response.get(500, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    assertThat(world.model().requests()).isEqualTo(1);
    kept.complete(null);

    assertThat(response.join().status()).isEqualTo(200);
    assertThat(world.queue().records()).hasSize(1);
  }

  @Test
  void aStreamThatIsCutEndsWithAnErrorAndIsAuditedSo() {
    world.model().enqueue(ScriptedReply.stream("Hel", "lo").first(2).ending(Chunks.Ending.CLOSED));

    assertThat(read()).containsExactly("<Hel>", "error urn:skein:problem:model-cutaudit-1");

    var completed = completed();
    assertThat(completed.path("error").textValue()).isEqualTo("model-cut");
    assertThat(completed.path("status").intValue()).isEqualTo(200);
    assertThat(completed.path("response_preview").textValue()).isEqualTo("Hel");
    assertThat(completed.path("total_tokens").isNull()).isTrue();
    assertThat(completed.path("tokens_per_second").isNull()).isTrue();
    assertThat(completed.path("calls").path("failed").intValue()).isEqualTo(1);
    assertThat(world.events("model_call_failed")).hasSize(1);
  }

  @Test
  void aFailureBeforeTheFirstPieceIsAnOrdinaryError() {
    world.model().enqueue(ScriptedReply.status(503));

    var response = stream();
    response.afterwards().run();

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.headers()).containsEntry("Content-Type", "application/problem+json");
    assertThat(completed().path("status").intValue()).isEqualTo(503);
    assertThat(completed().has("time_to_first_token_ms")).isFalse();
  }

  @Test
  void aCallerThatLeavesEndsTheCallAndIsAuditedSo() {
    world.model().enqueue(ScriptedReply.stream("a", "b", "c").first(4).ending(Chunks.Ending.OPEN));
    var response = stream();

    assertThat(body(response).writeTo(new Caller(1)).orElseThrow().name())
        .isEqualTo("caller-disconnected");
    response.afterwards().run();

    world.model().awaitClientClosed(1, SOON);
    assertThat(completed().path("error").textValue()).isEqualTo("caller-disconnected");
    assertThat(completed().path("tried").toString())
        .isEqualTo("[{\"model\":\"m-1\",\"result\":\"caller-disconnected\",\"count\":1}]");
  }

  @Test
  void aCallerThatLeavesBeforeTheLastPieceIsAuditedAsGone() {
    world.model().enqueue(ScriptedReply.stream("a"));
    var response = stream();

    assertThat(body(response).writeTo(new Caller(1))).isPresent();
    response.afterwards().run();

    assertThat(completed().path("error").textValue()).isEqualTo("caller-disconnected");
    assertThat(completed().path("total_tokens").intValue()).isEqualTo(15);
  }

  @Test
  void anInvocationThatIsInterruptedBeforeTheFirstPieceEndsItsCall() throws Exception {
    world.model().enqueue(ScriptedReply.hang());
    var task = new FutureTask<>(this::stream);
    var invocation = Thread.ofPlatform().start(task);
    world.model().awaitInFlight(1, SOON);

    invocation.interrupt();

    world.model().awaitClientClosed(1, SOON);
    assertThat(task.get().status()).isEqualTo(500);
  }

  @Test
  void aStreamThatNobodyWritesEndsItsCall() {
    world.model().enqueue(ScriptedReply.stream("a", "b").first(2).ending(Chunks.Ending.OPEN));

    stream().afterwards().run();

    world.model().awaitClientClosed(1, SOON);
    assertThat(completed().path("error").textValue()).isEqualTo("caller-disconnected");
  }

  @Test
  void theDeadlineEndsAStreamWithAnError() {
    restart(Map.of("REQUEST_TIMEOUT_MS", "300"));
    world.model().enqueue(ScriptedReply.stream("a", "b").first(2).ending(Chunks.Ending.OPEN));

    assertThat(read()).containsExactly("<a>", "error urn:skein:problem:model-timed-outaudit-1");
    world.model().awaitClientClosed(1, SOON);
  }

  @Test
  void aBugInMidStreamEndsItWithAnErrorAndIsLogged() {
    world
        .model()
        .enqueue(ScriptedReply.stream("a", "bug", "c").first(3).ending(Chunks.Ending.OPEN));

    assertThat(read()).containsExactly("<a>", "error urn:skein:problem:internalaudit-1");

    assertThat(completed().path("error").textValue()).isEqualTo("internal");
    assertThat(world.events("bug")).hasSize(1);
    assertThat(String.join("", world.lines())).doesNotContain("canary");
    world.model().awaitClientClosed(1, SOON);
  }

  @Test
  void aBugInTheLastPieceIsLoggedAndAudited() {
    world.model().enqueue(ScriptedReply.stream("end"));

    assertThat(read()).containsExactly("<end>");

    assertThat(completed().path("error").textValue()).isEqualTo("internal");
    assertThat(world.events("bug")).hasSize(1);
  }

  @Test
  void inTheStrictModeAStreamLeavesInOnePieceWhenItsRecordsAreKept() {
    restart(Map.of("AUDIT_MODE", "strict"));
    world.model().enqueue(ScriptedReply.stream("Hel", "lo"));

    var response = stream();

    assertThat(world.queue().records()).hasSize(2);
    assertThat(response.body()).isEqualTo(new ApiResponse.Text("<Hel><lo>done 15"));
    assertThat(response.headers()).containsEntry("X-Skein-Attempts", "1");
  }

  @Test
  void inTheStrictModeAStreamThatIsCutIsAnOrdinaryError() {
    restart(Map.of("AUDIT_MODE", "strict"));
    world.model().enqueue(ScriptedReply.stream("Hel", "lo").first(2).ending(Chunks.Ending.CLOSED));

    assertThat(stream().status()).isEqualTo(502);
    assertThat(completed().path("status").intValue()).isEqualTo(502);
  }

  @Test
  void inTheStrictModeAStreamThatIsTooLargeToHoldBackIsAnOrdinaryError() {
    restart(Map.of("AUDIT_MODE", "strict"));
    world.model().enqueue(ScriptedReply.stream("large", "end"));

    var response = stream();

    assertThat(response.status()).isEqualTo(502);
    assertThat(response.body().toString()).contains("model-malformed", "the limit is 16777216");
    assertThat(world.queue().records().getLast().path("error").textValue())
        .isEqualTo("model-malformed");
  }

  @Test
  void inTheStrictModeNothingLeavesWithoutARecord() {
    restart(Map.of("AUDIT_MODE", "strict"));
    world
        .model()
        .script(
            request -> {
              world
                  .queue()
                  .acknowledgeBy(() -> CompletableFuture.failedFuture(new IllegalStateException()));
              return ScriptedReply.stream("the reply");
            });

    var response = stream();

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.body().toString()).doesNotContain("the reply");
  }
}
