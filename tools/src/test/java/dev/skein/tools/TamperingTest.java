package dev.skein.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class TamperingTest {
  private final TestTrail trail = TestTrail.small();
  private final Path folder;
  private final VerifyRun verify;

  TamperingTest(@TempDir Path folder) {
    this.folder = folder;
    this.verify = new VerifyRun(folder);
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
              "a link is repeated with other entries and the same hash",
              it -> {
                var copy = it.link(0, 2).deepCopy();
                copy.withArray("entries").remove(0);
                it.links.add(copy);
              },
              "EDITED    link 0:2: its hash is not that of its content",
              "FORKED    link 0:2: there are 2 of it"),
          new Tampering(
              "a link loses its hash",
              it -> it.link(0, 2).remove("sha256"),
              "EDITED    link item #chain#0#000000000002: it cannot be read as a link",
              "DELETED   link 0:2: the link 3 follows"),
          new Tampering(
              "a link is inserted at the end with a time in the future",
              it -> {
                it.records.remove(Samples.id(6));
                var future = Samples.TIME.plus(Duration.ofDays(3650));
                it.links.add(it.parsed(0, 5).next(List.of(), future).toJson());
              },
              "DELETED   record %6: the link 1:2 has it",
              "INSERTED  link 0:6: its time is in the future"),
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

                      assertThat(verify.findingsOf(edited.lines())).containsAll(expected(it));
                      if (!it.name().contains("link") && !it.name().contains("chain")) {
                        assertThat(verify.findingsOf(edited.lines())).hasSize(it.findings().size());
                      }
                      assertThat(verify.findingsOf(edited.items())).containsAll(expected(it));
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

    assertThat(verify.findingsOf(items))
        .contains(
            "REORDERED record %s: its item holds the record %s"
                .formatted(Samples.id(1), Samples.id(2)),
            "REORDERED link item #chain#1#000000000002: it holds the link 1:1");
  }

  private static String pk(int number) {
    return "\"pk\":{\"S\":\"" + Samples.id(number) + "\"}";
  }

  @Test
  void aCutTailIsFoundByAnAnchor() throws IOException {
    String anchor = trail.head(0, 5);
    trail.links.remove(trail.link(0, 5));
    trail.records.remove(Samples.id(7));

    assertThat(verify.verify(trail.lines())).isZero();
    assertThat(verify.findingsOf(trail.lines(), "--head", anchor))
        .containsExactly("DELETED   link 0:5: the anchor 0:5 is later");
  }

  @Test
  void aChainThatWasRewrittenFromALinkOnIsFoundByAnAnchorOfTheLog() throws IOException {
    String logged =
        IntStream.rangeClosed(1, 5)
            .mapToObj(it -> batchLine(trail.parsed(0, it)))
            .reduce("", (a, b) -> a + b + "\n");
    Path file = Files.writeString(folder.resolve("consumer.log"), logged);
    assertThat(verify.verify(trail.lines(), "--anchors", file.toString())).isZero();
    ObjectNode edited = trail.record(3).put("user_id", "mallory");
    var link = trail.parsed(0, 2).next(List.of(ChainLink.Entry.of(edited)), Samples.TIME);
    replace(trail, 0, 3, link);
    link = link.next(entries(trail.parsed(0, 4)), Samples.TIME);
    replace(trail, 0, 4, link);
    replace(trail, 0, 5, link.next(entries(trail.parsed(0, 5)), Samples.TIME));

    assertThat(verify.findingsOf(trail.lines(), "--anchors", file.toString()))
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

    assertThat(verify.findingsOf(trail.lines(), "--head", anchor))
        .contains("DELETED   chain 1: the anchor 1:3 is one of its links");
  }

  @Test
  void anEditedItemDoesNotEndTheVerification() throws IOException {
    String key = "\"sk\":{\"S\":\"000000000002\"}";
    var items = new ArrayList<>(trail.items());
    items.replaceAll(
        it ->
            it.contains("#chain#0") && it.contains(key)
                ? it.replace("\"link\":{\"N\":\"2\"}", "\"link\":{\"N\":\"2.5\"}")
                : it);
    String expiry = "\"expires_at\":\\{\"N\":\"\\d+\"}";
    items.set(0, items.getFirst().replaceFirst(expiry, "\"expires_at\":{\"N\":\"9e30\"}"));
    items.set(
        1, items.get(1).replaceFirst(expiry, "\"expires_at\":{\"N\":\"4000000000000000000\"}"));

    assertThat(verify.findingsOf(items))
        .contains(
            "EDITED    link item #chain#0#000000000002: it cannot be read as a link",
            "DELETED   link 0:2: the link 3 follows");
  }

  @Test
  void aLogWithoutAnchorsIsReported() throws IOException {
    String log = verify.file("consumer.log", List.of("a line", "another one"));

    assertThat(verify.verify(trail.lines(), "--anchors", log)).isEqualTo(2);
    assertThat(verify.output()).contains("there is no event audit_batch with a link in ");
  }
}
