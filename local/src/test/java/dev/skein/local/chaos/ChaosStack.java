package dev.skein.local.chaos;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skein.faults.FaultProxy;
import dev.skein.faults.ModelRequest;
import dev.skein.faults.ScriptedModel;
import dev.skein.faults.ScriptedReply;
import dev.skein.local.LocalStack;
import dev.skein.local.console.StackConsole;
import dev.skein.local.services.Clients;
import dev.skein.local.testing.BorrowedParts;
import dev.skein.local.testing.FreePorts;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The whole service from the real template and the real zips, with a proxy in front of the queue
 * and one in front of the table. Of the template only times and counts of deliveries are edited.
 */
final class ChaosStack implements AutoCloseable {
  /**
   * Each failed delivery takes one visibility timeout. So many of them take eight minutes: a
   * consumer that gets no CPU for a while loses none of its messages to the dead-letter queue.
   */
  private static final int MAX_RECEIVES = 40;

  private static final Map<String, String> EDITS =
      Map.of(
          "VisibilityTimeout: 185", "VisibilityTimeout: 12",
          "maxReceiveCount: 5", "maxReceiveCount: " + MAX_RECEIVES,
          "Timeout: 30\n", "Timeout: 12\n");

  private static final List<QueueAttributeName> COUNTS =
      List.of(
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED);

  private final FunctionLog log = new FunctionLog();
  private final ScriptedModel model = ScriptedModel.start();
  private final BorrowedParts parts = BorrowedParts.borrow();
  private final FaultProxy queue;
  private final FaultProxy table;
  private final LocalStack stack;
  private final SqsClient sqs;

  private ChaosStack(
      Path folder,
      Map<String, String> shell,
      FaultProxy.Script queueScript,
      FaultProxy.Script tableScript)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    var console = StackConsole.to(new PrintStream(log, true, StandardCharsets.UTF_8));
    this.queue = FaultProxy.start(parts.sqs(), queueScript);
    this.table = FaultProxy.start(parts.dynamoDb(), tableScript);
    this.sqs = Clients.sqs(parts.sqs());
    var variables = new HashMap<>(shell);
    variables.put("AWS_ENDPOINT_URL_SQS", queue.uri().toString());
    variables.put("AWS_ENDPOINT_URL_DYNAMODB", table.uri().toString());
    variables.put("OPENAI_BASE_URL", model.baseUrl().toString());
    variables.put("OPENAI_API_KEY", "sk-chaos");
    var settings =
        FreePorts.settings(Map.of("MAX_ENVIRONMENTS", "3", "ENVIRONMENT_WAIT_MS", "25000"));
    this.stack = LocalStack.start(settings, template(folder), variables, console);
  }

  /**
   * Starts everything.
   *
   * @param folder for generated files
   * @param shell overrides variables of the template
   */
  static ChaosStack start(
      Path folder, Map<String, String> shell, FaultProxy.Script queue, FaultProxy.Script table) {
    try {
      return new ChaosStack(folder, shell, queue, table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** An edited copy in a folder from which the project's parts can be reached. */
  private static Path template(Path folder) throws IOException {
    String text = Files.readString(TestFunctions.ROOT.resolve("template.yaml"));
    for (var edit : EDITS.entrySet()) {
      if (!text.contains(edit.getKey())) {
        throw new IllegalStateException("the template has no " + edit.getKey());
      }
      text = text.replace(edit.getKey(), edit.getValue());
    }
    Files.createDirectories(folder.resolve("local"));
    Files.createSymbolicLink(
        folder.resolve("local/parts"), TestFunctions.ROOT.resolve("local/parts"));
    return Files.writeString(
        folder.resolve("template.yaml"),
        text.replace("CodeUri: ", "CodeUri: " + TestFunctions.ROOT + "/"));
  }

  LocalStack stack() {
    return stack;
  }

  FunctionLog log() {
    return log;
  }

  FaultProxy queue() {
    return queue;
  }

  FaultProxy table() {
    return table;
  }

  /** Sets what the model replies. */
  void script(Function<ModelRequest, ScriptedReply> rule) {
    model.script(rule);
  }

  /** How often the model was called. */
  int modelCalls() {
    return model.requests();
  }

  int modelPort() {
    return model.port();
  }

  /** Sends a message to the queue itself, past the proxy. */
  void send(String message) {
    sqs.sendMessage(r -> r.queueUrl(url("AuditQueue")).messageBody(message));
  }

  /** Lets a message that was just received be received again in a second. */
  void hasten(String receiptHandle) {
    sqs.changeMessageVisibility(
        r -> r.queueUrl(url("AuditQueue")).receiptHandle(receiptHandle).visibilityTimeout(1));
  }

  /** Whether the audit queue is empty, and no message of it is being delivered. */
  boolean isDrained() {
    var counts =
        sqs.getQueueAttributes(r -> r.queueUrl(url("AuditQueue")).attributeNames(COUNTS))
            .attributes();
    return COUNTS.stream().allMatch(name -> "0".equals(counts.get(name)));
  }

  /** Takes every message from the dead-letter queue. */
  List<String> deadLetters() {
    List<String> bodies = new ArrayList<>();
    List<Message> some;
    do {
      some =
          sqs.receiveMessage(
                  r ->
                      r.queueUrl(url("AuditDeadLetterQueue"))
                          .maxNumberOfMessages(10)
                          .visibilityTimeout((int) Duration.ofMinutes(10).toSeconds()))
              .messages();
      some.forEach(message -> bodies.add(message.body()));
    } while (!some.isEmpty());
    return bodies;
  }

  private String url(String name) {
    return sqs.getQueueUrl(r -> r.queueName(name)).queueUrl();
  }

  /** The records in the table; other items are left out. */
  List<JsonNode> records() {
    return items("phase");
  }

  /** The links of hash chains in the table. */
  List<JsonNode> links() {
    return items("entries");
  }

  private List<JsonNode> items(String attribute) {
    try (var dynamo = Clients.dynamoDb(parts.dynamoDb())) {
      return dynamo
          .scanPaginator(scan -> scan.tableName("AuditTable").consistentRead(true))
          .items()
          .stream()
          .filter(item -> item.containsKey(attribute))
          .map(Items::json)
          .toList();
    }
  }

  @Override
  public void close() {
    requireNonNull(stack).close();
    queue.close();
    table.close();
    sqs.close();
    parts.close();
    model.close();
  }
}
