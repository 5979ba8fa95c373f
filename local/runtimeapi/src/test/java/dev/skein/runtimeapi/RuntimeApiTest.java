package dev.skein.runtimeapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.runtimeapi.RuntimeApi.InvocationResult;
import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RuntimeApiTest {

  private RuntimeApi api;
  private RawRuntime runtime;

  @BeforeEach
  void open() throws Exception {
    api =
        RuntimeApi.open("arn:aws:lambda:eu-west-1:000000000000:function:f", Duration.ofSeconds(9));
    runtime = new RawRuntime(api);
  }

  @AfterEach
  void close() throws Exception {
    runtime.close();
    api.close();
  }

  @Test
  void anEventIsHandedOutWithWhatTheRuntimeMustKnow() throws Exception {
    Instant before = Instant.now().minusMillis(1);
    PendingInvocation turn = take("{\"n\":1}");
    RawRuntime.Reply reply = runtime.reply();
    assertThat(reply.status()).isEqualTo("HTTP/1.1 200 OK");
    assertThat(reply.body()).isEqualTo("{\"n\":1}");
    assertThat(reply.headers())
        .containsEntry("lambda-runtime-aws-request-id", turn.requestId())
        .containsEntry(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:f")
        .containsEntry("content-type", "application/json");
    assertThat(reply.headers().get("lambda-runtime-trace-id"))
        .matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0");
    assertThat(Instant.ofEpochMilli(deadline(reply)))
        .isBetween(before.plusSeconds(9), Instant.now().plusSeconds(9));
  }

  @Test
  void aResponseIsAnsweredAndTheConnectionServesTheNextEvent() throws Exception {
    PendingInvocation turn = given();
    runtime.post(response(turn), "Content-Length: 4").send("\"ok\"");
    assertThat(runtime.reply().status()).isEqualTo("HTTP/1.1 202 Accepted");
    assertThat(answer(turn)).isInstanceOfSatisfying(InvocationResult.Whole.class, whole("\"ok\""));
    assertThat(api.asked()).isNotDone();
    PendingInvocation second = given();
    assertThat(second.requestId()).isNotEqualTo(turn.requestId());
  }

  @Test
  void aChunkedResponseIsPutTogether() throws Exception {
    PendingInvocation turn = given();
    runtime.post(response(turn), "Transfer-Encoding: chunked");
    runtime.chunk("\"ab").chunk("c\"").send("0\r\n\r\n");
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 202");
    assertThat(answer(turn)).isInstanceOfSatisfying(InvocationResult.Whole.class, whole("\"abc\""));
  }

  @Test
  void aRuntimeThatExpectsToBeToldToGoOnIsTold() throws Exception {
    PendingInvocation turn = given();
    runtime.post(response(turn), "Expect: 100-continue", "Content-Length: 2");
    assertThat(runtime.reply().status()).isEqualTo("HTTP/1.1 100 Continue");
    assertThat(runtime.send("{}").reply().status()).isEqualTo("HTTP/1.1 202 Accepted");
  }

  @Test
  void aResponseOverSixMegabytesIsRefusedAndMayBeToldAsAnError() throws Exception {
    PendingInvocation turn = given();
    int length = RuntimeApi.PAYLOAD_LIMIT + 1;
    runtime.post(response(turn), "Content-Length: " + length).send("x".repeat(length));
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 413");
    assertThat(answer(turn)).isEqualTo(new InvocationResult.TooLarge());
    runtime.post("invocation/" + turn.requestId() + "/error", "Content-Length: 2").send("{}");
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 202");
  }

  @Test
  void aResponseOfSixMegabytesIsTaken() throws Exception {
    PendingInvocation turn = given();
    int length = RuntimeApi.PAYLOAD_LIMIT;
    runtime.post(response(turn), "Content-Length: " + length).send("x".repeat(length));
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 202");
    assertThat(answer(turn)).isInstanceOf(InvocationResult.Whole.class);
  }

  @Test
  void anErrorIsToldWithItsTypeAndMessage() throws Exception {
    PendingInvocation turn = given();
    String error = "{\"errorType\":\"Oops\",\"errorMessage\":\"broken\"}";
    runtime.post("invocation/" + turn.requestId() + "/error", "Content-Length: " + error.length());
    runtime.send(error);
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 202");
    assertThat(answer(turn)).isEqualTo(new InvocationResult.Failed("Oops", "broken"));
  }

  @Test
  void anErrorThatIsNoJsonIsItsOwnMessage() throws Exception {
    PendingInvocation turn = given();
    runtime.post("invocation/" + turn.requestId() + "/error", "Content-Length: 5").send("argh!");
    assertThat(answer(turn)).isEqualTo(new InvocationResult.Failed("Error", "argh!"));
  }

  @Test
  void anErrorOfTheStartIsToldApart() throws Exception {
    String error = "{\"errorType\":\"Oops\",\"errorMessage\":\"broken\"}";
    runtime.post("init/error", "Content-Length: " + error.length()).send(error);
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 202");
    assertThat(api.initError().get(10, SECONDS))
        .isEqualTo(new InvocationResult.Failed("Oops", "broken"));
  }

  @Test
  void aSecondResponseAndAnUnknownIdAreRefused() throws Exception {
    PendingInvocation turn = given();
    runtime.post(response(turn), "Content-Length: 2").send("{}").reply();
    runtime.post(response(turn), "Content-Length: 2").send("{}");
    assertThat(runtime.reply().status()).startsWith("HTTP/1.1 400");
    runtime.post("invocation/nobody/response", "Content-Length: 2").send("{}");
    RawRuntime.Reply reply = runtime.reply();
    assertThat(reply.status()).startsWith("HTTP/1.1 400");
    assertThat(reply.body()).contains("InvalidRequestID");
    assertThat(answer(turn)).isInstanceOfSatisfying(InvocationResult.Whole.class, whole("{}"));
  }

  @Test
  void workersThatAskAtOnceTakeTurns() throws Exception {
    runtime.send(RawRuntime.NEXT);
    PendingInvocation first = api.asked().get(10, SECONDS);
    try (RawRuntime other = new RawRuntime(api)) {
      other.send(RawRuntime.NEXT);
      first.give("1".getBytes(UTF_8));
      PendingInvocation second = api.asked().get(10, SECONDS);
      second.give("2".getBytes(UTF_8));
      assertThat(runtime.reply().body()).isEqualTo("1");
      assertThat(other.reply().body()).isEqualTo("2");
      // Either connection may answer either event.
      other.post(response(first), "Content-Length: 3").send("\"1\"").reply();
      runtime.post(response(second), "Content-Length: 3").send("\"2\"").reply();
      assertThat(answer(first))
          .isInstanceOfSatisfying(InvocationResult.Whole.class, whole("\"1\""));
      assertThat(answer(second))
          .isInstanceOfSatisfying(InvocationResult.Whole.class, whole("\"2\""));
    }
  }

  @Test
  void aRuntimeThatGoesWhileItWaitsLeavesTheQueue() throws Exception {
    runtime.send(RawRuntime.NEXT);
    CompletableFuture<PendingInvocation> gone = api.asked();
    gone.get(10, SECONDS);
    runtime.close();
    Instant limit = Instant.now().plusSeconds(10);
    while (api.asked().isDone() && Instant.now().isBefore(limit)) {
      Thread.onSpinWait();
    }
    assertThat(api.asked()).isNotDone();
    gone.get().give("{}".getBytes(UTF_8));
    assertThat(answer(gone.get()))
        .isEqualTo(new InvocationResult.Failed("Runtime.Disconnected", "The runtime has gone."));
  }

  @Test
  void whatIsNoHttpEndsItsConnectionOnly() throws Exception {
    try (RawRuntime stranger = new RawRuntime(api)) {
      stranger.send("hello\r\n\r\n");
      assertThat(stranger.isCut()).isTrue();
    }
    assertThat(given()).isNotNull();
  }

  @Test
  void closingBreaksTheConnections() throws Exception {
    given();
    api.close();
    assertThat(runtime.isCut()).isTrue();
  }

  private static java.util.function.Consumer<InvocationResult.Whole> whole(String payload) {
    return whole -> assertThat(whole.payload()).asString(UTF_8).isEqualTo(payload);
  }

  private static long deadline(RawRuntime.Reply reply) {
    return Long.parseLong(reply.headers().getOrDefault("lambda-runtime-deadline-ms", "0"));
  }

  private static String response(PendingInvocation turn) {
    return "invocation/" + turn.requestId() + "/response";
  }

  private static InvocationResult answer(PendingInvocation turn) throws Exception {
    return turn.result().get(10, SECONDS);
  }

  /** The runtime has an event. */
  private PendingInvocation given() throws Exception {
    PendingInvocation turn = take("{}");
    runtime.reply();
    return turn;
  }

  private PendingInvocation take(String event) throws Exception {
    runtime.send(RawRuntime.NEXT);
    PendingInvocation turn = api.asked().get(10, SECONDS);
    turn.give(event.getBytes(UTF_8));
    return turn;
  }
}
