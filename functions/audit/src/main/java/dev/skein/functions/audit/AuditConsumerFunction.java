package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.functions.audit.StoreResult.Duplicate;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of the audit queue. It stores every record exactly once and reports the messages
 * that it did not store, which the queue then delivers again and finally moves to the dead-letter
 * queue. It never throws because of a message, which would fail the whole batch, and always writes
 * a response, without which the whole batch would be deleted. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Lambda on
 *     partial batch responses</a>
 */
public final class AuditConsumerFunction implements RequestStreamHandler {
  /** Reserved for the response: an invocation that times out reports nothing and is repeated. */
  private static final Duration RESERVE = Duration.ofSeconds(2);

  /** The value of every string in the rehearsed event. */
  private static final String NAME = "rehearsed";

  private final AuditStore store;
  private final Log log;
  private final LongSupplier nanoTime;

  /**
   * The function in Lambda.
   *
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or invalid
   */
  public AuditConsumerFunction() {
    this(Composition.start(AuditConsumerFunction::new, rehearsedEvent(), "{}"));
  }

  private AuditConsumerFunction(Composition root) {
    this(root, System::nanoTime);
  }

  AuditConsumerFunction(Composition root, LongSupplier nanoTime) {
    this.store = new AuditStore(root.dynamo(), root.config());
    this.log = root.log();
    this.nanoTime = nanoTime;
  }

  static String rehearsedEvent() {
    var record =
        new AuditRecord(
            NAME, Instant.EPOCH, NAME, "/chat", NAME, NAME, NAME, NAME, Optional.empty());
    var event = Json.object();
    event
        .putArray("Records")
        .addObject()
        .put("messageId", NAME)
        .put("body", Json.STRICT.write(record.toJson()));
    return Json.STRICT.write(event);
  }

  /** The result of one message; the id is empty if it has none. */
  private record MessageResult(String messageId, StoreResult result) {}

  /**
   * Reads the event, and writes which messages were not stored.
   *
   * @throws IOException if the event cannot be read or the response cannot be written, which fails
   *     the batch
   */
  @Override
  public void handleRequest(InputStream event, OutputStream response, Context context)
      throws IOException {
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
    response.write(Json.STRICT.writeUtf8(failures(results)));
  }

  private static ObjectNode failures(List<MessageResult> results) {
    var response = Json.object();
    var failures = response.putArray("batchItemFailures");
    results.stream()
        .filter(it -> it.result() instanceof NotStored)
        // The queue knows messages by their ids, so if one of two with the same id failed, it
        // keeps both. An empty id fails the whole batch, which is the only way to keep a
        // message without an id; the stored ones come again as duplicates.
        .map(MessageResult::messageId)
        .distinct()
        .forEach(id -> failures.addObject().put("itemIdentifier", id));
    return response;
  }

  /** The messages; leniently, because one that is poison must not fail the others. */
  private static Stream<JsonNode> messages(InputStream event) throws IOException {
    try {
      return Json.PROVIDER
          .parse(ByteBuffer.wrap(event.readAllBytes()))
          .path("Records")
          .valueStream();
    } catch (MalformedJsonException e) {
      throw new IOException("the event " + e.getMessage());
    }
  }

  private MessageResult handle(JsonNode message, Deadline deadline) {
    String id = message.path("messageId").asText("");
    StoreResult result = store(message.path("body").textValue(), deadline);
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
