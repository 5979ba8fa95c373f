package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skein.base.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The digests are stored for years and computed by others: they are pinned here. */
final class RecordDigestTest {
  private static final String AT = "2026-07-01T00:00:00.000Z";

  private static final String RECORD =
      """
      {"schema_version":1,"audit_id":"a","phase":"completed","message_preview":"What?","response_preview":"That.",
       "message_sha256":null,"content_salt":"00112233445566778899aabbccddeeff","latency_ms":431,
       "tokens_per_second":41.50,"region":"eu","cost":0.1234567890123456789012345}
      """;

  private static ObjectNode record(String json) {
    try {
      return (ObjectNode) Json.PASSED.parse(json);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theDigestIsAHashOfTheMembersAndOfTheCommitmentToTheTexts() {
    String content =
        "{\"message_preview\":\"What?\",\"message_sha256\":null,\"response_preview\":\"That.\"}";
    String commitment = CanonicalJson.sha256("00112233445566778899aabbccddeeff" + content);

    assertThat(RecordDigest.contentSha256(record(RECORD))).isEqualTo(commitment);
    assertThat(RecordDigest.of(record(RECORD)))
        .isEqualTo(
            CanonicalJson.sha256(
                "{\"audit_id\":\"a\",\"content_sha256\":\""
                    + commitment
                    + "\",\"cost\":0.1234567890123456789012345,\"latency_ms\":431,"
                    + "\"phase\":\"completed\",\"region\":\"eu\",\"schema_version\":1,"
                    + "\"tokens_per_second\":41.5}"))
        .isEqualTo("aef442c7eba1e8c786a88eff279f2e1dfb8eabd15f8bcf59395b52ccab17d02e");
  }

  @Test
  void orderAndSpellingDoNotMatter() {
    String other =
        """
        {"cost":1234567890123456789012345e-25,"audit_id":"a","schema_version":1.0,"phase":"completed",
         "region":"\\u0065u","message_sha256":null,"latency_ms":4.31e2,"tokens_per_second":41.5,
         "content_salt":"00112233445566778899aabbccddeeff","message_preview":"What?","response_preview":"That."}
        """;

    assertThat(RecordDigest.of(record(other))).isEqualTo(RecordDigest.of(record(RECORD)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "schema_version",
        "audit_id",
        "phase",
        "message_preview",
        "response_preview",
        "message_sha256",
        "content_salt",
        "latency_ms",
        "tokens_per_second",
        "region",
        "cost"
      })
  void eachMemberMatters(String name) {
    String digest = RecordDigest.of(record(RECORD));

    assertThat(RecordDigest.of(record(RECORD).put(name, "another"))).isNotEqualTo(digest);
    assertThat(RecordDigest.of(record(RECORD).without(name))).isNotEqualTo(digest);
  }

  /** It is the digest of a personal text: whoever guesses the prompt could confirm it. */
  @Test
  void anErasureRemovesThePromptsDigestAndKeepsItsLength() {
    var original = record(RECORD).put("prompt_length", 7).put("prompt_sha256", "1f".repeat(32));
    var erased = RecordDigest.erased(original, AT);

    assertThat(erased.has("prompt_sha256")).isFalse();
    assertThat(erased.path("prompt_length").intValue()).isEqualTo(7);
    assertThat(RecordDigest.of(erased)).isEqualTo(RecordDigest.of(original));
    assertThat(RecordDigest.of(original.deepCopy().put("prompt_sha256", "2e".repeat(32))))
        .isNotEqualTo(RecordDigest.of(original));
  }

  @Test
  void aNewMemberMatters() {
    assertThat(RecordDigest.of(record(RECORD).putNull("tenant")))
        .isNotEqualTo(RecordDigest.of(record(RECORD)));
  }

  @Test
  void anErasedRecordHasTheSameDigestAndNoTexts() {
    var original = record(RECORD);
    var erased = RecordDigest.erased(original, AT);

    assertThat(erased.has("content_salt")).isFalse();
    assertThat(RecordDigest.CONTENT).noneMatch(erased::has);
    assertThat(erased.path("erased_at").textValue()).isEqualTo(AT);
    assertThat(RecordDigest.of(erased)).isEqualTo(RecordDigest.of(original));
    assertThat(RecordDigest.contentSha256(erased)).isEqualTo(RecordDigest.contentSha256(original));
    assertThat(RecordDigest.erased(erased, AT)).isEqualTo(erased);
    assertThat(original).isEqualTo(record(RECORD));
  }

  @Test
  void anErasedRecordCannotBeEditedUnseen() {
    var erased = RecordDigest.erased(record(RECORD), AT);
    String digest = RecordDigest.of(erased);

    assertThat(RecordDigest.of(erased.deepCopy().put("latency_ms", 1))).isNotEqualTo(digest);
    assertThat(RecordDigest.of(erased.deepCopy().put("content_sha256", "0"))).isNotEqualTo(digest);
    assertThat(RecordDigest.of(erased.deepCopy().without("content_sha256"))).isNotEqualTo(digest);
  }

  /** Else an editor would keep the commitment and put other texts beside it. */
  @Test
  void aCommitmentBesideTextsIsNotBelieved() {
    var edited = record(RECORD);
    edited.put("content_sha256", RecordDigest.contentSha256(edited)).put("erased_at", AT);
    assertThat(RecordDigest.of(edited)).isEqualTo(RecordDigest.of(record(RECORD)));

    edited.put("message_preview", "Another question");
    assertThat(RecordDigest.of(edited)).isNotEqualTo(RecordDigest.of(record(RECORD)));
  }

  @Test
  void aRecordFromBeforeTheSaltHasADigestTooAndCanBeErased() {
    var old = record(RECORD).<ObjectNode>without("content_salt");

    assertThat(RecordDigest.of(RecordDigest.erased(old, AT))).isEqualTo(RecordDigest.of(old));
  }
}
