package dev.skein.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.audit.AuditConfig.Content;
import dev.skein.audit.AuditConfig.Mode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AuditConfigTest {

  static AuditConfig config(int previewChars, Content content) {
    return new AuditConfig(
        Mode.LOG, Optional.empty(), Duration.ofSeconds(1), previewChars, content);
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String unpacked(AuditText text) throws IOException {
    byte[] gzip = Base64.getDecoder().decode(text.content().orElseThrow());
    try (var in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "abc, abc, 3",
    "abcd, abc, 4",
    "a😀b, a😀b, 3",
    "😀😀😀, 😀😀😀, 3",
    "😀😀😀😀, 😀😀😀, 4",
    "ab😀d, ab😀, 4",
    "abc😀, abc, 4",
    "😀😀cde, 😀😀c, 5"
  })
  void aPreviewHasWholeCharactersUpToItsLength(String text, String preview, int length)
      throws Exception {
    var expected =
        new AuditText(
            preview,
            length,
            length > 3 ? Optional.of(sha256(text)) : Optional.empty(),
            Optional.empty());

    assertThat(config(3, Content.PREVIEW).text(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(Content.class)
  void aTextInPiecesIsKeptLikeTheWhole(Content content) {
    var config = config(3, content);
    for (List<String> pieces :
        List.of(
            List.of("", "a", "b", "c"),
            List.of("ab😀", "d", ""),
            List.of("a", "😀😀😀"),
            List.of("abcd"))) {
      var builder = config.textBuilder();
      pieces.forEach(builder::add);

      assertThat(builder.build()).isEqualTo(config.text(String.join("", pieces)));
    }
  }

  @Test
  void ofNoContentOnlyTheLengthIsKept() {
    assertThat(config(100, Content.NONE).text("canary 😀"))
        .isEqualTo(new AuditText("", 8, Optional.empty(), Optional.empty()));
  }

  @Test
  void withoutAPreviewATextHasItsDigest() throws Exception {
    assertThat(config(0, Content.PREVIEW).text("x"))
        .isEqualTo(new AuditText("", 1, Optional.of(sha256("x")), Optional.empty()));
    assertThat(config(0, Content.PREVIEW).text("")).isEqualTo(AuditText.EMPTY);
  }

  @Test
  void fullContentIsTheWholeTextAndItsDigestIsAlwaysThere() throws Exception {
    for (String whole : List.of("", "short", "é😀".repeat(1000))) {
      AuditText text = config(100, Content.FULL).text(whole);

      assertThat(unpacked(text)).isEqualTo(whole);
      assertThat(text.sha256()).contains(sha256(whole));
    }
  }

  @Test
  void aMessageHasNoContentBecauseThePromptHasIt() throws Exception {
    assertThat(config(3, Content.FULL).message("abcd"))
        .isEqualTo(new AuditText("abc", 4, Optional.of(sha256("abcd")), Optional.empty()));
    for (Content content : List.of(Content.PREVIEW, Content.NONE)) {
      assertThat(config(3, content).message("abcd")).isEqualTo(config(3, content).text("abcd"));
    }
  }

  @Test
  void aLongTextIsCutBetweenCharactersAndItsLengthAndDigestAreOfTheWhole() throws Exception {
    String whole = "ab" + "😀".repeat(CompressedText.MAX_BYTES / 4) + "c";

    AuditText text = config(100, Content.FULL).text(whole);

    assertThat(unpacked(text)).isEqualTo("ab" + "😀".repeat(CompressedText.MAX_BYTES / 4 - 1));
    assertThat(text.length()).isEqualTo(CompressedText.MAX_BYTES / 4 + 3);
    assertThat(text.sha256()).contains(sha256(whole));
  }
}
