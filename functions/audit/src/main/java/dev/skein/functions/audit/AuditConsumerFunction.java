package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Deadline;
import dev.skein.base.Log;
import dev.skein.functions.audit.Fate.Failed;
import dev.skein.functions.audit.Fate.Reason;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The consumer of the audit queue: stores every record exactly once and names the messages that it
 * did not store, which the queue then delivers again and at last moves to the dead-letter queue. It
 * never throws and never answers null: Lambda would take the first for a failed batch, and the
 * second for a stored one. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Lambda on
 *     partial batch responses</a>
 */
public final class AuditConsumerFunction implements RequestHandler<SQSEvent, SQSBatchResponse> {
  /** Kept back to answer in: an invocation that is cut reports nothing, and all is done again. */
  private static final Duration RESERVE = Duration.ofSeconds(2);

  private final AuditStore store;
  private final Log log;
  private final LongSupplier nanoTime;

  /**
   * The function in Lambda.
   *
   * @throws dev.skein.base.InvalidSettingException when a variable does not fit
   */
  public AuditConsumerFunction() {
    this(Composition.shared());
  }

  private AuditConsumerFunction(Composition world) {
    this(world.dynamo(), world.config(), world.log(), System::nanoTime);
  }

  AuditConsumerFunction(DynamoDbClient dynamo, TableConfig config, Log log, LongSupplier nanoTime) {
    this.store = new AuditStore(dynamo, config);
    this.log = log;
    this.nanoTime = nanoTime;
  }

  @Override
  public SQSBatchResponse handleRequest(@Nullable SQSEvent event, Context context) {
    var time = Duration.ofMillis(context.getRemainingTimeInMillis());
    var deadline = Deadline.in(time, nanoTime).less(RESERVE);
    List<Result> results =
        messages(event).map(message -> new Result(message, fate(message, deadline))).toList();
    results.forEach(this::report);
    log.info("audit_batch", line -> count(results, line));
    return new SQSBatchResponse(
        results.stream()
            .filter(Result::failed)
            // Two messages of one id are one to the queue: if either failed, it keeps both. And a
            // failed message without an id can be kept only with all others: Lambda takes an answer
            // with an empty identifier for a failed batch. (A null one the runtime would leave
            // out.) The stored messages come again, and are found to be duplicates.
            .map(Result::messageId)
            .distinct()
            .map(BatchItemFailure::new)
            .toList());
  }

  /** What became of one message; the id is empty where it has none. */
  private record Result(String messageId, Fate fate) {
    private Result(@Nullable SQSMessage message, Fate fate) {
      this(message == null || message.getMessageId() == null ? "" : message.getMessageId(), fate);
    }

    private boolean failed() {
      return fate instanceof Failed;
    }
  }

  private static Stream<@Nullable SQSMessage> messages(@Nullable SQSEvent event) {
    return event == null || event.getRecords() == null ? Stream.of() : event.getRecords().stream();
  }

  private Fate fate(@Nullable SQSMessage message, Deadline deadline) {
    try {
      if (deadline.hasPassed()) {
        return new Failed(Reason.OUT_OF_TIME, "not reached");
      }
      var body = message == null ? null : message.getBody();
      return store.keep(AuditMessage.read(body), deadline.remaining());
    } catch (PoisonException e) {
      return new Failed(Reason.POISON, e.problem());
    } catch (Throwable e) {
      // An Error too: what escaped here would take the whole batch with it, again and again.
      log.bug("bug", e, _ -> {});
      return new Failed(Reason.BUG, e.getClass().getSimpleName());
    }
  }

  private void report(Result result) {
    if (!(result.fate() instanceof Failed failed)) {
      return;
    }
    Consumer<ObjectNode> fields =
        line -> {
          line.put("message_id", result.messageId());
          line.put("reason", failed.reason().logged());
          line.put("detail", failed.detail());
        };
    if (result.messageId().isEmpty()) {
      log.error("audit_message_failed", fields);
    } else {
      log.warn("audit_message_failed", fields);
    }
  }

  private static void count(List<Result> results, ObjectNode line) {
    line.put("messages", results.size());
    line.put("stored", results.stream().filter(r -> r.fate() instanceof Fate.Stored).count());
    line.put(
        "duplicates", results.stream().filter(r -> r.fate() instanceof Fate.Duplicate).count());
    line.put("failed", results.stream().filter(Result::failed).count());
  }
}
