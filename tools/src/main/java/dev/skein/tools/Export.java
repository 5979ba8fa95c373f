package dev.skein.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.AuditRecord;
import dev.skein.audit.ChainLink;
import dev.skein.audit.RecordDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a verification keeps of an export: of each record and each entry of a link the digest, and
 * of each link its hashes, which is about 500 bytes for a record with its intent and its result.
 * Items may be added in any order. Not thread-safe.
 */
final class Export {

  /**
   * A record.
   *
   * @param time when its last message was sent: the request's time, and its latency once completed
   */
  record Stored(Digest digest, boolean completed, boolean erased, Instant time) {}

  /** A link, without its entries. */
  record Linked(ChainLink head, boolean intact, Instant writtenAt) {
    String name() {
      return Finding.link(head.chain(), head.link());
    }

    /** Whether both are intact and the same, given that the other one is intact. */
    boolean isCopy(ChainLink other) {
      return intact && head.sha256().equals(other.sha256());
    }
  }

  /** An entry of a link: which digest it has of a record. */
  record Entry(Linked link, Digest digest, boolean completed) {}

  final Map<String, Stored> records = new HashMap<>();
  final Map<String, List<Entry>> entries = new HashMap<>();
  final Map<Integer, TreeMap<Long, List<Linked>>> chains = new TreeMap<>();
  final List<Finding> findings = new ArrayList<>();
  long entryCount;
  private Duration retention = Duration.ZERO;

  /** The longest time until an item of the export expires; zero if it does not have these times. */
  Duration retention() {
    return retention;
  }

  void add(ExportItem item) {
    switch (item) {
      case ExportItem.StoredRecord(ObjectNode json, String key, OptionalLong expiresAt) ->
          addRecord(json, key, expiresAt);
      case ExportItem.Link link -> addLink(link);
      case ExportItem.BrokenLink(String key) ->
          add(Finding.Kind.EDITED, "link item " + key, "it cannot be read as a link");
      case ExportItem.Other _ -> {}
    }
  }

  private void addRecord(ObjectNode json, String key, OptionalLong expiresAt) {
    String auditId = json.path("audit_id").asText();
    if (!auditId.equals(key)) {
      add(Finding.Kind.REORDERED, Finding.record(key), "its item holds the record " + auditId);
    }
    Instant time = time(json.path("timestamp").asText());
    retain(time, expiresAt);
    var record =
        new Stored(
            Digest.of(RecordDigest.of(json)),
            AuditRecord.isCompleted(json),
            json.has(RecordDigest.ERASED_AT),
            time.plusMillis(Math.max(0, json.path("latency_ms").asLong(0))));
    Stored other = records.putIfAbsent(key, record);
    if (other != null && !other.digest().equals(record.digest())) {
      if (other.completed() == record.completed()) {
        add(Finding.Kind.EDITED, Finding.record(key), "the export has it twice, with a difference");
      } else if (record.completed()) {
        // Files that were exported one after the other: the result has replaced the intent.
        records.put(key, record);
      }
    }
  }

  private void addLink(ExportItem.Link item) {
    ChainLink link = item.link();
    String key = ExportItem.key(link);
    if (!item.key().orElse(key).equals(key)) {
      add(
          Finding.Kind.REORDERED,
          "link item " + item.key().get(),
          "it holds the link %d:%d".formatted(link.chain(), link.link()));
    }
    Instant writtenAt = time(link.writtenAt());
    retain(writtenAt, item.expiresAt());
    var same =
        chains
            .computeIfAbsent(link.chain(), _ -> new TreeMap<>())
            .computeIfAbsent(link.link(), _ -> new ArrayList<>(1));
    boolean intact = link.isIntact();
    if (intact && same.stream().anyMatch(it -> it.isCopy(link))) {
      return;
    }
    var linked =
        new Linked(
            new ChainLink(
                link.chain(),
                link.link(),
                link.previous(),
                List.of(),
                link.writtenAt(),
                link.sha256()),
            intact,
            writtenAt);
    same.add(linked);
    link.entries().forEach(text -> addEntry(linked, text));
  }

  private void addEntry(Linked link, String text) {
    entryCount++;
    ChainLink.Entry.parse(text)
        .filter(entry -> entry.sha256().matches("[0-9a-f]{64}"))
        .ifPresent(
            entry ->
                entries
                    .computeIfAbsent(entry.auditId(), _ -> new ArrayList<>(2))
                    .add(
                        new Entry(
                            link, Digest.of(entry.sha256()), entry.phase().equals("completed"))));
  }

  private void add(Finding.Kind kind, String what, String reason) {
    findings.add(new Finding(kind, what, reason));
  }

  private void retain(Instant time, OptionalLong expiresAt) {
    expiresAt.ifPresent(
        seconds -> {
          var left = Duration.between(time, Instant.ofEpochSecond(seconds));
          retention = left.compareTo(retention) > 0 ? left : retention;
        });
  }

  /** An edited time is the reason for a finding, not for ending the verification. */
  private static Instant time(String text) {
    return AuditRecord.parseTimestamp(text).orElse(Instant.EPOCH);
  }
}
