package dev.skein.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.RecordDigest;
import dev.skein.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
  private static final int RECORDS = Integer.getInteger("skein.verified.records", 10_000);

  private static final String INTACT =
      """
      8 records proven, 0 of them erased; 0 not linked yet, 0 expired, 0 from before
      14 entries in 8 links of 2 chains; intact
      """;

  private final TestTrail trail = TestTrail.small();
  private final Path folder;
  private final VerifyRun verify;

  VerifyTest(@TempDir Path folder) {
    this.folder = folder;
    this.verify = new VerifyRun(folder);
  }

  @Test
  void anIntactExportIsProvenAndItsHeadsArePrinted() throws IOException {
    assertThat(verify.verify(trail.lines())).isZero();
    assertThat(verify.output())
        .isEqualTo(INTACT + "head " + trail.head(0, 5) + "\nhead " + trail.head(1, 3) + "\n");
  }

  @Test
  void theFilesMayBeInAnyOrderAndOverlap() throws IOException {
    var lines = new ArrayList<>(trail.lines());
    lines.addAll(trail.lines().subList(2, 7));
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(lines, new Random(seed));
      assertThat(
              verify.run(
                  verify.file("a", lines.subList(0, 5)),
                  verify.file("b", lines.subList(5, lines.size()))))
          .isZero();
      assertThat(verify.output()).startsWith(INTACT.lines().findFirst().orElseThrow());
    }
  }

  @Test
  void anExportOfDynamoDbToS3IsRead() throws IOException {
    Path export = Files.createDirectories(folder.resolve("AWSDynamoDB/01/data"));
    Files.writeString(export.resolveSibling("manifest-summary.json"), "{\"version\":\"2020\"}");
    try (var gzip = new GZIPOutputStream(Files.newOutputStream(export.resolve("a.json.gz")))) {
      gzip.write(String.join("\n", trail.items()).getBytes(UTF_8));
    }

    assertThat(verify.run(folder.resolve("AWSDynamoDB").toString())).isZero();
    assertThat(verify.output()).startsWith(INTACT);
  }

  @Test
  void theOutputOfAScanIsRead() throws IOException {
    var scan = Json.object();
    var items = scan.putArray("Items");
    trail.items().forEach(it -> items.add(TestTrail.json(it).path("Item")));
    scan.put("Count", items.size());

    assertThat(verify.verify(List.of(scan.toPrettyString()))).isZero();
    assertThat(verify.output()).startsWith(INTACT);
    assertThat(verify.verify(List.of(scan.toString()))).isZero();
    var response = Json.object().put("Count", 1);
    response.set("Items", items);
    assertThat(verify.verify(List.of(response.toString()))).as("DynamoDB's own response").isZero();
  }

  @Test
  void anotherSpellingOfANumberIsNoTampering() throws IOException {
    var lines = new ArrayList<>(trail.lines());
    lines.replaceAll(it -> it.replace("\"latency_ms\":40", "\"latency_ms\":4.0E+1"));

    assertThat(verify.verify(lines)).isZero();
  }

  @Test
  void anErasedRecordIsProvenAndCounted() throws IOException {
    ObjectNode erased = RecordDigest.erased(trail.record(3), "2026-11-28T11:00:00.000Z");
    trail.records.put(Samples.id(3), erased);

    assertThat(verify.verify(trail.lines())).isZero();
    assertThat(verify.output()).contains("8 records proven, 1 of them erased");
  }

  @Test
  void aRecordThatIsNotLinkedYetIsCounted() throws IOException {
    ObjectNode young = Samples.intent(125 * 60);
    trail.records.put(Samples.id(125 * 60), young);

    assertThat(verify.verify(trail.lines())).isZero();
    assertThat(verify.output()).contains("1 not linked yet");
    assertThat(verify.findingsOf(trail.lines(), "--settling", "1")).isEmpty();
    trail.records.put(Samples.id(100 * 60), Samples.intent(100 * 60));
    assertThat(verify.findingsOf(trail.lines())).hasSize(1);
    assertThat(verify.findingsOf(trail.lines(), "--settling", "60")).isEmpty();
  }

  @Test
  void recordsAndLinksThatHaveExpiredAreNotDeleted() throws IOException {
    trail.link(0, Samples.TIME.plus(Duration.ofDays(29)), List.of(Samples.intent(10)));
    trail.records.remove(Samples.id(1));
    trail.links.remove(trail.link(0, 1));

    assertThat(verify.verify(trail.items())).isZero();
    assertThat(verify.output()).contains("1 expired");
    assertThat(verify.findingsOf(trail.items(), "--retention-days", "365")).isNotEmpty();
  }

  @Test
  void recordsFromBeforeTheChainWasTurnedOnAreCounted() throws IOException {
    trail.records.put(Samples.id(9), Samples.completed(9));

    assertThat(verify.verify(trail.lines(), "--since", "2026-11-28T10:30:00.000Z")).isZero();
    assertThat(verify.output()).contains("1 from before");
  }

  @Test
  void aFileThatIsNoExportIsNamedWithoutItsText() throws IOException {
    assertUnreadable("export:2 is not a line of an export", trail.lines().getFirst(), "a secret");
    assertUnreadable("export:1 is not a line of an export", "{\"records\":[{\"a\":\"secret\"}]}");
    assertUnreadable("export:1 is not", trail.lines().getFirst().substring(0, 99));
    assertUnreadable("the export has no record and no link");
    assertThat(verify.run(folder.resolve("absent").toString())).isEqualTo(2);
    assertThat(verify.output()).contains("there is no file ");
  }

  private void assertUnreadable(String message, String... lines) throws IOException {
    assertThat(verify.verify(List.of(lines))).isEqualTo(2);
    assertThat(verify.output()).contains(message).doesNotContain("secret");
  }

  @Test
  void aCutFileIsNamedAsCut() throws IOException {
    Path file = folder.resolve("export.gz");
    try (var gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
      gzip.write(String.join("\n", trail.lines()).getBytes(UTF_8));
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 20));

    assertThat(verify.run(file.toString())).isEqualTo(2);
    assertThat(verify.output()).contains("export.gz cannot be read: it is cut off");
  }

  @Test
  void aLargeExportIsVerified() throws IOException {
    var large = new TestTrail();
    var batch = new ArrayList<ObjectNode>();
    for (int i = 0; i < RECORDS; i++) {
      batch.add(Samples.intent(i));
      batch.add(Samples.completed(i));
      if (batch.size() == 20) {
        large.link(i % 8, Samples.TIME.plusSeconds(i), batch);
        batch.clear();
      }
    }
    String file = verify.file("export", large.lines());

    assertThat(verify.run(file)).isZero();
    assertThat(verify.output())
        .startsWith(RECORDS + " records proven")
        .contains(2 * RECORDS + " entries in " + RECORDS / 10);
  }
}
