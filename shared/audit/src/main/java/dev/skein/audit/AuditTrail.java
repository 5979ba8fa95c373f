package dev.skein.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditConfig.Mode;
import dev.skein.base.Json;
import dev.skein.base.Log;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Delivers audit records to the queue or, if that fails, to the log, complete and replayable.
 * Thread-safe.
 */
public final class AuditTrail {
  /** The event of a log line with a record that could not be sent to the queue. */
  public static final String ALTERNATE_EVENT = "audit_alternate";

  /** The event of a log line with a record in mode {@code log}. */
  public static final String LOG_EVENT = "audit";

  private static final String METRIC = "AuditAlternateSink";

  private final AuditConfig config;
  private final Optional<AuditQueue> queue;
  private final Log log;

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
    if (queue.isEmpty()) {
      log.info(LOG_EVENT, line -> line.set("record", json));
      return CompletableFuture.completedFuture(Delivery.LOGGED);
    }
    return queue
        .get()
        .send(Json.STRICT.write(json))
        .orTimeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
        .handle((_, failure) -> failure == null ? Delivery.QUEUED : alternate(json, failure));
  }

  private Delivery alternate(ObjectNode record, Throwable failure) {
    log.alarm(
        ALTERNATE_EVENT,
        METRIC,
        line -> {
          putCause(failure, line);
          line.set("record", record);
        });
    return config.mode() == Mode.STRICT ? Delivery.NOT_QUEUED : Delivery.LOGGED;
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
