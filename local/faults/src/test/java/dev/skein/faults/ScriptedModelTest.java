package dev.skein.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ScriptedModelTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final ScriptedModel model = ScriptedModel.start();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void stop() {
    client.shutdownNow();
    model.close();
  }

  @Test
  void theDefaultRuleRepeatsTheLastUserMessage() throws Exception {
    HttpResponse<String> response = call("hello");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(response.body())
        .isEqualTo(
            """
            {"id":"chatcmpl-1","object":"chat.completion","created":1750000000,"model":"m",\
            "choices":[{"index":0,"message":{"role":"assistant","content":"reply to: hello"},\
            "finish_reason":"stop"}],\
            "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}\
            """);
  }

  @Test
  void aRequestIsRecordedAsReceived() throws Exception {
    call("hé\"llo");

    ModelRequest request = model.received().getFirst();
    assertThat(request.number()).isEqualTo(1);
    assertThat(request.connection()).isEqualTo(1);
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/v1/chat/completions");
    assertThat(request.headers()).containsEntry("x-test", "one");
    assertThat(request.lastUserMessage()).isEqualTo("hé\"llo");
    assertThat(request.system()).isEqualTo("be kind");
    assertThat(request.json().path("model").asText()).isEqualTo("m");
  }

  @Test
  void aChunkedRequestBodyIsRead() throws Exception {
    byte[] body = body("in chunks").getBytes(UTF_8);
    var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));

    client.send(request(stream), BodyHandlers.ofString());

    ModelRequest request = model.received().getFirst();
    assertThat(request.headers()).containsEntry("transfer-encoding", "chunked");
    assertThat(request.lastUserMessage()).isEqualTo("in chunks");
  }

  @Test
  void oneConnectionServesSeveralCalls() throws Exception {
    for (int i = 0; i < 5; i++) {
      call("again");
    }

    assertThat(model.requests()).isEqualTo(5);
    assertThat(model.connections()).isEqualTo(1);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), model.port())) {
      socket
          .getOutputStream()
          .write((rawCall("one", "") + rawCall("two", "close")).getBytes(UTF_8));

      String both = new String(socket.getInputStream().readAllBytes(), UTF_8);

      assertThat(both).containsSubsequence("reply to: one", "reply to: two");
    }
  }

  @Test
  void enqueuedRepliesAreUsedInOrderBeforeTheRule() throws Exception {
    model.script(request -> ScriptedReply.text("by rule"));
    model.enqueue(ScriptedReply.status(503), ScriptedReply.text("second"));

    assertThat(call("x").statusCode()).isEqualTo(503);
    assertThat(call("x").body()).contains("second");
    assertThat(call("x").body()).contains("by rule");
  }

  @Test
  void aCompletionHasItsOptions() throws Exception {
    model.enqueue(ScriptedReply.text("a").finishReason("length").usage(3, 4).model("other"));
    model.enqueue(ScriptedReply.text("b").noUsage());

    assertThat(call("x").body())
        .contains("\"finish_reason\":\"length\"", "\"model\":\"other\"")
        .contains("\"prompt_tokens\":3", "\"completion_tokens\":4", "\"total_tokens\":7");
    assertThat(call("x").body()).doesNotContain("usage");
  }

  @Test
  void anErrorHasTheFormatOfTheApi() throws Exception {
    model.enqueue(ScriptedReply.error(429, "insufficient_quota", "insufficient_quota"));

    HttpResponse<String> response = call("x");

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.body())
        .isEqualTo(
            """
            {"error":{"message":"scripted insufficient_quota","type":"insufficient_quota",\
            "param":null,"code":"insufficient_quota"}}\
            """);
  }

  @Test
  void statusHeadersAndBodyAreSentAsGiven() throws Exception {
    model.enqueue(
        ScriptedReply.status(429, Map.of("Retry-After", "7"), "slow down"), ScriptedReply.html());

    HttpResponse<String> throttled = call("x");
    assertThat(throttled.headers().firstValue("retry-after")).contains("7");
    assertThat(throttled.body()).isEqualTo("slow down");
    assertThat(call("x").headers().firstValue("content-type")).contains("text/html; charset=utf-8");
  }

  @Test
  void aResponseWithConnectionCloseCloses() throws Exception {
    model.enqueue(ScriptedReply.status(200, Map.of("connection", "close"), "bye"));

    assertThat(exchange("x")).endsWith("\r\n\r\nbye");
  }

  @Test
  void aHeadRequestIsNoCallAndLeavesTheNextReplyInTheQueue() throws Exception {
    model.enqueue(ScriptedReply.hang());

    try (var socket = new Socket(InetAddress.getLoopbackAddress(), model.port())) {
      String head = "HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 405 ")
          .endsWith("\r\n\r\n");
    }
    assertThat(model.requests()).isZero();
  }

  @Test
  void theModelsListAndUnknownPathsAreNotCalls() throws Exception {
    assertThat(get("/v1/models").body()).contains("\"object\":\"list\"");
    assertThat(get("/v1/nothing").statusCode()).isEqualTo(404);
    assertThat(get("/v1/chat/completions").statusCode()).isEqualTo(404);

    assertThat(model.requests()).isZero();
  }

  @Test
  void aHeldReplyIsSentWhenTheLatchOpens() throws Exception {
    var gate = new CountDownLatch(1);
    model.script(request -> ScriptedReply.text("late").held(gate));
    var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < 3; i++) {
      calls.add(client.sendAsync(request("x"), BodyHandlers.ofString()));
    }

    model.awaitInFlight(3, SOON);
    assertThat(calls).noneMatch(CompletableFuture::isDone);
    gate.countDown();

    for (var call : calls) {
      assertThat(call.get().body()).contains("late");
    }
    assertThat(model.inFlight()).isZero();
    assertThat(model.mostInFlight()).isEqualTo(3);
  }

  @Test
  void aCallIsNotInFlightOnceItsClientHasTheResponse() throws Exception {
    model.script(request -> ScriptedReply.text("x".repeat(100_000)));
    for (int i = 0; i < 50; i++) {
      call("x");
      assertThat(model.inFlight()).isZero();
    }
    assertThat(model.mostInFlight()).isEqualTo(1);
  }

  @Test
  void aDelayedReplyIsNotEarly() throws Exception {
    model.enqueue(ScriptedReply.text("x").after(Duration.ofMillis(50)));

    long start = System.nanoTime();
    call("x");

    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
  }

  @Test
  void aFailedAwaitNamesItsCondition() {
    assertThatThrownBy(() -> model.awaitInFlight(1, Duration.ofMillis(1)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("1 calls in flight; seen: 0 connections, 0 calls");
  }

  @Test
  void closeThrowsTheExceptionOfARule() throws Exception {
    model.script(
        request -> {
          throw new IllegalArgumentException("broken rule");
        });

    assertThat(call("x").statusCode()).isEqualTo(500);
    assertThatThrownBy(model::close).hasRootCauseMessage("broken rule");
  }

  @Test
  void aWholeReplyCanBeSentInChunks() throws Exception {
    model.enqueue(ScriptedReply.chunked(ScriptedReply.json(200, "{\"a\":\"0123456789\"}"), 7));

    assertThat(call("x").body()).isEqualTo("{\"a\":\"0123456789\"}");
  }

  @Test
  void aMalformedRequestIsRejected() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), model.port())) {
      socket.getOutputStream().write(new byte[] {22, 3, 1, 0, 10, '\n'});
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void closingEndsHeldCallsAndFreesThePort() throws Exception {
    var other = ScriptedModel.start();
    other.script(request -> ScriptedReply.hang());
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), other.port())) {
      socket.getOutputStream().write(rawCall("x", "").getBytes(UTF_8));
      other.awaitInFlight(1, SOON);

      other.close();

      assertThat(readAllOrReset(socket.getInputStream())).isEmpty();
      assertThat(other.inFlight()).isZero();
      assertThat(other.closedByClient()).isEmpty();
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), other.port()))
          .isInstanceOf(IOException.class);
    }
  }

  private static byte[] readAllOrReset(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private HttpResponse<String> call(String message) throws Exception {
    return client.send(request(message), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + model.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private HttpRequest request(String message) {
    return request(BodyPublishers.ofString(body(message)));
  }

  private HttpRequest request(HttpRequest.BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create(model.baseUrl() + "/chat/completions"))
        .header("X-Test", "one")
        .POST(body)
        .build();
  }

  private String exchange(String message) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), model.port())) {
      socket.getOutputStream().write(rawCall(message, "").getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  static String rawCall(String message, String connection) {
    String body = body(message);
    List<String> head =
        List.of(
            "POST /v1/chat/completions HTTP/1.1",
            "Host: localhost",
            "Connection: " + connection,
            "Content-Length: " + body.getBytes(UTF_8).length);
    return String.join("\r\n", head) + "\r\n\r\n" + body;
  }

  static String body(String message) {
    return """
    {"model":"m","messages":[{"role":"system","content":"be kind"},\
    {"role":"user","content":"earlier"},{"role":"user","content":"%s"}]}\
    """
        .formatted(message.replace("\"", "\\\""));
  }
}
