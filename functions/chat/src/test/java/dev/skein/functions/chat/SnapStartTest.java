package dev.skein.functions.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedModel;
import dev.skein.http.HttpConnection;
import dev.skein.http.IncomingRequest;
import dev.skein.http.LoopbackServer;
import dev.skein.runtime.Main;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The function with SnapStart, up to the snapshot and after a restore; the process is the same. */
@Timeout(120)
class SnapStartTest {
  private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

  private static final String EVENT =
      """
      {"resource":"/chat","httpMethod":"POST","headers":{"Content-Type":"application/json"},\
      "requestContext":{"requestId":"r-1"},"body":"{\\"message\\":\\"hello\\"}"}\
      """;

  private static final String CREDENTIALS =
      """
      {"AccessKeyId":"ASIARESTORED","SecretAccessKey":"canary","Token":"session-of-restored",\
      "Expiration":"2999-01-01T00:00:00Z"}\
      """;

  /** A request that the queue or the credentials endpoint received. */
  private record Received(String method, String authorization, String sessionToken, String body) {}

  private final ScriptedModel model = ScriptedModel.start();
  private final List<HttpConnection> connections = new CopyOnWriteArrayList<>();
  private final List<Received> sent = new CopyOnWriteArrayList<>();
  private final List<Received> fetched = new CopyOnWriteArrayList<>();
  private final List<Received> secretReads = new CopyOnWriteArrayList<>();
  private RuntimeApi api;
  private LoopbackServer queue;
  private LoopbackServer credentials;
  private LoopbackServer secrets;
  private @Nullable Process process;

  @BeforeEach
  void start() throws IOException {
    api = RuntimeApi.open("arn:aws:lambda:us-east-1:123456789012:function:chat", TIME_LIMIT);
    queue = server(sent, "{\"MessageId\":\"1\"}");
    credentials = server(fetched, CREDENTIALS);
    secrets = server(secretReads, "{\"SecretString\":\"sk-restored\"}");
  }

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
    api.close();
    queue.close();
    credentials.close();
    secrets.close();
    model.close();
  }

  private LoopbackServer server(List<Received> requests, String reply) throws IOException {
    return LoopbackServer.start(
        0,
        Thread::startVirtualThread,
        connection -> {
          connections.add(connection);
          connection.serve(
              request -> {
                requests.add(received(request));
                connection.respondJson("200 OK", reply.getBytes(UTF_8));
              });
        });
  }

  private static Received received(IncomingRequest request) throws IOException {
    return new Received(
        request.method(),
        request.header("Authorization"),
        request.header("X-Amz-Security-Token"),
        new String(request.body().readAllBytes(), UTF_8));
  }

  /** Starts an environment, and waits until its snapshot may be taken. */
  private RuntimeApi.Snapshot snapshot(Map<String, String> settings) throws Exception {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    var variables = new HashMap<>(Map.of("OPENAI_API_KEY", "sk-canary"));
    // However busy the machine is, a record is queued and not logged.
    variables.putAll(Map.of("AUDIT_TIMEOUT_MS", "10000", "DEADLINE_RESERVE_MS", "12000"));
    variables.putAll(settings);
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    variables.put("_HANDLER", ChatFunction.class.getName());
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    variables.put("OPENAI_BASE_URL", model.baseUrl().toString());
    variables.put("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.uri("").toString());
    variables.put("AUDIT_QUEUE_URL", queue.uri("/queue").toString());
    variables.put("AWS_ENDPOINT_URL_SQS", queue.uri("").toString());
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", credentials.uri("/creds").toString());
    variables.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token-of-the-container");
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder.environment().putAll(variables);
    process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return api.snapshot().get(30, TimeUnit.SECONDS);
  }

  private String answer() throws Exception {
    var invocation = api.asked().get(30, TimeUnit.SECONDS);
    invocation.give(EVENT.getBytes(UTF_8));
    var streamed = (PostedResult.Streamed) invocation.result().get(30, TimeUnit.SECONDS);
    String response = new String(streamed.body().readAllBytes(), UTF_8);
    api.asked().get(30, TimeUnit.SECONDS);
    return response;
  }

  private List<Received> messages() {
    return sent.stream().filter(it -> it.method().equals("POST")).toList();
  }

  /** How many TCP sockets the process has open, whether connected or listening. */
  private long sockets() throws IOException {
    Path kernel = Path.of("/proc", Long.toString(Objects.requireNonNull(process).pid()));
    var open = new HashSet<String>();
    try (var files = Files.newDirectoryStream(kernel.resolve("fd"))) {
      for (Path file : files) {
        open.add(Files.readSymbolicLink(file).toString());
      }
    }
    return Stream.of("tcp", "tcp6")
        .flatMap(table -> lines(kernel.resolve("net").resolve(table)))
        .map(line -> line.strip().split(" +"))
        .filter(columns -> open.contains("socket:[" + columns[9] + "]"))
        .count();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "sdk"})
  void beforeTheSnapshotNothingIsConnectedButTheRuntimeApi(String client) throws Exception {
    snapshot(Map.of("AUDIT_QUEUE_CLIENT", client));

    assertThat(model.connections()).isZero();
    assertThat(connections).isEmpty();
    assertThat(sockets()).isEqualTo(1);
    assertThat(api.asked()).isNotDone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "sdk"})
  void afterTheRestoreAnEventIsAnsweredAndRecordedWithTheContainersCredentials(String client)
      throws Exception {
    snapshot(Map.of("AUDIT_QUEUE_CLIENT", client)).restore();

    assertThat(answer()).contains("\"statusCode\":200", "reply to: hello");

    assertThat(fetched).extracting(Received::authorization).containsOnly("token-of-the-container");
    assertThat(messages())
        .hasSize(2)
        .allMatch(it -> it.authorization().contains("Credential=ASIARESTORED/"))
        .allMatch(it -> it.sessionToken().equals("session-of-restored"));
    assertThat(messages()).extracting(Received::body).anyMatch(body -> body.contains("completed"));
  }

  @Test
  void afterTheRestoreTheFirstInvocationFindsEverythingOpen() throws Exception {
    snapshot(Map.of()).restore();
    api.asked().get(30, TimeUnit.SECONDS);
    Opening.await(() -> model.connections() > 0 && !sent.isEmpty());
    assertThat(model.connections()).isEqualTo(1);
    assertThat(model.requests()).isZero();
    assertThat(sent).extracting(Received::method).containsExactly("GET");

    assertThat(answer()).contains("\"statusCode\":200", "reply to: hello");

    assertThat(model.connections()).isEqualTo(1);
    assertThat(fetched).hasSize(1);
    assertThat(messages()).hasSize(2);
  }

  @Test
  void aKeyInASecretIsFetchedAfterTheRestoreAndNotBefore() throws Exception {
    var snapshot = snapshot(Map.of("OPENAI_API_KEY", "", "OPENAI_API_KEY_SECRET_ARN", "skein/key"));
    assertThat(connections).isEmpty();
    assertThat(sockets()).isEqualTo(1);

    snapshot.restore();

    assertThat(answer()).contains("\"statusCode\":200", "reply to: hello");
    assertThat(model.received().getFirst().headers())
        .containsEntry("authorization", "Bearer sk-restored");
    assertThat(secretReads)
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.body()).isEqualTo("{\"SecretId\":\"skein/key\"}");
              assertThat(it.authorization()).contains("Credential=ASIARESTORED/");
            });
  }

  @Test
  void withoutPreconnectingTheRestoreOpensNoConnectionToModelOrQueue() throws Exception {
    snapshot(Map.of("PRECONNECT", "off")).restore();
    api.asked().get(30, TimeUnit.SECONDS);
    assertThat(model.connections()).isZero();
    assertThat(sent).isEmpty();

    assertThat(answer()).contains("\"statusCode\":200", "reply to: hello");
    assertThat(messages()).hasSize(2);
  }

  @Test
  void aCredentialsEndpointThatFailsDoesNotDelayTheRestore() throws Exception {
    var snapshot = snapshot(Map.of());
    credentials.close();
    snapshot.restore();

    assertThat(answer()).contains("\"statusCode\":200", "reply to: hello");
    assertThat(messages()).isEmpty();
  }
}
