package dev.skein.local.testing;

import dev.skein.local.console.StackConsole;
import dev.skein.local.process.ChildProcesses;
import dev.skein.local.services.Clients;
import dev.skein.local.services.LocalServices;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A real queue server and a real table server. They are lent to one stack at a time, which finds
 * them empty, and run on after it: to start both takes longer than most tests. They end with this
 * JVM.
 */
public final class BorrowedParts implements AutoCloseable {
  private static final ConcurrentLinkedQueue<LocalServices> IDLE = new ConcurrentLinkedQueue<>();
  private static final ChildProcesses CHILDREN = ChildProcesses.guarded();
  private static final StackConsole SILENT =
      StackConsole.to(new PrintStream(OutputStream.nullOutputStream()));

  private final LocalServices services;

  private BorrowedParts(LocalServices services) {
    this.services = services;
  }

  /** Those that another stack has given back, or new ones. */
  public static BorrowedParts borrow() {
    LocalServices idle = IDLE.poll();
    return new BorrowedParts(idle == null ? start() : idle);
  }

  private static LocalServices start() {
    try {
      Path folder = Files.createTempDirectory(Path.of("target"), "parts-").toAbsolutePath();
      var plan =
          new LocalServices.Plan(
              TestFunctions.ROOT.resolve("local/parts"), 0, 0, folder, folder, Optional.empty());
      return LocalServices.start(plan, Map.of(), CHILDREN, SILENT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  public URI sqs() {
    return services.sqs();
  }

  public URI dynamoDb() {
    return services.dynamoDb();
  }

  /** The variables that name them to a stack. */
  public Map<String, String> variables() {
    return Map.of(
        "AWS_ENDPOINT_URL_SQS",
        sqs().toString(),
        "AWS_ENDPOINT_URL_DYNAMODB",
        dynamoDb().toString());
  }

  /** Deletes every queue and table, and gives the servers back; the stack has ended. */
  @Override
  public void close() {
    try (var sqs = Clients.sqs(sqs());
        var dynamoDb = Clients.dynamoDb(dynamoDb())) {
      sqs.listQueues().queueUrls().forEach(url -> sqs.deleteQueue(it -> it.queueUrl(url)));
      dynamoDb
          .listTables()
          .tableNames()
          .forEach(name -> dynamoDb.deleteTable(it -> it.tableName(name)));
    }
    IDLE.add(services);
  }
}
