package dev.skein.local;

import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.console.StartupException;
import dev.skein.local.handlers.QueueFunction;
import dev.skein.local.handlers.ScriptedFunction;
import dev.skein.local.services.Clients;
import dev.skein.local.services.Ports;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Route;
import dev.skein.local.template.Deployment.Value;
import dev.skein.local.testing.FreePorts;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import dev.skein.local.testing.Waiting;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.SqsClient;

final class LocalStackTest {

  private static final int BATCH = 10;

  private final Screen screen = new Screen();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @Test
  void theShutdownFinishesRequestsAndLeavesNoProcess() throws Exception {
    Path gate = folder.resolve("gate");
    Path events = folder.resolve("events");
    LocalStack stack = start(FreePorts.settings(Map.of()), Map.of());
    CompletableFuture<HttpResponse<String>> held = post(stack.api(), "hold " + gate);
    until("a request is in flight", () -> Files.exists(gate));
    try (SqsClient sqs = Clients.sqs(stack.sqs())) {
      String queue = sqs.getQueueUrl(r -> r.queueName("Orders")).queueUrl();
      // A whole batch, so that the consumer's start is no part of the shutdown.
      for (int i = 0; i < BATCH; i++) {
        sqs.sendMessage(r -> r.queueUrl(queue).messageBody("an order"));
      }
      until("the consumer runs", () -> screen.text().contains("Orders 10 of 10 messages"));
      sqs.sendMessage(r -> r.queueUrl(queue).messageBody("the last order"));
    }
    List<Long> processes = new ArrayList<>(stack.servicePids());
    processes.addAll(stack.environmentPids("Scripted"));
    assertThat(processes).hasSize(3).allMatch(Waiting::isAlive);

    long start = System.nanoTime();
    Thread stop = Thread.ofVirtual().start(stack::close);
    Files.delete(gate);
    stop.join();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(held.get().statusCode()).isEqualTo(200);
    assertThat(events).content().contains("the last order");
    assertThat(processes).noneMatch(Waiting::isAlive);
    assertThat(screen.text())
        .containsSubsequence(
            "API stopped",
            "Queues drained",
            "Functions stopped",
            "Model stopped",
            "Queue and table services stopped");
  }

  @Test
  void repliesComeFromTheOfflineModelUnlessTheUserNamesAnother() throws Exception {
    try (LocalStack stack = startWithoutParts(FreePorts.settings(Map.of()), Map.of())) {
      String url = variable(stack, "OPENAI_BASE_URL");

      assertThat(url).matches("http://127\\.0\\.0\\.1:\\d+/v1");
      assertThat(stack.model()).contains("offline stand-in", url, "OPENAI_API_KEY");
      assertThat(
              http.send(
                      HttpRequest.newBuilder(URI.create(url + "/models")).build(),
                      BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(200);
    }
    Map<String, String> shell = Map.of("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1");
    try (LocalStack stack = startWithoutParts(FreePorts.settings(Map.of()), shell)) {
      assertThat(variable(stack, "OPENAI_BASE_URL")).isEqualTo("http://127.0.0.1:11434/v1");
      assertThat(stack.model()).contains("http://127.0.0.1:11434/v1", "OPENAI_MODEL");
    }
  }

  @Test
  void theOfflineModelThinksIfTheSettingIsOn() throws Exception {
    LocalSettings settings = FreePorts.settings(Map.of("MODEL_THINKING", "on"));

    try (LocalStack stack = startWithoutParts(settings, Map.of())) {
      assertThat(stack.model()).contains("plays one that thinks");
      URI chat = URI.create(variable(stack, "OPENAI_BASE_URL") + "/chat/completions");
      String body = "{\"messages\":[{\"role\":\"user\"}],\"max_tokens\":9}";
      assertThat(
              http.send(
                      HttpRequest.newBuilder(chat).POST(BodyPublishers.ofString(body)).build(),
                      BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  void aPortInUseLeavesNothingRunning() throws Exception {
    try (ServerSocket other = new ServerSocket()) {
      other.bind(Ports.loopback(0));
      LocalSettings settings =
          LocalSettings.from(
              Map.of(
                  "PORT", "0",
                  "QUEUE_PORT", "0",
                  "TABLE_PORT", "0",
                  "MODEL_PORT", Integer.toString(other.getLocalPort())));
      List<Long> before = children();

      assertThatThrownBy(() -> start(settings, Map.of()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("set MODEL_PORT");

      until("nothing is left", () -> before.containsAll(children()));
    }
  }

  @Test
  void oneDataFolderServesOneRunAtATime() throws Exception {
    LocalSettings settings =
        FreePorts.settings(Map.of("DATA_DIR", folder.resolve("data").toString()));
    try (LocalStack stack = startWithoutParts(settings, Map.of())) {
      assertThat(stack.servicePids()).isEmpty();
      assertThatThrownBy(() -> startWithoutParts(settings, Map.of()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("is in use by another run")
          .hasMessageContaining("DATA_DIR");
    }
    startWithoutParts(settings, Map.of()).close();
  }

  /** Nothing here needs a queue or a table: nobody ever calls these addresses. */
  private LocalStack startWithoutParts(LocalSettings settings, Map<String, String> shell)
      throws InterruptedException {
    Map<String, String> all = new HashMap<>(shell);
    all.put("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1");
    all.put("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1");
    Deployment alone = new Deployment(List.of(scripted()), List.of(), List.of(), Map.of());
    return LocalStack.start(settings, alone, TestFunctions.ROOT, all, screen.console());
  }

  private LocalStack start(LocalSettings settings, Map<String, String> shell)
      throws InterruptedException {
    return LocalStack.start(settings, deployment(), TestFunctions.ROOT, shell, screen.console());
  }

  private Deployment.Function scripted() {
    return TestFunctions.withRoutes(
        TestFunctions.withVariables(
            TestFunctions.of("Scripted", ScriptedFunction.class, folder),
            Map.of("OPENAI_BASE_URL", new Value.Literal("https://api.openai.com/v1"))),
        new Route("ANY", "/scripted", false));
  }

  private Deployment deployment() {
    Deployment.Function consumer =
        TestFunctions.withSource(
            TestFunctions.withVariables(
                TestFunctions.of("Consumer", QueueFunction.class, folder),
                Map.of("EVENTS_FILE", new Value.Literal(folder.resolve("events").toString()))),
            new QueueSource("Orders", BATCH, Duration.ofMinutes(5), Optional.empty(), true));
    return new Deployment(
        List.of(scripted(), consumer),
        List.of(new Queue("Orders", Duration.ofMinutes(5), Duration.ofDays(1), Optional.empty())),
        List.of(),
        Map.of());
  }

  private String variable(LocalStack stack, String name) throws Exception {
    return post(stack.api(), "environment")
        .get()
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "="))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 1);
  }

  private CompletableFuture<HttpResponse<String>> post(URI api, String script) {
    return http.sendAsync(
        HttpRequest.newBuilder(api.resolve("/scripted"))
            .POST(BodyPublishers.ofString(script))
            .build(),
        BodyHandlers.ofString());
  }

  private static List<Long> children() throws IOException {
    return ProcessHandle.current().descendants().map(ProcessHandle::pid).toList();
  }
}
