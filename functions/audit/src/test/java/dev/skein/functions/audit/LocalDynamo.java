package dev.skein.functions.audit;

import dev.skein.aws.SharedSdkHttpClient;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context.BeforeExecution;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** DynamoDB Local: the real table's behaviour, in a separate process. */
final class LocalDynamo {
  private static final Path LIBRARIES = Path.of("../../local/parts/table/target/lib");
  private static final Path OUTPUT = Path.of("target/dynamodb-local.log");
  private static final Duration STARTING = Duration.ofSeconds(90);
  private static final int ATTEMPTS = 100;

  private final Process process;
  private final URI endpoint;

  private LocalDynamo(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /** Its start takes longer than most tests: it serves all tests of this JVM, and ends with it. */
  static LocalDynamo shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    private static final LocalDynamo SERVER = start();
  }

  private static LocalDynamo start() {
    try {
      int port = freePort();
      var command =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-cp",
              LIBRARIES.toAbsolutePath().normalize() + "/*",
              "software.amazon.dynamodb.services.local.main.ServerRunner",
              "-inMemory",
              "-disableTelemetry",
              "-port",
              Integer.toString(port));
      command.environment().put("DDB_LOCAL_TELEMETRY", "0");
      command.redirectErrorStream(true).redirectOutput(OUTPUT.toFile());
      var started =
          new LocalDynamo(command.start(), URI.create("http://127.0.0.1:%d".formatted(port)));
      started.awaitPort(port);
      return started;
    } catch (IOException e) {
      throw new IllegalStateException("DynamoDB Local does not start", e);
    }
  }

  /** Below the ports of outgoing connections: none of these takes it before the server listens. */
  private static int freePort() throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_768);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Another one may be free.
      }
    }
    throw new IOException("no free port");
  }

  private void awaitPort(int port) throws IOException {
    long end = System.nanoTime() + STARTING.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return;
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
    var _ = process.destroyForcibly();
    throw new IllegalStateException(
        "DynamoDB Local does not answer; its output: " + Files.readString(OUTPUT));
  }

  /** A client as the functions build theirs. */
  static DynamoDbClient client(URI endpoint) {
    return client(endpoint, _ -> {});
  }

  /**
   * A client as the functions build theirs.
   *
   * @param before called before each call, with its request; what it throws is the call's failure
   */
  static DynamoDbClient client(URI endpoint, Before before) {
    var interceptor =
        new ExecutionInterceptor() {
          @Override
          public void beforeExecution(BeforeExecution call, ExecutionAttributes attributes) {
            before.call(call.request());
          }
        };
    return build(
        endpoint,
        override -> {
          Composition.limits(override);
          override.addExecutionInterceptor(interceptor);
        });
  }

  /** What a test does before a call. */
  interface Before {
    void call(SdkRequest request);
  }

  /** A client that waits however busy the machine is: for what a test itself does. */
  static DynamoDbClient patientClient(URI endpoint) {
    return build(endpoint, _ -> {});
  }

  private static DynamoDbClient build(
      URI endpoint, Consumer<ClientOverrideConfiguration.Builder> override) {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return DynamoDbClient.builder()
        .httpClient(new SharedSdkHttpClient(http))
        .endpointOverride(endpoint)
        .region(Region.EU_CENTRAL_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
        .overrideConfiguration(override)
        .build();
  }

  URI endpoint() {
    return endpoint;
  }
}
