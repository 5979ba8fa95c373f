package dev.skein.tools;

import dev.skein.tools.Export.Entry;
import dev.skein.tools.Export.Stored;
import dev.skein.tools.Finding.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Compares the records of an export with the entries of its links. */
final class RecordCheck {
  private final Export export;
  private final Expiry expiry;
  private final Instant since;
  private final boolean chainsAreWhole;
  private final List<Finding> findings = new ArrayList<>();

  long proven;
  long erased;
  long settling;
  long expired;
  long before;

  /**
   * @param since records from before may have no link
   * @param chainsAreWhole whether no link is deleted or edited
   */
  RecordCheck(Export export, Expiry expiry, Instant since, boolean chainsAreWhole) {
    this.export = export;
    this.expiry = expiry;
    this.since = since;
    this.chainsAreWhole = chainsAreWhole;
  }

  /** What is wrong with the records, in the order of their IDs; counts those that are fine. */
  List<Finding> findings() {
    export.records.forEach(
        (id, record) -> check(id, record, export.entries.getOrDefault(id, List.of())));
    export.entries.forEach(
        (id, entries) -> {
          if (!export.records.containsKey(id)) {
            checkMissing(id, entries);
          }
        });
    findings.sort(Comparator.comparing(Finding::what));
    return findings;
  }

  private void check(String id, Stored record, List<Entry> all) {
    var entries = all.stream().filter(it -> it.link().intact()).toList();
    if (entries.isEmpty()) {
      unlinked(id, record, "no link has it");
      return;
    }
    var results = entries.stream().filter(Entry::completed).toList();
    if (record.completed() && results.isEmpty()) {
      unlinked(id, record, "no link has its result, only its intent");
    } else if (!record.completed() && !results.isEmpty()) {
      withoutResult(id, results);
    } else {
      compare(id, record, record.completed() ? results : entries);
    }
  }

  private void compare(String id, Stored record, List<Entry> entries) {
    var other = entries.stream().filter(it -> !it.digest().equals(record.digest())).findFirst();
    if (other.isPresent()) {
      add(Kind.EDITED, id, "the %s has another digest".formatted(other.get().link().name()));
      return;
    }
    proven++;
    erased += record.erased() ? 1 : 0;
  }

  /** The files of an export may be older than its links. */
  private void withoutResult(String id, List<Entry> results) {
    Entry last = results.getLast();
    if (expiry.isSettling(last.link().writtenAt())) {
      settling++;
    } else {
      add(
          Kind.EDITED,
          id,
          "it is an intent, but the %s has its result".formatted(last.link().name()));
    }
  }

  private void unlinked(String id, Stored record, String reason) {
    if (expiry.isSettling(record.time())) {
      settling++;
    } else if (record.time().isBefore(since)) {
      before++;
    } else if (expiry.hasExpired(record.time())) {
      expired++;
    } else if (chainsAreWhole) {
      add(Kind.INSERTED, id, reason);
    } else {
      add(Kind.UNPROVEN, id, reason + "; a deleted or edited one may have had it");
    }
  }

  private void checkMissing(String id, List<Entry> all) {
    Optional<Entry> first =
        all.stream()
            .filter(it -> it.link().intact())
            .min(Comparator.comparing((Entry it) -> it.link().writtenAt()));
    if (first.isEmpty()) {
      return;
    }
    Instant writtenAt = first.get().link().writtenAt();
    if (expiry.isSettling(writtenAt)) {
      settling++;
    } else if (expiry.hasExpired(writtenAt)) {
      expired++;
    } else {
      add(Kind.DELETED, id, "the %s has it".formatted(first.get().link().name()));
    }
  }

  private void add(Kind kind, String id, String reason) {
    findings.add(new Finding(kind, Finding.record(id), reason));
  }
}
