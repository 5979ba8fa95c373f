package dev.skein.functions.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.http.LoopbackServer;
import dev.skein.runtime.Main;
import dev.skein.runtimeapi.RuntimeApi;
import dev.skein.runtimeapi.RuntimeApi.PostedResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The audit functions with SnapStart, up to the snapshot and after a restore. */
@Timeout(120)
final class SnapStartTest {
  private static final String CREDENTIALS =
      """
      {"AccessKeyId":"ASIARESTORED","SecretAccessKey":"canary","Token":"session",\
      "Expiration":"2999-01-01T00:00:00Z"}\
      """;

  /** The Authorization headers of the requests; that of a request to open a connection is empty. */
  private final List<String> signatures = new CopyOnWriteArrayList<>();

  private final List<String> fetched = new CopyOnWriteArrayList<>();
  private RuntimeApi api;
  private LoopbackServer table;
  private LoopbackServer credentials;
  private @Nullable Process process;

  @BeforeEach
  void start() throws IOException {
    api =
        RuntimeApi.open(
            "arn:aws:lambda:us-east-1:123456789012:function:audit", Duration.ofSeconds(30));
    table = server(signatures, "{\"Count\":0,\"Items\":[]}");
    credentials = server(fetched, CREDENTIALS);
  }

  @AfterEach
  void stop() {
    if (process != null) {
      process.destroyForcibly();
    }
    api.close();
    table.close();
    credentials.close();
  }

  private static LoopbackServer server(List<String> requests, String reply) throws IOException {
    return LoopbackServer.start(
        0,
        Thread::startVirtualThread,
        connection ->
            connection.serve(
                request -> {
                  request.body().drain();
                  requests.add(Objects.requireNonNullElse(request.header("Authorization"), ""));
                  connection.respondJson("200 OK", reply.getBytes(UTF_8));
                }));
  }

  private RuntimeApi.Snapshot snapshot(Class<?> handler) throws Exception {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    var variables = builder.environment();
    variables.keySet().removeIf(name -> name.startsWith("AWS_"));
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    variables.put("_HANDLER", handler.getName());
    variables.put("AWS_LAMBDA_RUNTIME_API", api.address());
    variables.put("AUDIT_TABLE", "audit");
    variables.put("RESPONSE_MODE", "buffered");
    variables.put("AWS_ENDPOINT_URL_DYNAMODB", table.uri("").toString());
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", credentials.uri("/creds").toString());
    variables.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token-of-the-container");
    process = builder.redirectErrorStream(true).start();
    return api.snapshot().get(30, TimeUnit.SECONDS);
  }

  private String answer(String event) throws Exception {
    var invocation = api.asked().get(30, TimeUnit.SECONDS);
    invocation.give(event.getBytes(UTF_8));
    var whole = (PostedResult.Whole) invocation.result().get(30, TimeUnit.SECONDS);
    return new String(whole.payload(), UTF_8);
  }

  @Test
  void theConsumerStoresOverItsOwnConnectionsAndCredentialsAfterTheRestore() throws Exception {
    var snapshot = snapshot(AuditConsumerFunction.class);
    assertThat(signatures).isEmpty();
    assertThat(fetched).isEmpty();
    snapshot.restore();

    String event = Samples.event(Samples.message("m1", Samples.intent("a"))).toString();
    assertThat(answer(event)).isEqualTo("{\"batchItemFailures\":[]}");

    assertThat(fetched).containsExactly("token-of-the-container");
    // The connection; the shards, the record, the head of the chain and its link.
    assertThat(signatures).hasSize(5).first().isEqualTo("");
    assertThat(signatures.getLast()).contains("Credential=ASIARESTORED/");
  }

  @Test
  void theReaderQueriesOverItsOwnConnectionsAndCredentialsAfterTheRestore() throws Exception {
    var snapshot = snapshot(AuditReaderFunction.class);
    assertThat(signatures).isEmpty();
    assertThat(fetched).isEmpty();
    snapshot.restore();

    assertThat(answer(AuditReaderFunction.REHEARSED)).contains("\"statusCode\":200");

    assertThat(fetched).containsExactly("token-of-the-container");
    assertThat(signatures).hasSizeGreaterThan(1).first().isEqualTo("");
    assertThat(signatures.getLast()).contains("Credential=ASIARESTORED/");
  }

  @Test
  void aRestoredEnvironmentReportsItsShutdownOnce() throws Exception {
    snapshot(AuditReaderFunction.class).restore();
    api.asked().get(30, TimeUnit.SECONDS);
    Process running = Objects.requireNonNull(process);
    running.toHandle().destroy();
    assertThat(new String(running.getInputStream().readAllBytes(), UTF_8))
        .containsOnlyOnce("\"event\":\"shutdown\"");
  }
}
