package dev.skein.audit;

import dev.skein.base.Settings;
import java.time.Duration;
import java.util.Optional;

/**
 * How records leave the function.
 *
 * @param queueUrl present unless the mode is {@link Mode#LOG}
 * @param timeout how long one record may take onto the queue, 100 ms to 10 s
 * @param previewChars how much of message and reply a record keeps, 0 to 10,000 characters
 */
public record AuditConfig(
    Mode mode, Optional<String> queueUrl, Duration timeout, int previewChars) {

  /** How hard a reply waits for its records. */
  public enum Mode {
    /** A record that the queue does not take goes to the alternate sink, and the reply goes out. */
    DEFAULT,
    /** A record that the queue does not take holds back the call, or the reply. */
    STRICT,
    /** Records are log lines, and there is no queue. */
    LOG
  }

  /**
   * Reads the environment.
   *
   * @throws dev.skein.base.InvalidSettingException when a variable does not fit
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
        settings.integer("AUDIT_PREVIEW_CHARS", 100, 0, 10_000));
  }

  /** The beginning of a text, never half a character. */
  public String preview(String text) {
    return text.codePointCount(0, text.length()) <= previewChars
        ? text
        : text.substring(0, text.offsetByCodePoints(0, previewChars));
  }
}
