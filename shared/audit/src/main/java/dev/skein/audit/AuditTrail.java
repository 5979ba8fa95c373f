package dev.skein.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditConfig.Mode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Delivers audit records to the queue or, if that fails, to the log, complete and replayable.
 * Thread-safe.
 */
public final class AuditTrail {
  /** The event of a log line with a record that could not be sent to the queue. */
  public static final String ALTERNATE_EVENT = "audit_alternate";

  /** The event of a log line with a record in mode {@code log}. */
  public static final String LOG_EVENT = "audit";

  /** The member of a message with the whole texts, which is not part of the record. */
  public static final String CONTENT = "content";

  /**
   * The largest record with its content in a log line, in bytes: Lambda splits lines of more than
   * 256 KiB. (CloudWatch Logs alone accepts 1 MiB since April 2025.) Without its content, every
   * record is smaller.
   */
  static final int MAX_LOGGED_RECORD = 261_000;

  /** Counts the lines of the {@link #ALTERNATE_EVENT}. */
  public static final String ALTERNATE_METRIC = "AuditAlternateSink";

  /** The failures in a row after which the queue counts as down. */
  private static final int PATIENCE = 3;

  private final AuditConfig config;
  private final Optional<AuditQueue> queue;
  private final Log log;
  private final AtomicInteger failures = new AtomicInteger();

  /**
   * A trail that sends to {@code queue}.
   *
   * @param queue empty in mode {@code log}
   */
  public AuditTrail(AuditConfig config, Optional<AuditQueue> queue, Log log) {
    this.config = config;
    this.queue = queue;
    this.log = log;
  }

  /** The configuration of this trail. */
  public AuditConfig config() {
    return config;
  }

  /**
   * Delivers one record. Returns at once. The future never fails and completes within the
   * configured timeout.
   */
  public CompletableFuture<Delivery> deliver(AuditRecord record) {
    var json = record.toJson();
    record.content().ifPresent(content -> json.set(CONTENT, content));
    Log requestLog = log.ofRequest(record.requestId(), record.traceId());
    if (queue.isEmpty()) {
      requestLog.info(LOG_EVENT, line -> putRecord(json, line));
      return CompletableFuture.completedFuture(Delivery.LOGGED);
    }
    var sent = queue.get().send(Json.STRICT.write(json));
    // Also when it is too late for this record: the queue is back.
    var _ = sent.thenRun(() -> failures.set(0));
    return sent.copy()
        .orTimeout(limit().toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (_, failure) ->
                failure == null ? Delivery.QUEUED : alternate(json, failure, requestLog));
  }

  /**
   * How long the next record may take. While the queue is down, each caller would wait in vain, and
   * each record is logged in the end: after some failures in a row a quarter of the time has to do,
   * until a record is acknowledged, however late. In the strict mode, nothing but the queue will
   * do.
   */
  Duration limit() {
    return failures.get() < PATIENCE || config.mode() == Mode.STRICT
        ? config.timeout()
        : config.timeout().dividedBy(4);
  }

  private Delivery alternate(ObjectNode record, Throwable failure, Log requestLog) {
    failures.incrementAndGet();
    requestLog.alarm(
        ALTERNATE_EVENT,
        ALTERNATE_METRIC,
        line -> {
          putCause(failure, line);
          putRecord(record, line);
        });
    return config.mode() == Mode.STRICT ? Delivery.NOT_QUEUED : Delivery.LOGGED;
  }

  /** Nobody could replay a record whose line was split. */
  private static void putRecord(ObjectNode record, ObjectNode line) {
    if (record.has(CONTENT) && Json.STRICT.write(record).length() > MAX_LOGGED_RECORD) {
      record.remove(CONTENT);
      line.put("content_omitted", true);
    }
    line.set("record", record);
  }

  private static void putCause(Throwable failure, ObjectNode line) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof SendFailedException failed) {
      line.put("cause", failed.error());
      failed.status().ifPresent(status -> line.put("upstream_status", status));
      failed.requestId().ifPresent(id -> line.put("upstream_request_id", id));
    } else {
      line.put("cause", cause.getClass().getSimpleName());
    }
  }
}
