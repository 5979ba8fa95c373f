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
import dev.skein.functions.audit.StoreResult.Duplicate;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of the audit queue. It stores every record exactly once and reports the messages
 * that it did not store, which the queue then delivers again and finally moves to the dead-letter
 * queue. It never throws, which would fail the whole batch, and never returns null, which would
 * delete the whole batch. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Lambda on
 *     partial batch responses</a>
 */
public final class AuditConsumerFunction implements RequestHandler<SQSEvent, SQSBatchResponse> {
  /** Reserved for the response: an invocation that times out reports nothing and is repeated. */
  private static final Duration RESERVE = Duration.ofSeconds(2);

  private final AuditStore store;
  private final Log log;
  private final LongSupplier nanoTime;

  /**
   * The function in Lambda.
   *
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or invalid
   */
  public AuditConsumerFunction() {
    this(Composition.shared(), System::nanoTime);
  }

  AuditConsumerFunction(Composition root, LongSupplier nanoTime) {
    this.store = new AuditStore(root.dynamo(), root.config());
    this.log = root.log();
    this.nanoTime = nanoTime;
  }

  /** The result of one message; the id is empty if it has none. */
  private record MessageResult(String messageId, StoreResult result) {}

  @Override
  public SQSBatchResponse handleRequest(@Nullable SQSEvent event, Context context) {
    var time = Duration.ofMillis(context.getRemainingTimeInMillis());
    var deadline = Deadline.in(time, nanoTime).less(RESERVE);
    var results = messages(event).map(message -> handle(message, deadline)).toList();
    log.info(
        "audit_batch",
        line -> {
          line.put("messages", results.size());
          line.put("stored", count(results, Stored.class));
          line.put("duplicates", count(results, Duplicate.class));
          line.put("failed", count(results, NotStored.class));
        });
    return new SQSBatchResponse(
        results.stream()
            .filter(it -> it.result() instanceof NotStored)
            // The queue knows messages by their ids, so if one of two with the same id failed, it
            // keeps both. An empty id fails the whole batch, which is the only way to keep a
            // message without an id; the stored ones come again as duplicates. (The runtime would
            // leave out a null id.)
            .map(MessageResult::messageId)
            .distinct()
            .map(BatchItemFailure::new)
            .toList());
  }

  private static Stream<@Nullable SQSMessage> messages(@Nullable SQSEvent event) {
    return event == null || event.getRecords() == null ? Stream.of() : event.getRecords().stream();
  }

  private MessageResult handle(@Nullable SQSMessage message, Deadline deadline) {
    String id = message == null || message.getMessageId() == null ? "" : message.getMessageId();
    StoreResult result = store(message == null ? null : message.getBody(), deadline);
    if (result instanceof NotStored failure) {
      report(id, failure);
    }
    return new MessageResult(id, result);
  }

  private StoreResult store(@Nullable String body, Deadline deadline) {
    try {
      return deadline.hasPassed()
          ? new NotStored(FailureReason.OUT_OF_TIME, "not reached")
          : store.store(AuditMessage.read(body), deadline.remaining());
    } catch (PoisonException e) {
      return new NotStored(FailureReason.POISON, e.problem());
    } catch (Throwable e) {
      // Errors too: what escapes from here fails the whole batch, each time it is delivered.
      log.bug("bug", e, _ -> {});
      return new NotStored(FailureReason.BUG, e.getClass().getSimpleName());
    }
  }

  private void report(String messageId, NotStored failure) {
    Consumer<ObjectNode> fields =
        line -> {
          line.put("message_id", messageId);
          line.put("reason", failure.reason().logged());
          line.put("detail", failure.detail());
        };
    if (messageId.isEmpty()) {
      log.error("audit_message_failed", fields);
    } else {
      log.warn("audit_message_failed", fields);
    }
  }

  private static long count(List<MessageResult> results, Class<? extends StoreResult> type) {
    return results.stream().map(MessageResult::result).filter(type::isInstance).count();
  }
}
