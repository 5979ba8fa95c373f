package dev.skein.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import dev.skein.local.services.Clients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** What stands in the template is what runs: a change there changes the service. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class EditedTemplateTest {
  private static final Map<String, String> EDITS =
      Map.of(
          "Path: /chat\n", "Path: /v2/chat\n",
          "Timeout: 900\n", "Timeout: 12\n",
          // Longer, as for any stack whose records a test waits for.
          "DEADLINE_RESERVE_MS: \"2000\"", "DEADLINE_RESERVE_MS: \"6000\"",
          "AUDIT_TIMEOUT_MS: \"1500\"", "AUDIT_TIMEOUT_MS: \"4000\"",
          "CHAT_MAX_TOKENS: \"32000\"", "CHAT_MAX_TOKENS: \"17\"",
          "BatchSize: 200", "BatchSize: 3",
          "VisibilityTimeout: 185", "VisibilityTimeout: 5",
          "Timeout: 30", "Timeout: 5",
          "maxReceiveCount: 5", "maxReceiveCount: 4");

  private RunningStack world;

  @BeforeAll
  void start(@TempDir Path folder) {
    world = RunningStack.edited(folder, EDITS);
  }

  @AfterAll
  void stop() {
    world.close();
  }

  @Test
  void aRouteATimeoutAndAVariableAreObeyed() throws Exception {
    assertThat(statusOfPost("/chat")).isEqualTo(404);
    assertThat(world.post("/v2/chat", "{\"message\":\"x\"}").status()).isEqualTo(200);
    assertThat(world.model().received().getLast().json().get("max_completion_tokens").intValue())
        .isEqualTo(17);

    // Twelve seconds less the reserve of six: the deadline follows the timeout.
    world.model().enqueue(ScriptedReply.hang());
    long start = System.nanoTime();
    assertThat(world.post("/v2/chat", "{\"message\":\"x\",\"user_id\":\"u\"}").status())
        .isEqualTo(504);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    world.awaitTrail("u", "completed", 1);
  }

  @Test
  void aBatchSizeIsObeyedAndPoisonEndsInTheDeadLetterQueueWhileItsBatchMatesAreStored() {
    try (var sqs = Clients.sqs(world.stack().sqs())) {
      assertThat(world.post("/v2/chat", "{\"message\":\"warm\",\"user_id\":\"w\"}").status())
          .isEqualTo(200);
      String template = world.awaitTrail("w", "completed", 1).getFirst().toString();
      sqs.sendMessageBatch(
          request ->
              request
                  .queueUrl(url(sqs, "AuditQueue"))
                  .entries(
                      IntStream.range(0, 10)
                          .mapToObj(
                              i ->
                                  SendMessageBatchRequestEntry.builder()
                                      .id("m" + i)
                                      .messageBody(i == 4 ? "{\"poison\":" : mate(template, i))
                                      .build())
                          .toList()));

      world.awaitTrail("mates", "completed", 9);
      assertThat(batchSizes()).contains(3).allMatch(size -> size <= 3);
      String deadLetters = url(sqs, "AuditDeadLetterQueue");
      var poison = new ArrayList<Message>();
      RunningStack.await(
          "the poison",
          Duration.ofSeconds(60),
          () ->
              poison.addAll(
                  sqs.receiveMessage(request -> request.queueUrl(deadLetters)).messages()));
      assertThat(poison).hasSize(1);
      assertThat(poison.getFirst().body()).isEqualTo("{\"poison\":");
      assertThat(world.itemsInTheTable("mates", "completed")).isEqualTo(9);
    }
  }

  /** Not by {@link RunningStack#post}: no document knows a response of a route that was moved. */
  private int statusOfPost(String path) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(world.stack().api() + path));
      return client
          .send(request.POST(BodyPublishers.noBody()).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }

  /** As the consumer's own log lines tell them. */
  private List<Integer> batchSizes() {
    return world
        .output()
        .lines()
        .filter(line -> line.contains("audit_batch"))
        .map(line -> Integer.valueOf(line.replaceAll(".*messages=(\\d+).*", "$1")))
        .toList();
  }

  private static String mate(String record, int number) {
    return record
        .replaceAll("\"audit_id\":\"[^\"]+", "\"audit_id\":\"mate-" + number)
        .replace("\"user_id\":\"w\"", "\"user_id\":\"mates\"");
  }

  private static String url(SqsClient sqs, String queue) {
    return sqs.getQueueUrl(request -> request.queueName(queue)).queueUrl();
  }
}
