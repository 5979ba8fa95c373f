package dev.skein.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.local.testing.FreePorts;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operations.md says to do when the queue was unreachable, with the tool as deployed. */
@Timeout(180)
class OperationsTest {
  private static final int CHATS = 10;
  private static final Path TOOL = RunningStack.ROOT.resolve("tools/target/skein-audit.jar");

  @TempDir private Path folder;

  @Test
  void afterAReplayOfTheLogTheTrailIsAsIfTheQueueHadBeenThere() throws Exception {
    var shell = new HashMap<>(RunningStack.patientAudit());
    shell.put("AUDIT_QUEUE_URL", "http://127.0.0.1:1/000000000000/Absent");
    try (var stack = RunningStack.start(FreePorts.settings(Map.of()), shell)) {
      var ids = IntStream.range(0, CHATS).mapToObj(_ -> chat(stack)).toList();
      RunningStack.await(
          "both records of each chat in the log",
          Duration.ofSeconds(60),
          () -> count(stack.output(), "ERROR audit_alternate") == 2 * CHATS);
      assertThat(stack.itemsInTheTable("carol", "completed")).isZero();

      Path log = Files.writeString(folder.resolve("stack.log"), stack.output());
      String queue = stack.stack().sqs() + "/000000000000/AuditQueue";
      for (int i = 0; i < 2; i++) {
        assertThat(tool("replay", "--queue-url", queue, log.toString()))
            .startsWith("exit 0: %d records sent, ".formatted(2 * CHATS));
      }

      var trail = stack.awaitTrail("carol", "completed", CHATS);
      assertThat(trail).hasSize(CHATS);
      assertThat(trail.stream().map(it -> it.path("audit_id").textValue()))
          .containsExactlyInAnyOrderElementsOf(ids);
      RunningStack.await(
          "all messages",
          Duration.ofSeconds(60),
          () -> sum(stack.output(), "messages") == 4 * CHATS);
      assertThat(stack.itemsInTheTable("carol", "completed")).isEqualTo(CHATS);
      assertThat(stack.itemsInTheTable("carol", "intent")).isZero();
      verify(stack);
    }
  }

  /** The table's records are proven by its chains, which the consumer's log anchors. */
  private void verify(RunningStack stack) throws Exception {
    Path log = Files.writeString(folder.resolve("consumer.log"), stack.output());
    String scan = scan(stack);
    Path export = Files.writeString(folder.resolve("scan.json"), scan);

    assertThat(tool("verify", "--anchors", log.toString(), export.toString()))
        .startsWith("exit 0: %d records proven, 0 of them erased; 0 not".formatted(CHATS))
        .contains("; intact\nhead ");

    Files.writeString(export, scan.replaceFirst("(\"user_id\":\\{\"S\":\")carol", "$1mallory"));
    assertThat(tool("verify", export.toString())).startsWith("exit 1: EDITED    record ");
  }

  private static String chat(RunningStack stack) {
    var reply = stack.post("/chat", "{\"message\":\"x\",\"user_id\":\"carol\"}");
    assertThat(reply.status()).isEqualTo(200);
    return reply.body().path("audit_id").textValue();
  }

  private static String scan(RunningStack stack) throws Exception {
    var request =
        HttpRequest.newBuilder(stack.stack().dynamoDb())
            .header("X-Amz-Target", "DynamoDB_20120810.Scan")
            .header("Content-Type", "application/x-amz-json-1.0")
            .header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=local/20261128/us-east-1/dynamodb/aws4_request,"
                    + " SignedHeaders=host, Signature=none")
            .POST(BodyPublishers.ofString("{\"TableName\":\"AuditTable\"}"))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      var response = http.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return response.body();
    }
  }

  /** Its exit code, and what it prints on both of its streams. */
  private static String tool(String... arguments) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-jar",
                TOOL.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return "exit %d: %s".formatted(process.waitFor(), output);
  }

  private static int count(String text, String part) {
    return text.split(part, -1).length - 1;
  }

  private static int sum(String output, String field) {
    return output
        .lines()
        .filter(line -> line.contains("audit_batch"))
        .mapToInt(line -> Integer.parseInt(line.replaceFirst(".*\\b" + field + "=(\\d+).*", "$1")))
        .sum();
  }
}
