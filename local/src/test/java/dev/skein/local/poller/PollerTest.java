package dev.skein.local.poller;

import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skein.local.functions.FunctionPool;
import dev.skein.local.handlers.QueueFunction;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.services.Arns;
import dev.skein.local.services.Clients;
import dev.skein.local.services.ResourceProvisioner;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.QueueSource;
import dev.skein.local.template.Deployment.Redrive;
import dev.skein.local.template.Deployment.Value;
import dev.skein.local.testing.BorrowedParts;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** A real ElasticMQ, and a real child JVM as the consumer. */
@TestInstance(Lifecycle.PER_CLASS)
final class PollerTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final URI NO_TABLE = URI.create("http://127.0.0.1:1");

  /** For a message that is received again, or dies. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  /** However busy the machine is, no message is visible again before it is deleted. */
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Screen screen = new Screen();
  private final ChildProcesses children = ChildProcesses.guarded();
  private final AtomicInteger number = new AtomicInteger();
  private final List<Poller> pollers = new ArrayList<>();
  private Path events;
  private BorrowedParts parts;
  private SqsClient sqs;
  private DynamoDbClient dynamoDb;
  private FunctionPool pool;

  @BeforeAll
  void start(@TempDir Path folder) throws InterruptedException {
    events = folder.resolve("events");
    parts = BorrowedParts.borrow();
    sqs = Clients.sqs(parts.sqs());
    dynamoDb = Clients.dynamoDb(NO_TABLE);
    pool =
        FunctionPool.open(
            TestFunctions.withTimeout(
                TestFunctions.withVariables(
                    TestFunctions.of("Consumer", QueueFunction.class, folder),
                    Map.of("EVENTS_FILE", new Value.Literal(events.toString()))),
                Duration.ofSeconds(5)),
            new FunctionPool.Context(
                TestFunctions.RUNTIME, folder.resolve("work"), Map.of(), Map.of(), Map.of()),
            new FunctionPool.Limits(2, 1000, Duration.ofSeconds(20)),
            children,
            screen.console());
    // Else the first messages could be visible again, or dead, before a JVM has started.
    assertThat(pool.initialize()).isEmpty();
  }

  @AfterEach
  void stopPolling() throws IOException {
    pollers.forEach(Poller::close);
    Files.deleteIfExists(events);
  }

  @AfterAll
  void stop() {
    pool.close();
    sqs.close();
    dynamoDb.close();
    parts.close();
    children.close();
  }

  /** A queue with its dead letter queue. */
  private record Queues(Queue queue, String url, String deadUrl) {}

  @Test
  void theFunctionSeesAnSqsEventAndItsMessagesAreDeleted() throws Exception {
    Queues queues = queues(2, LONG);
    sqs.sendMessage(
        r ->
            r.queueUrl(queues.url())
                .messageBody("hello \"you\"")
                .messageAttributes(
                    Map.of(
                        "colour",
                        MessageAttributeValue.builder()
                            .dataType("String")
                            .stringValue("green")
                            .build())));

    poll(queues, source(queues, 10, Duration.ZERO, true));
    until("it is delivered", () -> screen.text().contains(queues.queue().name() + " 1 of 1"));

    JsonNode entry = batches().getFirst().path("Records").get(0);
    assertThat(entry.path("messageId").asText()).isNotEmpty();
    assertThat(entry.path("receiptHandle").asText()).isNotEmpty();
    assertThat(entry.path("body").asText()).isEqualTo("hello \"you\"");
    assertThat(entry.path("md5OfBody").asText()).matches("[0-9a-f]{32}");
    assertThat(entry.path("eventSource").asText()).isEqualTo("aws:sqs");
    assertThat(entry.path("eventSourceARN").asText())
        .isEqualTo("arn:aws:sqs:us-east-1:000000000000:" + queues.queue().name());
    assertThat(entry.path("awsRegion").asText()).isEqualTo("us-east-1");
    JsonNode attributes = entry.path("attributes");
    assertThat(attributes.path("ApproximateReceiveCount").asText()).isEqualTo("1");
    assertThat(attributes.path("SentTimestamp").asText()).matches("\\d{13}");
    assertThat(attributes.path("ApproximateFirstReceiveTimestamp").asText()).matches("\\d{13}");
    assertThat(attributes.path("SenderId").isTextual()).isTrue();
    JsonNode colour = entry.path("messageAttributes").path("colour");
    assertThat(colour.path("stringValue").asText()).isEqualTo("green");
    assertThat(colour.path("dataType").asText()).isEqualTo("String");
    assertThat(count(queues.url())).isZero();
  }

  @Test
  void aFailedMessageIsRedeliveredAndThenMovesToTheDeadLetterQueue() throws Exception {
    Queues queues = queues(2, Duration.ofSeconds(3));
    send(queues, "fine", "fail", "fine too");

    poll(queues, source(queues, 10, Duration.ZERO, true));
    until("it is dead", () -> count(queues.deadUrl()) == 1);

    assertThat(bodies(queues.deadUrl())).containsExactly("fail");
    // A slow machine may see a message once more: the queue delivers at least once.
    assertThat(delivered()).containsOnly("fine", "fail", "fine too");
    assertThat(delivered()).filteredOn("fail"::equals).hasSizeGreaterThanOrEqualTo(2);
    assertThat(count(queues.url())).isZero();
    assertThat(screen.text())
        .contains(queues.queue().name() + " 2 of 3 messages delivered")
        .contains("failed 2 times and moves to " + queues.queue().name() + "Dead");
  }

  @Test
  void anInvalidResponseKeepsTheWholeBatch() throws Exception {
    Queues queues = queues(1, SHORT);
    send(queues, "fine", "raw:[unfinished");

    poll(queues, source(queues, 10, Duration.ZERO, true));
    until("both are dead", () -> count(queues.deadUrl()) == 2);

    String reason = " 0 of 2 messages delivered, none deleted: the response is not JSON";
    until("it is told", () -> screen.text().contains(queues.queue().name() + reason));
  }

  @Test
  void anExceptionKeepsTheWholeBatch() throws Exception {
    Queues queues = queues(1, SHORT);
    send(queues, "fine", "throw");

    poll(queues, source(queues, 10, Duration.ZERO, true));
    until("both are dead", () -> count(queues.deadUrl()) == 2);

    until(
        "it is told",
        () -> screen.text().contains("Consumer: failed with java.lang.IllegalStateException"));
  }

  @Test
  void anUndeclaredFailureReportIsIgnored() throws Exception {
    Queues queues = queues(2, LONG);
    send(queues, "fail");

    poll(queues, source(queues, 10, Duration.ZERO, false));
    until("it is delivered", () -> screen.text().contains(queues.queue().name() + " 1 of 1"));

    assertThat(count(queues.url())).isZero();
    assertThat(count(queues.deadUrl())).isZero();
  }

  @Test
  void aBatchCollectsTheMessagesOfItsWindow() throws Exception {
    Queues queues = queues(2, LONG);
    for (int i = 0; i < 2; i++) {
      sendTen(queues);
    }

    poll(queues, source(queues, 20, Duration.ofSeconds(20), true));
    until("all are delivered", () -> screen.text().contains(queues.queue().name() + " 20 of 20"));

    assertThat(batches()).hasSize(1);
  }

  @Test
  void aBatchIsNeverLargerThanDeclared() throws Exception {
    Queues queues = queues(2, LONG);
    sendTen(queues);

    poll(queues, source(queues, 3, Duration.ZERO, true));
    until("all are delivered", () -> delivered().size() == 10);

    assertThat(batches()).allMatch(batch -> batch.path("Records").size() <= 3);
  }

  @Test
  void drainingDeliversTheRemainingMessagesAndThenEnds() throws Exception {
    Queues queues = queues(2, LONG);
    Poller poller = poll(queues, source(queues, 10, Duration.ofMinutes(5), true));
    sendTen(queues);
    send(queues, "last");

    assertThat(poller.drain(Duration.ofSeconds(20))).isTrue();

    // A slow machine may see a message twice: the queue delivers at least once.
    assertThat(Set.copyOf(delivered())).hasSize(11).contains("last");
    assertThat(count(queues.url())).isZero();
  }

  @Test
  void aBatchOfMoreThanSixMegabytesIsDeliveredInParts() throws Exception {
    Queues queues = queues(2, LONG);
    String large = "x".repeat(1_000_000);
    for (int i = 0; i < 8; i++) {
      send(queues, large);
    }

    poll(queues, source(queues, 8, Duration.ofSeconds(20), true));
    until(
        "all are delivered",
        () -> screen.text().split(queues.queue().name() + " 4 of 4").length == 3);

    assertThat(count(queues.url())).isZero();
    assertThat(count(queues.deadUrl())).isZero();
  }

  @Test
  void aMessageThatIsTwiceInABatchIsDeleted() throws Exception {
    Queues queues = queues(9, SHORT);
    send(queues, "visible again after a second");

    poll(queues, source(queues, 10, Duration.ofSeconds(3), true));
    until("it is gone", () -> !delivered().isEmpty() && count(queues.url()) == 0);

    assertThat(batches().getFirst().path("Records").size()).isGreaterThan(1);
    assertThat(screen.text()).doesNotContain(queues.queue().name() + ": processed messages");
  }

  @Test
  void aTimeoutKeepsTheWholeBatch() throws Exception {
    Queues queues = queues(1, SHORT);
    send(queues, "fine", "sleep");

    poll(queues, source(queues, 10, Duration.ofSeconds(1), true));
    String reason = " 0 of 2 messages delivered, none deleted: exceeded its Timeout";
    until("it has timed out", () -> screen.text().contains(queues.queue().name() + reason));
    until("both are dead", () -> count(queues.deadUrl()) == 2);

    assertThat(count(queues.url())).isZero();
  }

  @Test
  void theDeadLetterQueueKeepsTheTimeAndTheAttributesOfAMessage() throws Exception {
    Queues queues = queues(1, SHORT);
    var colour = MessageAttributeValue.builder().dataType("String").stringValue("green").build();
    sqs.sendMessage(
        r ->
            r.queueUrl(queues.url())
                .messageBody("fail")
                .messageAttributes(Map.of("colour", colour)));

    poll(queues, source(queues, 10, Duration.ZERO, true));
    until("it is dead", () -> count(queues.deadUrl()) == 1);
    until("the function has seen it", () -> !batches().isEmpty());

    Message dead =
        sqs.receiveMessage(
                r ->
                    r.queueUrl(queues.deadUrl())
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                        .messageAttributeNames("All"))
            .messages()
            .getFirst();
    assertThat(dead.messageAttributes()).containsEntry("colour", colour);
    assertThat(dead.attributes())
        .containsEntry(
            MessageSystemAttributeName.SENT_TIMESTAMP,
            batches().getFirst().at("/Records/0/attributes/SentTimestamp").asText());
  }

  @Test
  void aRedriveOfTheDeadLetterQueueUnderLoadLosesAndDoublesNothing(@TempDir Path folder)
      throws Exception {
    Path repaired = folder.resolve("repaired");
    Queues queues = queues(1, SHORT);
    Poller poller = poll(queues, source(queues, 10, Duration.ZERO, true));
    for (int i = 0; i < 60; i++) {
      send(queues, "unless:" + repaired + ":" + i);
    }
    until("all are dead", () -> count(queues.deadUrl()) == 60 && count(queues.url()) == 0);
    Files.writeString(repaired, "");
    Files.deleteIfExists(events);
    // Nothing is delivered twice because of a slow machine, or fails at all.
    sqs.setQueueAttributes(
        r ->
            r.queueUrl(queues.url())
                .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "60")));

    var task =
        sqs.startMessageMoveTask(r -> r.sourceArn(Arns.queue(queues.queue().name() + "Dead")));
    for (int i = 0; i < 20; i++) {
      sendTen(queues);
    }
    until("all have arrived", () -> delivered().size() >= 260);
    assertThat(poller.drain(Duration.ofSeconds(20))).isTrue();

    assertThat(task.taskHandle()).isNotEmpty();
    assertThat(delivered()).hasSize(260);
    assertThat(delivered().stream().filter(it -> it.startsWith("unless:")))
        .hasSize(60)
        .doesNotHaveDuplicates();
    assertThat(count(queues.url()) + count(queues.deadUrl())).isZero();
    assertThat(
            sqs.listMessageMoveTasks(r -> r.sourceArn(Arns.queue(queues.queue().name() + "Dead")))
                .results()
                .getFirst()
                .status())
        .isEqualTo("COMPLETED");
  }

  private Queues queues(int maxReceiveCount, Duration visibility) {
    String name = "Queue" + number.incrementAndGet();
    Queue dead =
        new Queue(name + "Dead", Duration.ofSeconds(30), Duration.ofDays(1), Optional.empty());
    Queue queue =
        new Queue(
            name,
            visibility,
            Duration.ofDays(1),
            Optional.of(new Redrive(dead.name(), maxReceiveCount)));
    Map<String, String> urls =
        ResourceProvisioner.create(
            new Deployment(List.of(), List.of(queue, dead), List.of(), Map.of()), sqs, dynamoDb);
    return new Queues(
        queue, urls.getOrDefault(queue.name(), ""), urls.getOrDefault(dead.name(), ""));
  }

  private static QueueSource source(
      Queues queues, int batchSize, Duration window, boolean reportsFailures) {
    return new QueueSource(
        queues.queue().name(), batchSize, window, Optional.empty(), reportsFailures);
  }

  private Poller poll(Queues queues, QueueSource source) {
    Poller poller =
        Poller.start(
            new Poller.Plan(source, queues.queue(), queues.url(), pool, 2), sqs, screen.console());
    pollers.add(poller);
    return poller;
  }

  private void send(Queues queues, String... bodies) {
    for (String body : bodies) {
      sqs.sendMessage(r -> r.queueUrl(queues.url()).messageBody(body));
    }
  }

  private void sendTen(Queues queues) {
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      entries.add(
          SendMessageBatchRequestEntry.builder().id("m" + i).messageBody("message " + i).build());
    }
    sqs.sendMessageBatch(r -> r.queueUrl(queues.url()).entries(entries));
  }

  /** Messages in the queue, whether visible or not. */
  private int count(String url) {
    Map<QueueAttributeName, String> attributes =
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL))
            .attributes();
    return Integer.parseInt(
            attributes.getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0"))
        + Integer.parseInt(
            attributes.getOrDefault(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "0"));
  }

  private List<String> bodies(String url) {
    return sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages().stream()
        .map(Message::body)
        .toList();
  }

  /** The events that the function saw. */
  private List<JsonNode> batches() throws IOException {
    List<JsonNode> batches = new ArrayList<>();
    if (Files.exists(events)) {
      for (String line : Files.readAllLines(events)) {
        batches.add(JSON.readTree(line));
      }
    }
    return batches;
  }

  private List<String> delivered() throws IOException {
    List<String> bodies = new ArrayList<>();
    for (JsonNode batch : batches()) {
      batch.path("Records").forEach(entry -> bodies.add(entry.path("body").asText()));
    }
    return bodies;
  }
}
