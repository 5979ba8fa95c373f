package dev.skein.functions.audit;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.base.Settings;
import dev.skein.functions.audit.AuditChain.Result.Linked;
import dev.skein.functions.audit.AuditChain.Result.NotLinked;
import dev.skein.functions.audit.StoreResult.Duplicate;
import dev.skein.functions.audit.StoreResult.FailureReason;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import dev.skein.runtime.StreamingHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of the audit queue. It stores every record exactly once and reports the messages
 * that it did not store, which the queue then delivers again and finally moves to the dead-letter
 * queue. What it stored of a batch is a link of a hash chain before the messages are acknowledged.
 * It never throws because of a message, which would fail the whole batch, and always writes a
 * response, without which the whole batch would be deleted. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Lambda on
 *     partial batch responses</a>
 */
public final class AuditConsumerFunction implements RequestStreamHandler {
  /**
   * Reserved for the response, and at most a fifth of the time: an invocation that times out
   * reports nothing and is repeated.
   */
  private static final Duration RESERVE = Duration.ofSeconds(2);

  /**
   * Reserved for the link of the hash chain, and at most three tenths of the time: without it, all
   * that was stored comes again.
   */
  private static final Duration LINK_RESERVE = Duration.ofSeconds(3);

  /** The value of every string in the rehearsed event. */
  private static final String NAME = "rehearsed";

  private final BatchWriter writer;
  private final Optional<AuditChain> chain;
  private final Log log;
  private final LongSupplier nanoTime;

  /**
   * The function in Lambda.
   *
   * @throws dev.skein.base.InvalidSettingException if an environment variable is missing or invalid
   */
  public AuditConsumerFunction() {
    this(
        Composition.start(
            root -> StreamingHandler.of(new AuditConsumerFunction(root)), rehearsedEvent(), "{}"));
  }

  private AuditConsumerFunction(Composition root) {
    this(root, StoreConfig.from(new Settings(System.getenv())), System::nanoTime);
  }

  /** A consumer with the default configuration. */
  AuditConsumerFunction(Composition root, LongSupplier nanoTime) {
    this(root, StoreConfig.DEFAULT, nanoTime);
  }

  AuditConsumerFunction(Composition root, StoreConfig config, LongSupplier nanoTime) {
    this(
        root,
        new BatchWriter(new AuditStore(root.dynamo(), root.config(), config), root.log()),
        config.chain() ? Optional.of(chain(root)) : Optional.empty(),
        nanoTime);
  }

  AuditConsumerFunction(
      Composition root, BatchWriter writer, Optional<AuditChain> chain, LongSupplier nanoTime) {
    this.writer = writer;
    this.chain = chain;
    this.log = root.log();
    this.nanoTime = nanoTime;
  }

  static AuditChain chain(Composition root) {
    return new AuditChain(root.dynamo(), root.config(), InstantSource.system(), new Random());
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

  /**
   * The result of one message.
   *
   * @param messageId empty if it has none
   * @param body null if it has none
   */
  private record MessageResult(String messageId, @Nullable String body, StoreResult result) {}

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
    var deadline = Deadline.in(time, nanoTime).less(atMost(RESERVE, time.dividedBy(5)));
    var writeDeadline =
        chain.isPresent()
            ? deadline.less(atMost(LINK_RESERVE, time.multipliedBy(3).dividedBy(10)))
            : deadline;
    var messages = messages(event).toList();
    var bodies = messages.stream().map(message -> message.path("body").textValue()).toList();
    var stored = writer.write(bodies, writeDeadline);
    var link = link(stored, deadline);
    var results =
        IntStream.range(0, stored.size())
            .mapToObj(i -> result(messages.get(i), linked(stored.get(i), link)))
            .toList();
    results.forEach(this::report);
    log.info("audit_batch", line -> summarize(results, link, line));
    response.write(Json.STRICT.writeUtf8(failures(results)));
  }

  /** A function with a short timeout has a short reserve, and still the time to store. */
  private static Duration atMost(Duration reserve, Duration max) {
    return reserve.compareTo(max) < 0 ? reserve : max;
  }

  /** Appends what is stored to the hash chain; empty if there is no chain, or nothing stored. */
  private Optional<AuditChain.Result> link(List<StoreResult> stored, Deadline deadline) {
    var entries = stored.stream().flatMap(result -> entry(result).stream()).distinct().toList();
    return chain.filter(_ -> !entries.isEmpty()).map(it -> append(it, entries, deadline));
  }

  private AuditChain.Result append(AuditChain to, List<Entry> entries, Deadline deadline) {
    try {
      return to.append(entries, deadline);
    } catch (Throwable e) {
      log.bug("bug", e, _ -> {});
      return new NotLinked(new NotStored(FailureReason.BUG, e.getClass().getSimpleName()));
    }
  }

  private static Optional<Entry> entry(StoreResult result) {
    return switch (result) {
      case Stored(var entry) -> entry;
      case Duplicate(var entry) -> entry;
      case NotStored _ -> Optional.empty();
    };
  }

  /** The result of a message, which is acknowledged only if its record is in the chain. */
  private static StoreResult linked(StoreResult stored, Optional<AuditChain.Result> link) {
    return link.isPresent()
            && link.get() instanceof NotLinked(NotStored failure)
            && !(stored instanceof NotStored)
        ? new NotStored(failure.reason(), "the link of the hash chain: " + failure.detail())
        : stored;
  }

  private static MessageResult result(JsonNode message, StoreResult result) {
    return new MessageResult(
        message.path("messageId").asText(""), message.path("body").textValue(), result);
  }

  private static void summarize(
      List<MessageResult> results, Optional<AuditChain.Result> link, ObjectNode line) {
    line.put("messages", results.size());
    line.put("stored", count(results, Stored.class));
    line.put("duplicates", count(results, Duplicate.class));
    line.put("failed", count(results, NotStored.class));
    if (link.isPresent() && link.get() instanceof Linked linked) {
      linked.anchor(line);
    }
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

  private void report(MessageResult result) {
    if (!(result.result() instanceof NotStored failure)) {
      return;
    }
    Consumer<ObjectNode> fields =
        line -> {
          line.put("message_id", result.messageId());
          line.put("reason", failure.reason().logged());
          line.put("detail", failure.detail());
        };
    Log requestLog = RecordOrigin.log(result.body(), log);
    if (result.messageId().isEmpty()) {
      requestLog.error("audit_message_failed", fields);
    } else {
      requestLog.warn("audit_message_failed", fields);
    }
  }

  private static long count(List<MessageResult> results, Class<? extends StoreResult> type) {
    return results.stream().map(MessageResult::result).filter(type::isInstance).count();
  }
}
