package dev.skein.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.Chunks;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Callers that leave while the model is silent, and those who stay. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class DisconnectedCallersTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String COMPLETIONS = "/v1/chat/completions";

  /** Silence ends soon, but not before a test has looked at it. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "LLM_FIRST_BYTE_TIMEOUT_MS", "6000",
          "LLM_WHOLE_REPLY_TIMEOUT_MS", "12000",
          "LLM_FIRST_TOKEN_TIMEOUT_MS", "6000",
          "LLM_STALL_TIMEOUT_MS", "2000");

  private RunningStack world;

  @BeforeAll
  void start() {
    var settings =
        FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "2", "ENVIRONMENT_WAIT_MS", "2000"));
    var variables = new HashMap<>(RunningStack.patientAudit());
    variables.putAll(LIMITS);
    world = RunningStack.start(settings, variables);
    // Later, the first request on the reserved environment would wait for a cold start.
    assertThat(world.get("/v1/models").status()).isEqualTo(200);
  }

  @AfterAll
  void stop() {
    world.close();
  }

  @Test
  void callersThatLeaveDoNotBlockThoseWhoStay() throws IOException {
    int before = world.model().requests();
    world.model().enqueue(ScriptedReply.hang(), ScriptedReply.hang());
    List<Socket> leaving = List.of(post("left", false), post("left", false));
    world.model().awaitRequests(before + 2, SOON);
    for (Socket caller : leaving) {
      caller.close();
    }

    var refused = world.post(COMPLETIONS, body("refused", false));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.headers()).containsEntry("retry-after", List.of("1"));
    assertThat(refused.body().at("/error/code").textValue()).isEqualTo("throttled");
    assertThat(world.get("/v1/models").status()).isEqualTo(200);

    // As in the cloud, the function does not know that its caller left.
    world.model().awaitClientClosed(before + 1, SOON);
    world.model().awaitClientClosed(before + 2, SOON);
    assertThat(statusOfServed()).isEqualTo(200);
    assertThat(world.awaitTrail("left", "completed", 2)).hasSize(2);
  }

  @Test
  void aCallerThatLeavesWhileItWaitsForAnEnvironmentIsNeverServed() throws IOException {
    int before = world.model().requests();
    world.model().enqueue(ScriptedReply.hang(), ScriptedReply.hang());
    try (Socket first = post("busy", false);
        Socket second = post("busy", false)) {
      world.model().awaitRequests(before + 2, SOON);
      post("never", false).close();

      RunningStack.await(
          "it is noticed",
          SOON,
          () -> world.output().contains("disconnected before the function was invoked"));
      assertThat(first.isClosed() || second.isClosed()).isFalse();
    }
    world.awaitTrail("busy", "completed", 2);
    assertThat(world.model().requests()).isEqualTo(before + 2);
    assertThat(world.itemsInTheTable("never", "intent")).isZero();
  }

  @Test
  void aStreamsCallThatIsSilentBetweenTokensEndsWithItsTimeLimitAfterTheCallerLeft()
      throws IOException {
    int number = world.model().requests() + 1;
    world.model().enqueue(ScriptedReply.stream("a", "b").first(2).ending(Chunks.Ending.OPEN));
    try (var caller =
        StreamingCaller.post(world.stack().api(), COMPLETIONS, body("between", true))) {
      assertThat(caller.event()).isPresent();
    }

    world.model().awaitClientClosed(number, SOON);
    assertThat(world.awaitTrail("between", "completed", 1)).hasSize(1);
  }

  @Test
  void aStreamsCallThatIsSilentBeforeTheFirstTokenEndsWithItsTimeLimitAfterTheCallerLeft()
      throws IOException {
    int number = world.model().requests() + 1;
    world.model().enqueue(ScriptedReply.hang());
    try (Socket caller = post("early", true)) {
      world.model().awaitRequests(number, SOON);
      assertThat(caller.isConnected()).isTrue();
    }

    world.model().awaitClientClosed(number, SOON);
    assertThat(world.awaitTrail("early", "completed", 1)).hasSize(1);
  }

  /** An environment is free once the function has ended, which is after its call. */
  private int statusOfServed() {
    int status = 429;
    for (long end = System.nanoTime() + SOON.toNanos();
        status == 429 && System.nanoTime() < end; ) {
      status = world.post(COMPLETIONS, body("served", false)).status();
    }
    return status;
  }

  private Socket post(String userId, boolean stream) throws IOException {
    var caller = new Socket(InetAddress.getLoopbackAddress(), world.stack().api().getPort());
    String body = body(userId, stream);
    String head =
        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
            .formatted(COMPLETIONS, body.length());
    caller.getOutputStream().write((head + body).getBytes(UTF_8));
    return caller;
  }

  private static String body(String userId, boolean stream) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"user\":\"%s\",\"stream\":%s}"
        .formatted(userId, stream);
  }
}
