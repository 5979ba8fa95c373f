package dev.skein.local.services;

import static dev.skein.local.testing.Waiting.isAlive;
import static dev.skein.local.testing.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.local.console.StartupException;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.template.Deployment;
import dev.skein.local.template.Deployment.Index;
import dev.skein.local.template.Deployment.Queue;
import dev.skein.local.template.Deployment.Redrive;
import dev.skein.local.template.Deployment.Table;
import dev.skein.local.testing.Screen;
import dev.skein.local.testing.TestFunctions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The real ElasticMQ and the real DynamoDB Local. */
final class LocalServicesTest {

  private static final Deployment DEPLOYMENT =
      new Deployment(
          List.of(),
          List.of(
              new Queue(
                  "Orders",
                  Duration.ofSeconds(77),
                  Duration.ofDays(4),
                  Optional.of(new Redrive("Dead", 5))),
              new Queue("Dead", Duration.ofSeconds(30), Duration.ofDays(14), Optional.empty())),
          List.of(
              new Table(
                  "Trail",
                  Map.of("id", "S", "user", "S", "time", "N"),
                  Map.of("id", "HASH"),
                  List.of(
                      new Index("by_user", Map.of("user", "HASH", "time", "RANGE"), "KEYS_ONLY")),
                  Optional.of("expires_at"))),
          Map.of());

  @TempDir private Path folder;
  private final Screen screen = new Screen();
  private final ChildProcesses children = ChildProcesses.guarded();

  @AfterEach
  void stopGuard() {
    children.close();
  }

  @Test
  void queuesAndTablesAreCreatedAsDeclaredAndSurviveARestart() throws Exception {
    try (LocalServices services = start(Map.of(), Optional.of(folder))) {
      try (SqsClient sqs = Clients.sqs(services.sqs());
          DynamoDbClient dynamoDb = Clients.dynamoDb(services.dynamoDb())) {
        Map<String, String> addresses = ResourceProvisioner.create(DEPLOYMENT, sqs, dynamoDb);

        assertThat(addresses)
            .containsEntry("Trail", "Trail")
            .containsEntry("Orders", services.sqs() + "/000000000000/Orders");
        assertQueue(sqs, services.sqs() + "/000000000000/Orders");
        assertTable(dynamoDb);
        sqs.sendMessage(r -> r.queueUrl(addresses.get("Orders")).messageBody("kept"));
        dynamoDb.putItem(
            r -> r.tableName("Trail").item(Map.of("id", AttributeValue.fromS("kept"))));
      }
      assertOnlyOnLoopback(services.sqs());
      assertOnlyOnLoopback(services.dynamoDb());
      assertThat(filesThatOthersCanRead()).isEmpty();
    }

    try (LocalServices services = start(Map.of(), Optional.of(folder));
        SqsClient sqs = Clients.sqs(services.sqs());
        DynamoDbClient dynamoDb = Clients.dynamoDb(services.dynamoDb())) {
      Map<String, String> addresses = ResourceProvisioner.create(DEPLOYMENT, sqs, dynamoDb);

      assertThat(
              sqs.receiveMessage(r -> r.queueUrl(addresses.get("Orders")).waitTimeSeconds(5))
                  .messages())
          .extracting(Message::body)
          .containsExactly("kept");
      assertThat(dynamoDb.scan(r -> r.tableName("Trail")).items())
          .containsExactly(Map.of("id", AttributeValue.fromS("kept")));
    }
  }

  @Test
  void aStoredTableWithOtherKeysIsReported() throws Exception {
    Table other =
        new Table("Trail", Map.of("pk", "S"), Map.of("pk", "HASH"), List.of(), Optional.empty());
    try (LocalServices services = start(Map.of(), Optional.empty());
        SqsClient sqs = Clients.sqs(services.sqs());
        DynamoDbClient dynamoDb = Clients.dynamoDb(services.dynamoDb())) {
      ResourceProvisioner.create(
          new Deployment(List.of(), List.of(), List.of(other), Map.of()), sqs, dynamoDb);

      assertThatThrownBy(() -> ResourceProvisioner.create(DEPLOYMENT, sqs, dynamoDb))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("other keys")
          .hasMessageContaining("DATA_DIR");
    }
  }

  @Test
  void serversNamedByTheUserAreUsedInstead() throws Exception {
    Map<String, String> shell =
        Map.of(
            "AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:4566",
            "AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:4567");

    try (LocalServices services = start(shell, Optional.empty())) {
      assertThat(services.pids()).isEmpty();
      assertThat(services.sqs()).isEqualTo(URI.create("http://127.0.0.1:4566"));
      assertThat(services.dynamoDb()).isEqualTo(URI.create("http://127.0.0.1:4567"));
    }
  }

  @Test
  void aPortInUseIsReportedWithItsSetting() throws Exception {
    try (ServerSocket other = new ServerSocket()) {
      other.bind(Ports.loopback(0));
      int port = other.getLocalPort();

      assertThatThrownBy(() -> start(plan(port, Optional.empty()), withoutTable()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("Port " + port + " is in use")
          .hasMessageContaining("set QUEUE_PORT");
    }
  }

  @Test
  void aServiceThatCannotStartShowsTheEndOfItsLog() throws Exception {
    Path jars = Files.createDirectories(folder.resolve("queue/target/lib"));
    LocalServices.Plan withoutJars =
        new LocalServices.Plan(folder, 0, 0, folder, folder, Optional.empty());

    assertThatThrownBy(() -> start(withoutJars, withoutTable()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("ElasticMQ did not start")
        .hasMessageContaining(folder.resolve("queue.log").toString())
        .hasMessageContaining("org.elasticmq.server.Main");
    Files.delete(jars);
    assertThatThrownBy(() -> start(withoutJars, withoutTable()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(jars + " is missing: build it");
  }

  @Test
  void aServerThatDoesNotAnswerIsReported() {
    URI nobody = URI.create("http://127.0.0.1:1");
    try (SqsClient sqs = Clients.sqs(nobody);
        DynamoDbClient dynamoDb = Clients.dynamoDb(nobody)) {
      assertThatThrownBy(() -> ResourceProvisioner.create(DEPLOYMENT, sqs, dynamoDb))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("The template's queues and tables cannot be created");
    }
  }

  @Test
  void aServiceThatStopsIsReported() throws Exception {
    try (LocalServices services = start(plan(0, Optional.empty()), withoutTable())) {
      long pid = services.pids().getFirst();

      ProcessHandle.of(pid).orElseThrow().destroyForcibly();

      until("it is reported", () -> screen.text().contains("ElasticMQ stopped unexpectedly"));
      assertThat(isAlive(pid)).isFalse();
    }
  }

  private static Map<String, String> withoutTable() {
    return Map.of("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1");
  }

  /** Of the files that are there: the running table makes journals and deletes them. */
  private List<Path> filesThatOthersCanRead() throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.endsWith("queue.conf") && !isPrivate(file)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
    return found;
  }

  private static boolean isPrivate(Path file) throws IOException {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file)).equals("rw-------");
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private LocalServices start(Map<String, String> shell, Optional<Path> data)
      throws InterruptedException {
    return start(plan(0, data), shell);
  }

  private LocalServices start(LocalServices.Plan plan, Map<String, String> shell)
      throws InterruptedException {
    return LocalServices.start(plan, shell, children, screen.console());
  }

  private LocalServices.Plan plan(int queuePort, Optional<Path> data) {
    return new LocalServices.Plan(
        TestFunctions.ROOT.resolve("local/parts"), queuePort, 0, folder, folder, data);
  }

  private static void assertQueue(SqsClient sqs, String url) {
    assertThat(
            sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                .attributes())
        .containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "77")
        .hasEntrySatisfying(
            QueueAttributeName.REDRIVE_POLICY,
            policy ->
                assertThat(policy)
                    .contains("\"maxReceiveCount\":5")
                    .contains("arn:aws:sqs:us-east-1:000000000000:Dead"));
  }

  private static void assertTable(DynamoDbClient dynamoDb) {
    TableDescription table = dynamoDb.describeTable(r -> r.tableName("Trail")).table();
    assertThat(table.keySchema()).extracting(key -> key.attributeName()).containsExactly("id");
    assertThat(table.globalSecondaryIndexes()).hasSize(1);
    assertThat(table.globalSecondaryIndexes().getFirst().keySchema())
        .extracting(key -> key.attributeName() + " " + key.keyTypeAsString())
        .containsExactly("user HASH", "time RANGE");
    assertThat(table.globalSecondaryIndexes().getFirst().projection().projectionTypeAsString())
        .isEqualTo("KEYS_ONLY");
    assertThat(dynamoDb.describeTimeToLive(r -> r.tableName("Trail")).timeToLiveDescription())
        .satisfies(ttl -> assertThat(ttl.attributeName()).isEqualTo("expires_at"))
        .satisfies(ttl -> assertThat(ttl.timeToLiveStatus()).isEqualTo(TimeToLiveStatus.ENABLED));
  }

  /** A server on all addresses would answer on 127.0.0.2 too. */
  private static void assertOnlyOnLoopback(URI uri) {
    assertThatThrownBy(() -> new Socket("127.0.0.2", uri.getPort()).close())
        .isInstanceOf(IOException.class);
  }
}
