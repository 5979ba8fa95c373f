package dev.skein.tools;

import dev.skein.audit.AuditRecord;
import dev.skein.tools.Export.Linked;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Checks an export of the audit table against its hash chains.
 *
 * @param anchors links that the export must have
 * @param settling how long before the newest link a record may be without one
 * @param retention empty to read it from the export
 * @param since records without a link from before this time are fine
 * @param now the present time
 */
record Verify(
    List<Anchor> anchors,
    Duration settling,
    Optional<Duration> retention,
    Instant since,
    Instant now) {

  /** The default of {@code AUDIT_RETENTION_DAYS}. */
  private static final Duration DEFAULT_RETENTION = Duration.ofDays(365);

  /**
   * Reads the options and the anchors.
   *
   * @throws ToolException if one is invalid
   */
  static Verify of(Arguments options, InputStream standard, Instant now) throws ToolException {
    var anchors = new ArrayList<Anchor>();
    for (String head : options.all("--head")) {
      anchors.add(Anchor.parse(head));
    }
    for (String file : Inputs.files(options.all("--anchors"))) {
      int before = anchors.size();
      read(file, standard, (_, line) -> Anchor.in(line).ifPresent(anchors::add));
      if (anchors.size() == before) {
        throw new ToolException("there is no event audit_batch with a link in " + file);
      }
    }
    Optional<Duration> retention =
        options.last("--retention-days").isPresent()
            ? Optional.of(Duration.ofDays(options.count("--retention-days", 1)))
            : Optional.empty();
    String since = options.last("--since").orElse("1970-01-01T00:00:00.000Z");
    return new Verify(
        anchors,
        Duration.ofMinutes(options.count("--settling", 15)),
        retention,
        AuditRecord.parseTimestamp(since)
            .orElseThrow(() -> new ToolException("--since must be like 2026-11-28T10:00:00.000Z")),
        now);
  }

  /**
   * Reads the files and prints what is wrong, what is not, and the heads of the chains.
   *
   * @return whether the export is intact
   * @throws ToolException if a file cannot be read or is no export
   */
  boolean run(List<String> files, InputStream standard, PrintStream out, Progress progress)
      throws ToolException {
    var export = new Export();
    for (String file : files) {
      read(
          file,
          standard,
          (number, line) -> {
            add(file, number, line, export);
            progress.update(() -> "%d records read".formatted(export.records.size()));
          });
    }
    progress.end();
    if (export.records.isEmpty() && export.chains.isEmpty()) {
      throw new ToolException("the export has no record and no link");
    }
    var findings = new ArrayList<Finding>(export.findings);
    var expiry = expiry(export);
    findings.addAll(chainFindings(export, expiry));
    var records = new RecordCheck(export, expiry, since, findings.isEmpty());
    findings.addAll(records.findings());
    findings.forEach(out::println);
    summarize(export, records, findings.size(), out);
    return findings.isEmpty();
  }

  private static void read(String file, InputStream standard, Lines.Receiver to)
      throws ToolException {
    try (BufferedReader text = Inputs.open(file, standard)) {
      Lines.read(text, to);
    } catch (IOException e) {
      throw Inputs.unreadable(file, e);
    }
  }

  private static void add(String file, long number, String line, Export export)
      throws ToolException {
    try {
      if (!line.isBlank()) {
        export.add(ExportItem.read(line));
      }
    } catch (UnreadableException e) {
      throw new ToolException("%s:%d %s".formatted(file, number, e.getMessage()));
    }
  }

  private Expiry expiry(Export export) {
    Instant newest =
        links(export)
            .filter(Linked::intact)
            .map(Linked::writtenAt)
            .filter(time -> !isFuture(time))
            .max(Comparator.naturalOrder())
            .orElse(Instant.EPOCH);
    Duration kept =
        retention.orElse(export.retention().isZero() ? DEFAULT_RETENTION : export.retention());
    return new Expiry(newest, settling, kept);
  }

  private boolean isFuture(Instant time) {
    return time.isAfter(now.plus(settling));
  }

  private List<Finding> chainFindings(Export export, Expiry expiry) {
    var findings = new ArrayList<Finding>();
    export.chains.forEach(
        (chain, links) -> findings.addAll(ChainCheck.findings(chain, links, anchors, expiry)));
    // It would make everything before it look expired.
    links(export)
        .filter(link -> link.intact() && isFuture(link.writtenAt()))
        .map(link -> new Finding(Finding.Kind.INSERTED, link.name(), "its time is in the future"))
        .forEach(findings::add);
    anchors.stream()
        .filter(anchor -> !export.chains.containsKey(anchor.chain()))
        .max(Comparator.comparingLong(Anchor::link))
        .ifPresent(
            anchor ->
                findings.add(
                    new Finding(
                        Finding.Kind.DELETED,
                        "chain " + anchor.chain(),
                        "the anchor %d:%d is one of its links"
                            .formatted(anchor.chain(), anchor.link()))));
    return findings;
  }

  private static void summarize(Export export, RecordCheck records, int findings, PrintStream out) {
    out.printf(
        "%d records proven, %d of them erased; %d not linked yet, %d expired, %d from before%n",
        records.proven, records.erased, records.settling, records.expired, records.before);
    out.printf(
        "%d entries in %d links of %d chains; %s%n",
        export.entryCount,
        links(export).count(),
        export.chains.size(),
        findings == 0 ? "intact" : findings + (findings == 1 ? " finding" : " findings"));
    for (TreeMap<Long, List<Linked>> links : export.chains.values()) {
      var head = links.lastEntry().getValue().getFirst().head();
      out.printf("head %d:%d:%s%n", head.chain(), head.link(), head.sha256());
    }
  }

  private static Stream<Linked> links(Export export) {
    return export.chains.values().stream()
        .flatMap(links -> links.values().stream())
        .flatMap(List::stream);
  }
}
