package dev.skein.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.http.LoopbackServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FaultProxyTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> processed = Collections.synchronizedList(new ArrayList<>());
  private final Queue<ProxyFault> script = new ConcurrentLinkedQueue<>();
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private LoopbackServer service;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    service =
        LoopbackServer.start(
            0,
            threads,
            connection ->
                connection.serve(
                    request -> {
                      String body =
                          new String(request.body().readAllBytes(), StandardCharsets.UTF_8);
                      processed.add(body);
                      connection.respondJson(
                          "200 OK", ("reply to " + body).getBytes(StandardCharsets.UTF_8));
                    }));
    proxy =
        FaultProxy.start(
            service.uri(""),
            new FaultProxy.Script() {
              @Override
              public ProxyFault fault(ProxiedRequest request) {
                events.add("received " + request.body());
                ProxyFault next = script.poll();
                return next == null ? new ProxyFault.None() : next;
              }

              @Override
              public void processed(ProxiedRequest request, int status, String reply) {
                events.add("processed " + status + " " + reply);
              }

              @Override
              public void relayed(ProxiedRequest request) {
                events.add("relayed " + request.body());
              }
            });
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    proxy.close();
    service.close();
    threads.close();
  }

  private HttpResponse<String> call(String body) throws IOException, InterruptedException {
    return call(proxy.uri(), body);
  }

  private HttpResponse<String> call(URI uri, String body) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri)
            .header("X-Amz-Target", "AmazonSQS.SendMessage")
            .timeout(Duration.ofSeconds(2))
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void relaysRequestsAndRepliesAndReportsEachStep() throws Exception {
    assertThat(call("a").body()).isEqualTo("reply to a");
    assertThat(call("b").body()).isEqualTo("reply to b");

    // The last event follows the last byte of the reply.
    while (events.size() < 6) {
      Thread.onSpinWait();
    }
    assertThat(events)
        .containsExactly(
            "received a",
            "processed 200 reply to a",
            "relayed a",
            "received b",
            "processed 200 reply to b",
            "relayed b");
    assertThat(proxy.counts()).containsExactly(Map.entry("SendMessage None", 2));
  }

  @Test
  void aResetBeforeTheRequestKeepsItFromTheServiceAndOneAfterItOnlyTheReplyFromTheClient() {
    script.add(new ProxyFault.ResetBefore());
    assertThatThrownBy(() -> call("lost")).isInstanceOf(IOException.class);
    assertThat(processed).isEmpty();

    script.add(new ProxyFault.ResetAfter());
    assertThatThrownBy(() -> call("kept")).isInstanceOf(IOException.class);
    assertThat(processed).containsExactly("kept");
  }

  @Test
  void aRequestWithoutAReplyIsProcessedAndItsClientWaitsUntilItGivesUp() {
    script.add(new ProxyFault.NoReply());
    assertThatThrownBy(() -> call("kept")).isInstanceOf(HttpTimeoutException.class);
    assertThat(processed).containsExactly("kept");
  }

  @Test
  void anErrorOfTheServiceIsInItsFormatAndTheConnectionServesTheNextRequest() throws Exception {
    script.add(ProxyFault.sqs("RequestThrottled"));
    script.add(ProxyFault.dynamoDb("InternalServerError"));
    script.add(ProxyFault.sqs("AccessDeniedException"));

    var throttled = call("x");
    assertThat(throttled.statusCode()).isEqualTo(400);
    assertThat(throttled.headers().firstValue("x-amzn-query-error"))
        .contains("RequestThrottled;Sender");
    assertThat(throttled.body())
        .isEqualTo("{\"__type\":\"com.amazonaws.sqs#RequestThrottled\",\"message\":\"injected\"}");
    assertThat(call("x").statusCode()).isEqualTo(500);
    assertThat(call("x").statusCode()).isEqualTo(403);
    assertThat(processed).isEmpty();
    assertThat(call("y").body()).isEqualTo("reply to y");
    assertThat(proxy.counts())
        .containsOnlyKeys(
            "SendMessage AccessDeniedException",
            "SendMessage InternalServerError",
            "SendMessage None",
            "SendMessage RequestThrottled");
  }

  @Test
  void aRequestIsDelayedSentTwiceOrReplacedAndAReplyIsSlow() throws Exception {
    script.add(new ProxyFault.Delay(Duration.ofMillis(100)));
    long start = System.nanoTime();
    assertThat(call("late").body()).isEqualTo("reply to late");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(99));

    script.add(new ProxyFault.Twice());
    assertThat(call("twice").body()).isEqualTo("reply to twice");
    script.add(new ProxyFault.ReplaceBody("other"));
    assertThat(call("one").body()).isEqualTo("reply to other");
    script.add(new ProxyFault.SlowReply(Duration.ofMillis(1)));
    assertThat(call("slow").body()).isEqualTo("reply to slow");
    assertThat(processed).containsExactly("late", "twice", "twice", "other", "slow");
  }

  @Test
  void aServiceThatIsDownRefusesConnectionsAndComesBackOnTheSamePort() throws Exception {
    assertThat(call("before").body()).isEqualTo("reply to before");
    var address = proxy.uri();

    proxy.down();
    assertThatThrownBy(() -> call("down")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> call("down")).isInstanceOf(ConnectException.class);

    proxy.up();
    assertThat(call(address, "after").body()).isEqualTo("reply to after");
    assertThat(processed).containsExactly("before", "after");
  }

  @Test
  void randomFaultsDependOnTheSeedAndTheKeyAndNotOnTheOrderOfRequests() {
    var faults =
        RandomFaults.of(7).with(0.1, new ProxyFault.ResetAfter()).with(0.2, new ProxyFault.Twice());
    var again = faults.with(0, new ProxyFault.None());
    List<String> there = new ArrayList<>();
    List<String> back = new ArrayList<>();
    for (int key = 0; key < 10_000; key++) {
      there.add(faults.next("k" + key).label());
    }
    for (int key = 9_999; key >= 0; key--) {
      back.addFirst(again.next("k" + key).label());
    }

    assertThat(back).isEqualTo(there);
    assertThat(Collections.frequency(there, "ResetAfter")).isBetween(900, 1100);
    assertThat(Collections.frequency(there, "Twice")).isBetween(1900, 2100);
    assertThat(faults.next("k1").label() + faults.next("k1").label() + faults.next("k1").label())
        .isEqualTo(again.next("k1").label() + again.next("k1").label() + again.next("k1").label());
  }
}
