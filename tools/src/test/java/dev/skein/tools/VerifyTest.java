package dev.skein.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
  private static final String INTACT =
      """
      8 records proven, 0 of them erased; 0 not linked yet, 0 expired, 0 from before
      14 entries in 8 links of 2 chains; intact
      """;

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final TestTrail trail = TestTrail.small();

  @TempDir private Path folder;

  @Test
  void anIntactExportIsProvenAndItsHeadsArePrinted() throws IOException {
    assertThat(verify(trail.lines())).isZero();
    assertThat(output())
        .isEqualTo(INTACT + "head " + trail.head(0, 5) + "\nhead " + trail.head(1, 3) + "\n");
  }

  @Test
  void theFilesMayBeInAnyOrderAndOverlap() throws IOException {
    var lines = new ArrayList<>(trail.lines());
    lines.addAll(trail.lines().subList(2, 7));
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(lines, new Random(seed));
      screen.reset();

      assertThat(run(file("a", lines.subList(0, 5)), file("b", lines.subList(5, lines.size()))))
          .isZero();
      assertThat(output()).startsWith(INTACT.lines().findFirst().orElseThrow());
    }
  }

  @Test
  void anExportOfDynamoDbToS3IsRead() throws IOException {
    Path export = Files.createDirectories(folder.resolve("AWSDynamoDB/01/data"));
    Files.writeString(export.resolveSibling("manifest-summary.json"), "{\"version\":\"2020\"}");
    try (var gzip = new GZIPOutputStream(Files.newOutputStream(export.resolve("a.json.gz")))) {
      gzip.write(String.join("\n", trail.items()).getBytes(UTF_8));
    }

    assertThat(run(folder.resolve("AWSDynamoDB").toString())).isZero();
    assertThat(output()).startsWith(INTACT);
  }

  @Test
  void theOutputOfAScanIsRead() throws IOException {
    var scan = Json.object();
    var items = scan.putArray("Items");
    trail.items().forEach(it -> items.add(TestTrail.json(it).path("Item")));
    scan.put("Count", items.size());

    assertThat(verify(List.of(scan.toPrettyString()))).isZero();
    assertThat(output()).startsWith(INTACT);
    screen.reset();
    assertThat(verify(List.of(scan.toString()))).isZero();
    var response = Json.object().put("Count", 1);
    response.set("Items", items);
    assertThat(verify(List.of(response.toString()))).as("DynamoDB's own response").isZero();
  }

  /** One tampering of the exported lines, and what the verifier has to print about it. */
  private record Tampering(String name, Consumer<TestTrail> edit, List<String> findings) {
    Tampering(String name, Consumer<TestTrail> edit, String... findings) {
      this(name, edit, List.of(findings));
    }
  }

  private static final List<Tampering> TAMPERINGS =
      List.of(
          new Tampering(
              "a field of a record is edited",
              it -> it.record(2).put("user_id", "mallory"),
              "EDITED    record %2: the link 0:2 has another digest"),
          new Tampering(
              "a text of a record is edited",
              it -> it.record(2).put("response_preview", "another reply"),
              "EDITED    record %2: the link 0:2 has another digest"),
          new Tampering(
              "an unknown field is added to a record",
              it -> it.record(5).put("new", 1),
              "EDITED    record %5: the link 1:1 has another digest"),
          new Tampering(
              "a record's result is replaced by its intent",
              it -> it.records.put(Samples.id(3), Samples.intent(3)),
              "EDITED    record %3: it is an intent, but the link 0:3 has its result"),
          new Tampering(
              "an intent is given a result",
              it -> it.records.put(Samples.id(5), Samples.completed(5)),
              "INSERTED  record %5: no link has its result, only its intent"),
          new Tampering(
              "a record is deleted",
              it -> it.records.remove(Samples.id(6)),
              "DELETED   record %6: the link 1:2 has it"),
          new Tampering(
              "a record is inserted",
              it -> it.records.put(Samples.id(9), Samples.completed(9)),
              "INSERTED  record %9: no link has it"),
          new Tampering(
              "a record is inserted with a time of tomorrow",
              it -> it.records.put(Samples.id(86_400), Samples.intent(86_400)),
              "INSERTED  record %86400: no link has it"),
          new Tampering(
              "the contents of two records are swapped",
              it -> {
                ObjectNode first = it.record(1).deepCopy();
                it.records.put(Samples.id(1), it.record(3).put("audit_id", Samples.id(1)));
                it.records.put(Samples.id(3), first.put("audit_id", Samples.id(3)));
              },
              "EDITED    record %1: the link 0:2 has another digest",
              "EDITED    record %3: the link 0:3 has another digest"),
          new Tampering(
              "an entry of a link is edited",
              it -> it.link(0, 3).withArray("entries").set(0, it.link(0, 1).path("entries").get(0)),
              "EDITED    link 0:3: its hash is not that of its content",
              "UNPROVEN  record %3: no link has its result, only its intent; a deleted or edited"
                  + " one may have had it"),
          new Tampering(
              "a link is edited and given its new hash",
              it -> replace(it, 0, 2, it.parsed(0, 1).next(List.of(), Samples.TIME)),
              "EDITED    link 0:2: the link 3 continues another one",
              "UNPROVEN  record %2: no link has its result, only its intent; a deleted or edited"
                  + " one may have had it"),
          new Tampering(
              "a link is deleted",
              it -> it.links.remove(it.link(1, 2)),
              "DELETED   link 1:2: the link 3 follows",
              "UNPROVEN  record %6: no link has it; a deleted or edited one may have had it"),
          new Tampering(
              "a link is inserted",
              it -> it.links.add(it.parsed(0, 2).next(List.of(), Samples.TIME).toJson()),
              "FORKED    link 0:3: there are 2 of it"),
          new Tampering(
              "two links are swapped",
              it -> {
                it.link(0, 2).put("link", 99);
                it.link(0, 3).put("link", 2);
                it.link(0, 99).put("link", 3);
              },
              "EDITED    link 0:2: its hash is not that of its content",
              "EDITED    link 0:3: its hash is not that of its content"),
          new Tampering(
              "the beginning of a chain is cut",
              it -> it.links.removeAll(List.of(it.link(0, 1), it.link(0, 2))),
              "DELETED   link 0:1 to 2: the chain begins with the link 3"));

  @TestFactory
  Stream<DynamicTest> everyTamperingIsNamed() {
    return TAMPERINGS.stream()
        .map(
            it ->
                DynamicTest.dynamicTest(
                    it.name(),
                    () -> {
                      TestTrail edited = TestTrail.small();
                      it.edit().accept(edited);

                      assertThat(findingsOf(edited.lines())).containsAll(expected(it));
                      if (!it.name().contains("link") && !it.name().contains("chain")) {
                        assertThat(findingsOf(edited.lines())).hasSize(it.findings().size());
                      }
                      assertThat(findingsOf(edited.items())).containsAll(expected(it));
                    }));
  }

  private static List<String> expected(Tampering tampering) {
    return tampering.findings().stream()
        .map(
            it ->
                it.contains("%")
                    ? it.replaceFirst("%\\d+", Samples.id(Integer.parseInt(number(it))))
                    : it)
        .toList();
  }

  private static String number(String finding) {
    return finding.replaceFirst(".*%(\\d+).*", "$1");
  }

  @Test
  void itemsUnderEachOthersKeysAreReordered() throws IOException {
    var items = new ArrayList<>(trail.items());
    String first = items.getFirst();
    items.set(0, first.replace(pk(1), pk(2)));
    items.set(1, items.get(1).replace(pk(2), pk(1)));
    String sk = "\"sk\":{\"S\":\"00000000000";
    items.replaceAll(
        it ->
            !it.contains("\"pk\":{\"S\":\"#chain#1\"}")
                ? it
                : it.contains(sk + 1)
                    ? it.replace(sk + 1, sk + 2)
                    : it.contains(sk + 2) ? it.replace(sk + 2, sk + 1) : it);

    assertThat(findingsOf(items))
        .contains(
            "REORDERED record %s: its item holds the record %s"
                .formatted(Samples.id(1), Samples.id(2)),
            "REORDERED link item #chain#1#000000000002: it holds the link 1:1");
  }

  private static String pk(int number) {
    return "\"pk\":{\"S\":\"" + Samples.id(number) + "\"}";
  }

  @Test
  void anotherSpellingOfANumberIsNoTampering() throws IOException {
    var lines = new ArrayList<>(trail.lines());
    lines.replaceAll(it -> it.replace("\"latency_ms\":40", "\"latency_ms\":4.0E+1"));

    assertThat(verify(lines)).isZero();
  }

  @Test
  void anErasedRecordIsProvenAndCounted() throws IOException {
    ObjectNode erased = RecordDigest.erased(trail.record(3), "2026-11-28T11:00:00.000Z");
    trail.records.put(Samples.id(3), erased);

    assertThat(verify(trail.lines())).isZero();
    assertThat(output()).contains("8 records proven, 1 of them erased");
  }

  @Test
  void aCutTailIsFoundByAnAnchor() throws IOException {
    String anchor = trail.head(0, 5);
    trail.links.remove(trail.link(0, 5));
    trail.records.remove(Samples.id(7));

    assertThat(verify(trail.lines())).isZero();
    assertThat(findingsOf(trail.lines(), "--head", anchor))
        .containsExactly("DELETED   link 0:5: the anchor 0:5 is later");
  }

  @Test
  void aChainThatWasRewrittenFromALinkOnIsFoundByAnAnchorOfTheLog() throws IOException {
    String logged =
        IntStream.rangeClosed(1, 5)
            .mapToObj(it -> batchLine(trail.parsed(0, it)))
            .reduce("", (a, b) -> a + b + "\n");
    Path file = Files.writeString(folder.resolve("consumer.log"), logged);
    assertThat(verify(trail.lines(), "--anchors", file.toString())).isZero();
    ObjectNode edited = trail.record(3).put("user_id", "mallory");
    var link = trail.parsed(0, 2).next(List.of(ChainLink.Entry.of(edited)), Samples.TIME);
    replace(trail, 0, 3, link);
    link = link.next(entries(trail.parsed(0, 4)), Samples.TIME);
    replace(trail, 0, 4, link);
    replace(trail, 0, 5, link.next(entries(trail.parsed(0, 5)), Samples.TIME));

    assertThat(findingsOf(trail.lines(), "--anchors", file.toString()))
        .containsExactly(
            "REWRITTEN link 0:3: it is not the anchor: it or a link before it was replaced",
            "REWRITTEN link 0:4: it is not the anchor: it or a link before it was replaced",
            "REWRITTEN link 0:5: it is not the anchor: it or a link before it was replaced");
  }

  private static String batchLine(ChainLink link) {
    return "2026-11-28T10:00:00 {\"event\":\"audit_batch\",\"chain\":%d,\"link\":%d,\"sha256\":\"%s\"}"
        .formatted(link.chain(), link.link(), link.sha256());
  }

  private static List<ChainLink.Entry> entries(ChainLink link) {
    return link.entries().stream().map(it -> ChainLink.Entry.parse(it).orElseThrow()).toList();
  }

  private static void replace(TestTrail trail, int chain, long number, ChainLink by) {
    trail.links.replaceAll(it -> it.equals(trail.link(chain, number)) ? by.toJson() : it);
  }

  @Test
  void aDeletedChainIsFoundByAnAnchor() throws IOException {
    String anchor = trail.head(1, 3);
    trail.links.removeIf(it -> it.path("chain").intValue() == 1);

    assertThat(findingsOf(trail.lines(), "--head", anchor))
        .contains("DELETED   chain 1: the anchor 1:3 is one of its links");
  }

  @Test
  void aRecordThatIsNotLinkedYetIsCounted() throws IOException {
    ObjectNode young = Samples.intent(125 * 60);
    trail.records.put(Samples.id(125 * 60), young);

    assertThat(verify(trail.lines())).isZero();
    assertThat(output()).contains("1 not linked yet");
    assertThat(findingsOf(trail.lines(), "--settling", "1")).isEmpty();
    trail.records.put(Samples.id(100 * 60), Samples.intent(100 * 60));
    assertThat(findingsOf(trail.lines())).hasSize(1);
    assertThat(findingsOf(trail.lines(), "--settling", "60")).isEmpty();
  }

  @Test
  void recordsAndLinksThatHaveExpiredAreNotDeleted() throws IOException {
    trail.link(0, Samples.TIME.plus(Duration.ofDays(29)), List.of(Samples.intent(10)));
    trail.records.remove(Samples.id(1));
    trail.links.remove(trail.link(0, 1));

    assertThat(verify(trail.items())).isZero();
    assertThat(output()).contains("1 expired");
    assertThat(findingsOf(trail.items(), "--retention-days", "365")).isNotEmpty();
  }

  @Test
  void recordsFromBeforeTheChainWasTurnedOnAreCounted() throws IOException {
    trail.records.put(Samples.id(9), Samples.completed(9));

    assertThat(verify(trail.lines(), "--since", "2026-11-28T10:30:00.000Z")).isZero();
    assertThat(output()).contains("1 from before");
  }

  @Test
  void aFileThatIsNoExportIsNamedWithoutItsText() throws IOException {
    assertThat(verify(List.of(trail.lines().getFirst(), "a secret"))).isEqualTo(2);
    assertThat(verify(List.of("{\"records\":[{\"a\":\"secret\"}]}"))).isEqualTo(2);
    assertThat(verify(List.of(trail.lines().getFirst().substring(0, 99)))).isEqualTo(2);
    assertThat(run(folder.resolve("absent").toString())).isEqualTo(2);
    assertThat(verify(List.of())).isEqualTo(2);
    assertThat(output())
        .contains("export:2 is not a line of an export")
        .contains("there is no file ")
        .contains("the export has no record and no link")
        .doesNotContain("secret");
  }

  @Test
  void aHundredThousandRecordsAreVerifiedInTenSeconds() throws IOException {
    var large = new TestTrail();
    var batch = new ArrayList<ObjectNode>();
    for (int i = 0; i < 100_000; i++) {
      batch.add(Samples.intent(i));
      batch.add(Samples.completed(i));
      if (batch.size() == 20) {
        large.link(i % 8, Samples.TIME.plusSeconds(i), batch);
        batch.clear();
      }
    }
    String file = file("export", large.lines());
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();

    assertThat(run(file)).isZero();
    // The time of this thread, because a test has no machine for itself.
    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start))
        .isLessThan(Duration.ofSeconds(10));
    assertThat(output()).startsWith("100000 records proven").contains("200000 entries in 10000");
  }

  private List<String> findingsOf(List<String> lines, String... options) throws IOException {
    screen.reset();
    int code = verify(lines, options);
    var findings = output().lines().filter(it -> it.matches("[A-Z]{6,} .*")).toList();
    assertThat(code).as(output()).isEqualTo(findings.isEmpty() ? 0 : 1);
    return findings;
  }

  private int verify(List<String> lines, String... options) throws IOException {
    var arguments = new ArrayList<>(Arrays.asList(options));
    arguments.add(file("export", lines));
    return run(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    var out = new PrintStream(screen, true, UTF_8);
    var main =
        new Main(
            new ByteArrayInputStream(new byte[0]), out, new Progress(out, false, () -> 0), _ -> {});
    var all = new ArrayList<>(List.of("verify"));
    all.addAll(List.of(arguments));
    return main.run(all);
  }

  private String file(String name, List<String> lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines)).toString();
  }

  private String output() {
    return screen.toString(UTF_8);
  }
}
