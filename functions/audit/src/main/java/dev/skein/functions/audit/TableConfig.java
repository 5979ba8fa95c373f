package dev.skein.functions.audit;

import dev.skein.base.Settings;
import java.time.Duration;

/**
 * Where the trail is kept, and for how long.
 *
 * @param table the DynamoDB table's name, from {@code AUDIT_TABLE}
 * @param retention whole days from a record's time until it expires, from {@code
 *     AUDIT_RETENTION_DAYS}: 1 to 3650, by default 365
 */
record TableConfig(String table, Duration retention) {
  /** No record is kept longer than this, whatever the setting was when it was written. */
  static final Duration MAX_RETENTION = Duration.ofDays(3650);

  private static final int DEFAULT_DAYS = 365;

  /**
   * Reads the environment.
   *
   * @throws dev.skein.base.InvalidSettingException when a variable does not fit
   */
  static TableConfig from(Settings settings) {
    int maxDays = Math.toIntExact(MAX_RETENTION.toDays());
    return new TableConfig(
        settings.required("AUDIT_TABLE"),
        Duration.ofDays(settings.integer("AUDIT_RETENTION_DAYS", DEFAULT_DAYS, 1, maxDays)));
  }
}
