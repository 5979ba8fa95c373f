package dev.skein.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.faults.ScriptedReply;
import dev.skein.local.services.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The table is down for a minute under load, so that messages reach the dead-letter queue, and an
 * operator brings all of them back with the commands of docs/operations.md as they are written.
 *
 * <p>It takes minutes and needs the AWS CLI: {@code .ci/outage} runs it. {@code
 * skein.outage.seconds} is the length of the outage.
 */
@Timeout(600)
final class TableOutageIT {
  private static final int SECONDS = Integer.getInteger("skein.outage.seconds", 60);
  private static final int CALLS_PER_SECOND = 4;
  private static final String USER = "carol";
  private static final Duration MINUTES = Duration.ofMinutes(4);

  @TempDir private Path folder;

  private final AtomicInteger answered = new AtomicInteger();

  @Test
  void theRunbookBringsBackEveryRecordOfAMinuteWithoutTheTable() throws Exception {
    Files.createDirectories(folder.resolve("stack"));
    try (var running = new RecordedStack(folder.resolve("stack"), "sk-outage", Map.of())) {
      var stack = running.stack();
      running.allowSecret();
      stack.model().script(_ -> ScriptedReply.text("reply"));
      Files.createSymbolicLink(folder.resolve("tools"), RunningStack.ROOT.resolve("tools"));
      try (var apis = new OperatorApis(stack);
          var sqs = Clients.sqs(stack.stack().sqs())) {
        outage(running, sqs);
        bringBack(apis, stack, sqs);
      }
    }
  }

  private void outage(RecordedStack running, SqsClient sqs) throws Exception {
    var stack = running.stack();
    chat(stack);
    stack.awaitTrail(USER, "completed", 1);
    running.table().down();
    // Not faster than asked for, even if the machine is slow: then there are fewer calls.
    try (var load = Executors.newScheduledThreadPool(2)) {
      var _ =
          load.scheduleAtFixedRate(
              () -> chat(stack), 0, 1000 / CALLS_PER_SECOND, TimeUnit.MILLISECONDS);
      var _ = load.awaitTermination(SECONDS, TimeUnit.SECONDS);
      load.shutdown();
    }
    RunningStack.await("dead letters", MINUTES, () -> depth(sqs, "AuditDeadLetterQueue") > 0);
    running.table().up();
    RunningStack.await("the queue is empty", MINUTES, () -> depth(sqs, "AuditQueue") == 0);
    System.out.printf(
        "outage of %d s: %d calls answered, %d completed records stored, %d messages in the"
            + " dead-letter queue, %d failed deliveries%n",
        SECONDS,
        answered.get(),
        stack.itemsInTheTable(USER, "completed"),
        depth(sqs, "AuditDeadLetterQueue"),
        count(stack, "audit_message_failed"));
    assertThat(stack.itemsInTheTable(USER, "completed")).isLessThan(answered.get());
  }

  private void bringBack(OperatorApis apis, RunningStack stack, SqsClient sqs) throws Exception {
    long start = System.nanoTime();
    String moved = commands(apis, "## Messages are in the dead-letter queue");
    assertThat(moved).contains("audit_message_failed", "TaskHandle");
    RunningStack.await(
        "every record is stored",
        MINUTES,
        () ->
            depth(sqs, "AuditDeadLetterQueue") == 0
                && depth(sqs, "AuditQueue") == 0
                && stack.itemsInTheTable(USER, "completed") == answered.get());
    assertThat(stack.itemsInTheTable(USER, "intent")).isZero();
    System.out.printf(
        "redrive: %d records in the table after %d s%n",
        stack.itemsInTheTable(USER, "completed"), (System.nanoTime() - start) / 1_000_000_000);

    String verified = commands(apis, "## Verify the audit trail");
    System.out.print(verified);
    assertThat(verified).contains(answered + " records proven", "; intact");
  }

  private void chat(RunningStack stack) {
    var reply = stack.post("/chat", "{\"message\":\"x\",\"user_id\":\"" + USER + "\"}");
    if (reply.status() == 200) {
      answered.incrementAndGet();
    }
  }

  private static long count(RunningStack stack, String event) {
    return stack.functionLines().stream()
        .filter(line -> line.text().contains("\"event\":\"" + event + "\""))
        .count();
  }

  /** The messages of a queue that are visible or in work. */
  private static int depth(SqsClient sqs, String queue) {
    String url = sqs.getQueueUrl(it -> it.queueName(queue)).queueUrl();
    return sqs
        .getQueueAttributes(
            it ->
                it.queueUrl(url)
                    .attributeNames(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  /** Runs the commands of a section after those that set the variables; what they print. */
  private String commands(OperatorApis apis, String section) throws Exception {
    String page = Files.readString(RunningStack.ROOT.resolve("docs/operations.md"));
    String setup = page.substring(0, page.indexOf("\n## "));
    String text = page.substring(page.indexOf("\n" + section + "\n"));
    int next = text.indexOf("\n## ", 1);
    return shell(apis, blocks(setup) + blocks(text.substring(0, next)));
  }

  private static String blocks(String text) {
    return Pattern.compile("(?ms)^```sh\n(.*?)^```$")
        .matcher(text)
        .results()
        .map(it -> it.group(1))
        .collect(Collectors.joining());
  }

  /**
   * The AWS CLI 1, which can be installed with pip, uses the variable of the endpoint for every
   * service but SQS.
   */
  private static final String ENDPOINT_OF_SQS =
      """
      aws() {
        if [ "$1" = sqs ]; then set -- --endpoint-url "$AWS_ENDPOINT_URL_SQS" "$@"; fi
        command aws "$@"
      }
      """;

  private String shell(OperatorApis apis, String script) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder("bash", "-c", "set -eu\n" + ENDPOINT_OF_SQS + script)
            .directory(folder.toFile());
    builder.environment().remove("AWS_PROFILE");
    builder.environment().putAll(apis.variables());
    builder
        .environment()
        .merge(
            "PATH",
            Path.of(System.getProperty("java.home"), "bin").toString(),
            (old, jdk) -> jdk + ":" + old);
    var process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
