package dev.skein.audit;

import dev.skein.base.Settings;
import java.time.Duration;
import java.util.Optional;

/**
 * How audit records are delivered.
 *
 * @param queueUrl the SQS queue, from {@code AUDIT_QUEUE_URL}; empty in {@link Mode#LOG}
 * @param timeout the time limit for sending one record, from {@code AUDIT_TIMEOUT_MS}: 100 ms to 10
 *     s, by default 1.5 s
 * @param previewChars how many characters of message and reply a record keeps, from {@code
 *     AUDIT_PREVIEW_CHARS}: 0 to 10,000, by default 100
 * @param content what else is kept of the texts, from {@code AUDIT_CONTENT}
 */
public record AuditConfig(
    Mode mode, Optional<String> queueUrl, Duration timeout, int previewChars, Content content) {

  /** What records keep of message and reply. */
  public enum Content {
    /** The beginning, and a digest of what is longer. */
    PREVIEW,
    /** Nothing but the length. */
    NONE,
    /** The beginnings, digests, and the compressed prompt and reply themselves. */
    FULL
  }

  /** What happens if a record cannot be sent to the queue, from {@code AUDIT_MODE}. */
  public enum Mode {
    /** The record is logged instead, and the reply is sent. */
    DEFAULT,
    /** The model is not called, or the reply is not sent. The record is logged. */
    STRICT,
    /** There is no queue; records are only logged. */
    LOG
  }

  /**
   * Reads the environment.
   *
   * @throws dev.skein.base.InvalidSettingException if a variable is missing or invalid
   */
  public static AuditConfig from(Settings settings) {
    Mode mode = settings.choice("AUDIT_MODE", Mode.DEFAULT);
    return new AuditConfig(
        mode,
        mode == Mode.LOG ? Optional.empty() : Optional.of(settings.required("AUDIT_QUEUE_URL")),
        settings.millis(
            "AUDIT_TIMEOUT_MS",
            Duration.ofMillis(1500),
            Duration.ofMillis(100),
            Duration.ofSeconds(10)),
        settings.integer("AUDIT_PREVIEW_CHARS", 100, 0, 10_000),
        settings.choice("AUDIT_CONTENT", Content.PREVIEW));
  }

  /** What a record keeps of the caller's message: never its content, which is the prompt's. */
  public AuditText message(String whole) {
    var text = new AuditTextBuilder(this, false);
    text.add(whole);
    return text.build();
  }

  /** What a record keeps of a text. */
  public AuditText text(String whole) {
    var text = textBuilder();
    text.add(whole);
    return text.build();
  }

  /** The same of a text that comes in pieces. */
  public AuditTextBuilder textBuilder() {
    return new AuditTextBuilder(this, content == Content.FULL);
  }

  /** The first {@code max} characters of a text; never splits a surrogate pair. */
  static String beginning(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    // A character takes at most two; the rest of a long text need not be read.
    int end = Math.min(text.length(), 2 * max);
    return text.codePointCount(0, end) <= max
        ? text.substring(0, end)
        : text.substring(0, text.offsetByCodePoints(0, max));
  }
}
