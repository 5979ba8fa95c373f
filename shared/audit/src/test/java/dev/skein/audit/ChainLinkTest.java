package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.audit.ChainLink.Entry;
import dev.skein.base.Json;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChainLinkTest {
  private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");
  private static final String DIGEST = "ab".repeat(32);

  private static final ChainLink FIRST =
      ChainLink.first(2, List.of(new Entry(DIGEST, "intent", "a")), NOON);

  private static ObjectNode json() {
    return FIRST.toJson();
  }

  @Test
  void theHashCoversTheCanonicalFormOfTheOtherMembers() {
    assertThat(FIRST.sha256())
        .isEqualTo(
            CanonicalJson.sha256(
                "{\"chain\":2,\"entries\":[\"%s intent a\"],\"link\":1,\"previous\":\"%s\",\"written_at\":\"2026-06-15T12:00:00.000Z\"}"
                    .formatted(DIGEST, "0".repeat(64))))
        .isEqualTo("3137424d736ac3940c646de3a9798b28dc565c7827555816c53bcfd1a5de86df");
  }

  @Test
  void theNextLinkContainsTheHashOfTheOneBefore() {
    var next = FIRST.next(List.of(new Entry(DIGEST, "completed", "a b")), NOON.plusSeconds(1));

    assertThat(next.chain()).isEqualTo(2);
    assertThat(next.link()).isEqualTo(2);
    assertThat(next.previous()).isEqualTo(FIRST.sha256());
    assertThat(next.isIntact()).isTrue();
  }

  @Test
  void theJsonFormIsReadAsItWasWritten() throws Exception {
    var read = Json.PASSED.parse(Json.STRICT.write(json().put("later", 1)));

    assertThat(ChainLink.fromJson(read)).contains(FIRST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain", "link", "previous", "entries", "written_at", "sha256"})
  void aLinkWithoutAMemberOrWithAnotherTypeIsNotRead(String name) {
    assertThat(ChainLink.fromJson(json().without(name))).isEmpty();
    assertThat(ChainLink.fromJson(json().putNull(name))).isEmpty();
    assertThat(ChainLink.fromJson(json().put(name, true))).isEmpty();
  }

  @Test
  void aChangedMemberIsSeen() {
    assertThat(FIRST.isIntact()).isTrue();
    assertThat(List.of(json().put("chain", 3), json().put("link", 2)))
        .allSatisfy(changed -> assertThat(read(changed).isIntact()).isFalse());
    assertThat(List.of("previous", "written_at", "sha256"))
        .allSatisfy(name -> assertThat(read(json().put(name, "other")).isIntact()).isFalse());
    var added = json();
    added.withArray("entries").add("another");
    assertThat(read(added).isIntact()).isFalse();
  }

  private static ChainLink read(ObjectNode json) {
    return ChainLink.fromJson(json).orElseThrow();
  }

  @Test
  void anEntryIsReadAsItWasWritten() {
    var entry = new Entry(DIGEST, "completed", "an id with spaces");

    assertThat(Entry.parse(entry.toText())).contains(entry);
    assertThat(Entry.parse("")).isEmpty();
    assertThat(Entry.parse("short intent a")).isEmpty();
    assertThat(Entry.parse(DIGEST + " intent")).isEmpty();
  }

  @Test
  void anEntryHasTheDigestOfItsRecord() throws Exception {
    var record = (ObjectNode) Json.PASSED.parse("{\"audit_id\":\"a\",\"phase\":\"intent\"}");

    assertThat(Entry.of(record)).isEqualTo(new Entry(RecordDigest.of(record), "intent", "a"));
  }
}
