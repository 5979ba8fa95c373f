package dev.skein.functions.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedModel.Drop;
import dev.skein.faults.ScriptedReply;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import dev.skein.runtime.Main;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a new environment sends before its first event, and what its first invocation reuses. */
@Timeout(120)
class FirstInvocationTest {
  private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

  private static final String EVENT =
      """
      {"resource":"/chat","httpMethod":"POST","headers":{"Content-Type":"application/json"},\
      "requestContext":{"requestId":"r-1"},"body":"{\\"message\\":\\"hello\\"}"}\
      """;

  /** A request that the queue received. */
  private record Sent(String method, String body, int connection) {}

  private final ScriptedModel model = ScriptedModel.start();
  private final List<Sent> sent = new CopyOnWriteArrayList<>();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private RuntimeApi api;
  private LoopbackServer queue;
  private @Nullable Process process;

  @BeforeEach
  void start() throws IOException {
    api = RuntimeApi.open("arn:aws:lambda:us-east-1:123456789012:function:chat", TIME_LIMIT);
    queue = LoopbackServer.start(0, Thread::startVirtualThread, this::serveQueue);
  }

  @AfterEach
  void stop() {
    process().destroyForcibly();
    api.close();
    queue.close();
    model.close();
  }

  private void serveQueue(HttpConnection connection) throws IOException, InterruptedException {
    connections.add(connection);
    int number = connections.size();
    connection.serve(
        request -> {
          sent.add(received(request, number));
          connection.respondJson("200 OK", "{\"MessageId\":\"1\"}".getBytes(UTF_8));
        });
  }

  private static Sent received(IncomingRequest request, int connection) throws IOException {
    return new Sent(request.method(), new String(request.body().readAllBytes(), UTF_8), connection);
  }

  /** Starts an environment, and waits until it asks for its first event. */
  private RuntimeApi.PendingInvocation environment(Map<String, String> settings) throws Exception {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    // However busy the machine is, a record is queued and not logged.
    var variables =
        new HashMap<>(Map.of("AUDIT_TIMEOUT_MS", "10000", "DEADLINE_RESERVE_MS", "12000"));
    variables.putAll(settings);
    variables.put("_HANDLER", ChatFunction.class.getName());
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    variables.put("OPENAI_BASE_URL", model.baseUrl().toString());
    variables.put("OPENAI_API_KEY", "sk-canary");
    variables.put("AUDIT_QUEUE_URL", queue.uri("/queue").toString());
    variables.put("AWS_ENDPOINT_URL_SQS", queue.uri("").toString());
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    variables.put("AWS_SECRET_ACCESS_KEY", "canary");
    builder.environment().putAll(variables);
    process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return api.asked().get(30, TimeUnit.SECONDS);
  }

  private String logOfAStart() throws Exception {
    environment(Map.of());
    process().toHandle().destroy();
    return new String(process().getInputStream().readAllBytes(), UTF_8);
  }

  private String answer(RuntimeApi.PendingInvocation invocation) throws Exception {
    invocation.give(EVENT.getBytes(UTF_8));
    var streamed = (PostedResult.Streamed) invocation.result().get(30, TimeUnit.SECONDS);
    String response = new String(streamed.body().readAllBytes(), UTF_8);
    api.asked().get(30, TimeUnit.SECONDS);
    return response;
  }

  private Process process() {
    return Objects.requireNonNull(process);
  }

  private List<Sent> messages() {
    return sent.stream().filter(it -> it.method().equals("POST")).toList();
  }

  @Test
  void theFirstInvocationReusesTheConnectionsThatTheStartOpened() throws Exception {
    var invocation = environment(Map.of());
    Opening.await(() -> model.connections() > 0 && !sent.isEmpty());
    assertThat(model.connections()).isEqualTo(1);
    assertThat(model.requests()).isZero();
    assertThat(sent).extracting(Sent::method).containsExactly("GET");

    assertThat(answer(invocation)).contains("\"statusCode\":200", "reply to: hello");

    assertThat(model.connections()).isEqualTo(1);
    assertThat(model.requests()).isEqualTo(1);
    assertThat(connections).hasSize(1);
    assertThat(messages()).hasSize(2);
  }

  @Test
  void withoutPreconnectingNothingIsSentBeforeTheFirstEvent() throws Exception {
    var invocation = environment(Map.of("PRECONNECT", "off"));
    assertThat(model.connections()).isZero();
    assertThat(connections).isEmpty();

    assertThat(answer(invocation)).contains("\"statusCode\":200", "reply to: hello");
    assertThat(messages()).hasSize(2);
  }

  @Test
  void theStartLogsNoRequestAndNoRecord() throws Exception {
    String log = logOfAStart();
    if (!log.contains("\"opened\":2")) {
      // On a busy machine a start may give up waiting for its connections.
      log = logOfAStart();
    }

    assertThat(log)
        .contains("\"event\":\"preconnected\"", "\"connections\":2,\"opened\":2")
        .doesNotContain("\"event\":\"request\"", "model_calls", "audit", "primed", "WARN", "ERROR");
  }

  @ParameterizedTest
  @EnumSource(
      value = Drop.class,
      names = {"FIN", "RST"})
  void connectionsThatWereClosedMeanwhileAreReplacedAtNoCost(Drop how) throws Exception {
    var invocation = environment(Map.of("LLM_MAX_RETRIES", "0", "LLM_BREAKER_FAULTS", "1"));
    Opening.await(() -> model.connections() > 0 && !sent.isEmpty());
    signal("STOP");
    model.dropIdle(how);
    connections.forEach(connection -> drop(connection, how));
    signal("CONT");

    assertThat(answer(invocation)).contains("\"statusCode\":200", "reply to: hello");
    assertThat(messages()).extracting(Sent::body).anyMatch(body -> body.contains("completed"));
    assertThat(messages()).extracting(Sent::body).anyMatch(body -> body.contains("intent"));
  }

  /** The client cannot see it coming, and would otherwise count it as a failure of the model. */
  @Test
  void aConnectionThatClosesWithTheFirstRequestIsReplacedAtNoCost() throws Exception {
    var invocation = environment(Map.of("LLM_MAX_RETRIES", "0", "LLM_BREAKER_FAULTS", "1"));
    Opening.await(() -> model.connections() > 0);
    model.enqueue(ScriptedReply.closeWithoutByte());

    assertThat(answer(invocation)).contains("\"statusCode\":200", "reply to: hello");
    assertThat(model.requests()).isEqualTo(2);
    assertThat(model.connections()).isEqualTo(2);
  }

  private static void drop(HttpConnection connection, Drop how) {
    if (how == Drop.RST) {
      connection.reset();
    } else {
      connection.close();
    }
  }

  private void signal(String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process().pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
