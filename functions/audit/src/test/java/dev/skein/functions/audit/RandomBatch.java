package dev.skein.functions.audit;

import static dev.skein.functions.audit.Samples.completed;
import static dev.skein.functions.audit.Samples.intent;
import static dev.skein.functions.audit.Samples.message;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.api.testing.FakeContext;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.CanonicalJson;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.base.Json;
import dev.skein.base.Log;
import dev.skein.base.MalformedJsonException;
import dev.skein.functions.audit.FaultyTable.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * A random batch with random faults. Which call fails depends on the seed and the record alone, so
 * that a seed repeats its faults whatever the threads do.
 */
final class RandomBatch {
  private static final TableConfig CONFIG = new TableConfig("audit", Duration.ofDays(365), 1);

  private static final List<Fault> FAULTS = List.of(Fault.values());

  /** What must happen to a message. */
  private enum Fate {
    STORED,
    FAILED,
    /** Another message has its id with another record, or the table failed too often. */
    EITHER
  }

  /**
   * A message of the batch.
   *
   * @param id null if it has none
   * @param record null if it is poison
   */
  private record Sent(@Nullable String id, @Nullable AuditRecord record, ObjectNode json) {
    @Override
    public String toString() {
      return "%s with %s".formatted(id, record == null ? "poison" : record.auditId());
    }
  }

  private final Random random;
  private final long seed;
  private final MemoryTable table = new MemoryTable();
  private final List<Sent> batch = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private final boolean isFaulty;
  private final boolean isLinkFailing;
  private final boolean isShardCountFailing;

  RandomBatch(long seed) {
    // Neighbouring seeds begin with similar numbers.
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.seed = seed;
    this.isFaulty = random.nextBoolean();
    this.isLinkFailing = random.nextInt(10) == 0;
    this.isShardCountFailing = random.nextInt(50) == 0;
    int size = random.nextInt(13);
    for (int n = 0; n < size; n++) {
      batch.add(sent(n));
    }
  }

  private Sent sent(int n) {
    String id =
        switch (random.nextInt(20)) {
          case 0 -> null;
          case 1 -> "";
          case 2 -> "m0";
          default -> "m" + n;
        };
    if (random.nextInt(5) == 0) {
      String body =
          random.nextInt(4) == 0
              ? null
              : PoisonTest.BODIES.get(random.nextInt(12)); // those without long bodies
      return new Sent(id, null, message(id, body));
    }
    String user = random.nextInt(12) == 0 ? "bob" : "ann";
    AuditRecord intent = intent("a" + random.nextInt(6), Samples.NOON, user);
    AuditRecord record = random.nextBoolean() ? intent : completed(intent);
    return new Sent(id, record, message(id, Samples.body(record)));
  }

  /** Consumes the batch; returns what was wrong with the response. */
  List<String> faults() {
    var consumer =
        new AuditConsumerFunction(
            new Composition(
                new FaultyTable(table, this::fault),
                CONFIG,
                new Log(InstantSource.system(), _ -> {})),
            System::nanoTime);
    try {
      check(response(consumer));
    } catch (IOException | MalformedJsonException | RuntimeException e) {
      faults.add("thrown: " + e);
    }
    return faults;
  }

  private List<String> response(AuditConsumerFunction consumer)
      throws IOException, MalformedJsonException {
    var event = Json.object();
    event.putArray("Records").addAll(batch.stream().map(Sent::json).toList());
    var response = new ByteArrayOutputStream();
    consumer.handleRequest(
        new ByteArrayInputStream(Json.STRICT.writeUtf8(event)),
        response,
        new FakeContext(Duration.ofSeconds(30)));
    return Json.STRICT
        .parse(new ByteArrayInputStream(response.toByteArray()))
        .path("batchItemFailures")
        .valueStream()
        .map(failure -> failure.path("itemIdentifier").textValue())
        .toList();
  }

  private Fault fault(Object request) {
    if (request instanceof UpdateItemRequest) {
      return isShardCountFailing ? Fault.UNREACHABLE : Fault.NONE;
    }
    if (!(request instanceof PutItemRequest put)) {
      return Fault.NONE;
    }
    return put.item().containsKey("audit_id")
        ? fault(AuditItem.record(put.item()))
        : isLinkFailing ? Fault.THROTTLED : Fault.NONE;
  }

  private Fault fault(ObjectNode record) {
    String key = seed + record.path("audit_id").asText() + record.path("phase").asText();
    int chance = Math.floorMod(key.hashCode() * 0x9E3779B9, 30);
    return isFaulty && chance < FAULTS.size() ? FAULTS.get(chance) : Fault.NONE;
  }

  private void check(List<String> response) {
    var unique = new HashSet<>(response);
    expect(unique.size() == response.size(), "an id twice");
    Set<String> ids = new HashSet<>();
    batch.forEach(it -> ids.add(it.id() == null ? "" : it.id()));
    expect(ids.containsAll(unique), "an id that is not in the event");
    boolean isLinkNeeded = batch.stream().anyMatch(it -> fate(it) != Fate.FAILED);
    for (Sent message : batch) {
      String id = message.id() == null ? "" : message.id();
      boolean isReported = unique.contains(id);
      boolean isKept = isReported || unique.contains("");
      Fate fate = isLinkNeeded && isLinkFailing ? Fate.EITHER : fate(message);
      expect(fate != Fate.FAILED || isKept, "not reported: " + message);
      expect(isKept || isStoredAndLinked(message), "acknowledged and not stored: " + message);
      boolean sharesId =
          batch.stream().filter(it -> id.equals(it.id() == null ? "" : it.id())).count() > 1;
      expect(fate != Fate.STORED || sharesId || !isReported, "reported and yet stored: " + message);
    }
  }

  private Fate fate(Sent message) {
    if (message.record() == null || isShardCountFailing) {
      return Fate.FAILED;
    }
    var record = message.record().toJson();
    boolean hasConflict =
        batch.stream()
            .map(Sent::record)
            .anyMatch(
                it ->
                    it != null
                        && it.auditId().equals(message.record().auditId())
                        && !it.userId().equals(message.record().userId()));
    long failing =
        batch.stream()
            .filter(it -> it.record() != null && fault(it.record().toJson()) != Fault.NONE)
            .count();
    if (hasConflict || failing >= BatchWriter.MAX_CONSECUTIVE_FAILURES) {
      return Fate.EITHER;
    }
    return switch (fault(record)) {
      case NONE, REPEATED -> Fate.STORED;
      // If a copy or the other phase was first, the response that says so is not lost.
      case RESPONSE_LOST -> isAlone(message) ? Fate.FAILED : Fate.EITHER;
      case THROTTLED, UNREACHABLE, EXCEPTION, ERROR -> Fate.FAILED;
    };
  }

  private boolean isAlone(Sent message) {
    AuditRecord record = Objects.requireNonNull(message.record());
    long same =
        batch.stream()
            .map(Sent::record)
            .filter(it -> it != null && it.auditId().equals(record.auditId()))
            .count();
    return same == 1;
  }

  private boolean isStoredAndLinked(Sent message) {
    if (message.record() == null) {
      return false;
    }
    var sent = message.record().toJson();
    var item = table.records().get(message.record().auditId());
    if (item == null) {
      return false;
    }
    var stored = AuditItem.record(item);
    boolean isSame =
        CanonicalJson.write(stored).equals(CanonicalJson.write(sent))
            || (!AuditRecord.isCompleted(sent)
                && stored.path("user_id").equals(sent.path("user_id"))
                && AuditRecord.isCompleted(stored));
    return isSame && isLinked(sent, stored);
  }

  private boolean isLinked(ObjectNode sent, ObjectNode stored) {
    var entries = ChainCheck.entriesOf(table.links());
    return entries.contains(Entry.of(sent).toText()) || entries.contains(Entry.of(stored).toText());
  }

  private void expect(boolean holds, String otherwise) {
    if (!holds) {
      faults.add(otherwise);
    }
  }
}
