package dev.skein.audit;

import dev.skein.audit.AuditConfig.Content;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes an {@link AuditText} of a text that comes in pieces, of which it keeps no more than the
 * record does. Not thread-safe.
 */
public final class AuditTextBuilder {
  private final AuditConfig config;
  private final boolean withContent;
  private final StringBuilder preview = new StringBuilder();
  private int length;
  private @Nullable MessageDigest digest;
  private @Nullable CompressedText compressed;

  AuditTextBuilder(AuditConfig config, boolean withContent) {
    this.config = config;
    this.withContent = withContent;
  }

  /**
   * Adds the next piece.
   *
   * @param piece without lone surrogates, so that none of its characters is split
   */
  public void add(String piece) {
    int before = length;
    length += piece.codePointCount(0, piece.length());
    if (config.content() == Content.NONE) {
      return;
    }
    if (digest == null && (length > config.previewChars() || config.content() == Content.FULL)) {
      start();
    }
    if (digest != null) {
      byte[] utf8 = piece.getBytes(StandardCharsets.UTF_8);
      digest.update(utf8);
      if (compressed != null) {
        compressed.add(utf8);
      }
    }
    if (before < config.previewChars()) {
      preview.append(AuditConfig.beginning(piece, config.previewChars() - before));
    }
  }

  /** Until here, the preview is the whole text. */
  private void start() {
    byte[] utf8 = preview.toString().getBytes(StandardCharsets.UTF_8);
    digest = sha256();
    digest.update(utf8);
    if (withContent) {
      compressed = new CompressedText();
      compressed.add(utf8);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The text so far. Ends the building. */
  public AuditText build() {
    if (digest == null && config.content() == Content.FULL) {
      start();
    }
    return new AuditText(
        preview.toString(),
        length,
        Optional.ofNullable(digest).map(it -> HexFormat.of().formatHex(it.digest())),
        Optional.ofNullable(compressed).map(CompressedText::base64));
  }
}
