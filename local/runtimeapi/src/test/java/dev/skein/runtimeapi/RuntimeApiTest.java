package dev.skein.runtimeapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.runtimeapi.RuntimeApi.PendingInvocation;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
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
  void anEventHasTheHeadersOfTheRuntimeApi() throws Exception {
    Instant before = Instant.now().minusMillis(1);
    PendingInvocation invocation = invoke("{\"n\":1}");
    RawRuntime.RawResponse response = runtime.response();
    assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
    assertThat(response.body()).isEqualTo("{\"n\":1}");
    assertThat(response.headers())
        .containsEntry("lambda-runtime-aws-request-id", invocation.requestId())
        .containsEntry(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:000000000000:function:f")
        .containsEntry("content-type", "application/json");
    assertThat(response.headers().get("lambda-runtime-trace-id"))
        .matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0");
    assertThat(Instant.ofEpochMilli(deadline(response)))
        .isBetween(before.plusSeconds(9), Instant.now().plusSeconds(9));
  }

  @Test
  void aResponseIsAcceptedAndTheConnectionServesTheNextEvent() throws Exception {
    PendingInvocation invocation = invoke();
    runtime.post(response(invocation), "Content-Length: 4").send("\"ok\"");
    assertThat(runtime.response().status()).isEqualTo("HTTP/1.1 202 Accepted");
    assertThat(result(invocation))
        .isInstanceOfSatisfying(PostedResult.Whole.class, whole("\"ok\""));
    assertThat(api.asked()).isNotDone();
    PendingInvocation second = invoke();
    assertThat(second.requestId()).isNotEqualTo(invocation.requestId());
  }

  @Test
  void theChunksOfAResponseAreJoined() throws Exception {
    PendingInvocation invocation = invoke();
    runtime.post(response(invocation), "Transfer-Encoding: chunked");
    runtime.chunk("\"ab").chunk("c\"").send("0\r\n\r\n");
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 202");
    assertThat(result(invocation))
        .isInstanceOfSatisfying(PostedResult.Whole.class, whole("\"abc\""));
  }

  @Test
  void aRuntimeThatExpectsToContinueIsAskedTo() throws Exception {
    PendingInvocation invocation = invoke();
    runtime.post(response(invocation), "Expect: 100-continue", "Content-Length: 2");
    assertThat(runtime.response().status()).isEqualTo("HTTP/1.1 100 Continue");
    assertThat(runtime.send("{}").response().status()).isEqualTo("HTTP/1.1 202 Accepted");
  }

  @Test
  void aResponseOverSixMegabytesIsRejectedAndCanThenBePostedAsAnError() throws Exception {
    PendingInvocation invocation = invoke();
    int length = RuntimeApi.PAYLOAD_LIMIT + 1;
    runtime.post(response(invocation), "Content-Length: " + length).send("x".repeat(length));
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 413");
    assertThat(result(invocation)).isEqualTo(new PostedResult.TooLarge());
    runtime.post("invocation/" + invocation.requestId() + "/error", "Content-Length: 2").send("{}");
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 202");
  }

  @Test
  void aResponseOfSixMegabytesIsAccepted() throws Exception {
    PendingInvocation invocation = invoke();
    int length = RuntimeApi.PAYLOAD_LIMIT;
    runtime.post(response(invocation), "Content-Length: " + length).send("x".repeat(length));
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 202");
    assertThat(result(invocation)).isInstanceOf(PostedResult.Whole.class);
  }

  @Test
  void anErrorHasItsTypeAndMessage() throws Exception {
    PendingInvocation invocation = invoke();
    String error = "{\"errorType\":\"Oops\",\"errorMessage\":\"broken\"}";
    runtime.post(
        "invocation/" + invocation.requestId() + "/error", "Content-Length: " + error.length());
    runtime.send(error);
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 202");
    assertThat(result(invocation)).isEqualTo(new PostedResult.Failed("Oops", "broken"));
  }

  @Test
  void anErrorThatIsNotJsonIsTheMessage() throws Exception {
    PendingInvocation invocation = invoke();
    runtime
        .post("invocation/" + invocation.requestId() + "/error", "Content-Length: 5")
        .send("argh!");
    assertThat(result(invocation)).isEqualTo(new PostedResult.Failed("Error", "argh!"));
  }

  @Test
  void anInitErrorIsReportedSeparately() throws Exception {
    String error = "{\"errorType\":\"Oops\",\"errorMessage\":\"broken\"}";
    runtime.post("init/error", "Content-Length: " + error.length()).send(error);
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 202");
    assertThat(api.initError().get(10, SECONDS))
        .isEqualTo(new PostedResult.Failed("Oops", "broken"));
  }

  @Test
  void aSecondResponseAndAnUnknownIdAreRejected() throws Exception {
    PendingInvocation invocation = invoke();
    runtime.post(response(invocation), "Content-Length: 2").send("{}").response();
    runtime.post(response(invocation), "Content-Length: 2").send("{}");
    assertThat(runtime.response().status()).startsWith("HTTP/1.1 400");
    runtime.post("invocation/nobody/response", "Content-Length: 2").send("{}");
    RawRuntime.RawResponse response = runtime.response();
    assertThat(response.status()).startsWith("HTTP/1.1 400");
    assertThat(response.body()).contains("InvalidRequestID");
    assertThat(result(invocation)).isInstanceOfSatisfying(PostedResult.Whole.class, whole("{}"));
  }

  @Test
  void workersThatAskAtTheSameTimeAreServedInOrder() throws Exception {
    runtime.send(RawRuntime.NEXT);
    PendingInvocation first = api.asked().get(10, SECONDS);
    try (RawRuntime other = new RawRuntime(api)) {
      other.send(RawRuntime.NEXT);
      first.give("1".getBytes(UTF_8));
      PendingInvocation second = api.asked().get(10, SECONDS);
      second.give("2".getBytes(UTF_8));
      assertThat(runtime.response().body()).isEqualTo("1");
      assertThat(other.response().body()).isEqualTo("2");
      // Either connection may post either result.
      other.post(response(first), "Content-Length: 3").send("\"1\"").response();
      runtime.post(response(second), "Content-Length: 3").send("\"2\"").response();
      assertThat(result(first)).isInstanceOfSatisfying(PostedResult.Whole.class, whole("\"1\""));
      assertThat(result(second)).isInstanceOfSatisfying(PostedResult.Whole.class, whole("\"2\""));
    }
  }

  @Test
  void aRuntimeThatDisconnectsWhileItWaitsLeavesTheQueue() throws Exception {
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
    assertThat(result(gone.get()))
        .isEqualTo(new PostedResult.Failed("Runtime.Disconnected", "The runtime has gone."));
  }

  @Test
  void aMalformedRequestEndsOnlyItsConnection() throws Exception {
    try (RawRuntime stranger = new RawRuntime(api)) {
      stranger.send("hello\r\n\r\n");
      assertThat(stranger.isClosed()).isTrue();
    }
    assertThat(invoke()).isNotNull();
  }

  @Test
  void closingClosesTheConnections() throws Exception {
    invoke();
    api.close();
    assertThat(runtime.isClosed()).isTrue();
  }

  private static java.util.function.Consumer<PostedResult.Whole> whole(String payload) {
    return whole -> assertThat(whole.payload()).asString(UTF_8).isEqualTo(payload);
  }

  private static long deadline(RawRuntime.RawResponse response) {
    return Long.parseLong(response.headers().getOrDefault("lambda-runtime-deadline-ms", "0"));
  }

  private static String response(PendingInvocation invocation) {
    return "invocation/" + invocation.requestId() + "/response";
  }

  private static PostedResult result(PendingInvocation invocation) throws Exception {
    return invocation.result().get(10, SECONDS);
  }

  /** The runtime has an event. */
  private PendingInvocation invoke() throws Exception {
    PendingInvocation invocation = invoke("{}");
    runtime.response();
    return invocation;
  }

  private PendingInvocation invoke(String event) throws Exception {
    runtime.send(RawRuntime.NEXT);
    PendingInvocation invocation = api.asked().get(10, SECONDS);
    invocation.give(event.getBytes(UTF_8));
    return invocation;
  }
}
