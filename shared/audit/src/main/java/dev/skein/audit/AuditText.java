package dev.skein.audit;

import java.util.Optional;

/**
 * What a record keeps of a text: the caller's message, the prompt or the reply.
 *
 * @param preview its beginning; may be empty
 * @param length of the whole text, in code points
 * @param sha256 of the whole text's UTF-8, in hex; empty if the preview is the whole text, or if
 *     nothing of it may be kept
 * @param content the gzip of its UTF-8, in base64; empty unless whole texts are kept
 */
public record AuditText(
    String preview, int length, Optional<String> sha256, Optional<String> content) {

  /** No text. */
  public static final AuditText EMPTY = whole("");

  /** A text that is its own preview. */
  public static AuditText whole(String text) {
    return new AuditText(
        text, text.codePointCount(0, text.length()), Optional.empty(), Optional.empty());
  }
}
