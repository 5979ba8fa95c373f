package dev.skein.functions.audit;

import dev.skein.api.ApiRequest;
import dev.skein.api.Problem;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.AuditRecord.Calls;
import dev.skein.audit.AuditRecord.Cost;
import dev.skein.audit.AuditText;
import dev.skein.audit.AuditTrail;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.base.Deadline;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.functions.audit.AuditChain.Result.Linked;
import dev.skein.functions.audit.AuditChain.Result.NotLinked;
import dev.skein.functions.audit.StoreResult.Duplicate;
import dev.skein.functions.audit.StoreResult.NotStored;
import dev.skein.functions.audit.StoreResult.Stored;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * The records of erasures: written into the table and its hash chain at once, because who erases
 * has the table at hand, and must not depend on the queue. Thread-safe.
 */
final class ErasureTrail {
  private final Composition root;
  private final AuditStore store;
  private final Optional<AuditChain> chain;
  private final InstantSource clock;
  private final LongSupplier nanoTime;

  ErasureTrail(Composition root, StoreConfig config, InstantSource clock, LongSupplier nanoTime) {
    this.root = root;
    this.store = new AuditStore(root.dynamo(), root.config(), config);
    this.chain =
        config.chain()
            ? Optional.of(new AuditChain(root.dynamo(), root.config(), clock, new Random()))
            : Optional.empty();
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /**
   * Writes the intent, or else logs it, because it may be in the table without its link; empty if
   * it was logged, and nothing may be erased.
   */
  Optional<Started> begin(ApiRequest request, String userId, Deadline deadline) {
    var intent =
        new AuditRecord(
            UUID.randomUUID().toString(),
            clock.instant(),
            request.requestId(),
            RecordEraser.ENDPOINT,
            userId,
            request.identity(),
            "",
            "",
            AuditText.EMPTY,
            Optional.empty(),
            request.traceId(),
            UUID.randomUUID().toString().replace("-", ""),
            Optional.empty());
    long start = nanoTime.getAsLong();
    var failure = write(intent, deadline);
    failure.ifPresent(it -> log(intent, it));
    return failure.isEmpty() ? Optional.of(new Started(intent, deadline, start)) : Optional.empty();
  }

  /** Why the record is not in the table and the chain; empty if it is. */
  private Optional<NotStored> write(AuditRecord record, Deadline deadline) {
    try {
      var message = AuditMessage.read(Json.STRICT.write(record.toJson()));
      return switch (store.store(message, deadline)) {
        case Stored(Optional<Entry> entry) -> link(entry, record, deadline);
        case Duplicate(Optional<Entry> entry) -> link(entry, record, deadline);
        case NotStored failure -> Optional.of(failure);
      };
    } catch (PoisonException e) {
      throw new IllegalStateException(e.problem(), e);
    }
  }

  private Optional<NotStored> link(Optional<Entry> entry, AuditRecord record, Deadline deadline) {
    if (chain.isEmpty() || entry.isEmpty()) {
      return Optional.empty();
    }
    return switch (chain.get().append(List.of(entry.get()), deadline)) {
      case Linked linked -> {
        logOf(record).info("audit_batch", linked::anchor);
        yield Optional.empty();
      }
      case NotLinked(NotStored failure) -> Optional.of(failure);
    };
  }

  private void log(AuditRecord record, NotStored failure) {
    logOf(record)
        .alarm(
            AuditTrail.ALTERNATE_EVENT,
            AuditTrail.ALTERNATE_METRIC,
            line -> line.put("cause", failure.reason().logged()).set("record", record.toJson()));
  }

  private Log logOf(AuditRecord record) {
    return root.log().ofRequest(record.requestId(), record.traceId());
  }

  /** An erasure whose intent is stored. */
  final class Started {
    private final AuditRecord intent;
    private final Deadline deadline;
    private final long start;

    private Started(AuditRecord intent, Deadline deadline, long start) {
      this.intent = intent;
      this.deadline = deadline;
      this.start = start;
    }

    AuditRecord intent() {
      return intent;
    }

    /** Writes the completed record, or else logs it: what was erased cannot be taken back. */
    void end(int erased, Optional<Problem> problem) {
      var record =
          intent.completed(
              new AuditRecord.Result(
                  "",
                  AuditText.EMPTY,
                  Optional.empty(),
                  Optional.empty(),
                  Cost.UNKNOWN,
                  new Calls(0, 0, 0),
                  0,
                  List.of(),
                  List.of(),
                  List.of(),
                  Duration.ofNanos(nanoTime.getAsLong() - start),
                  problem.map(Problem::status).orElse(200),
                  problem.map(Problem::name),
                  false,
                  Optional.empty(),
                  OptionalInt.of(erased)));
      write(record, deadline).ifPresent(failure -> log(record, failure));
    }
  }
}
