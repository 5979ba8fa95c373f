package dev.skein.functions.audit;

import dev.skein.base.Settings;
import java.time.Duration;

/**
 * The table of the audit trail.
 *
 * @param table the name of the DynamoDB table, from {@code AUDIT_TABLE}
 * @param retention the time from a record's timestamp until it expires, from {@code
 *     AUDIT_RETENTION_DAYS}: 1 to 3650 days, by default 365
 */
record TableConfig(String table, Duration retention) {
  /** The longest retention that can be set: no older record exists. */
  static final Duration MAX_RETENTION = Duration.ofDays(3650);

  private static final int DEFAULT_DAYS = 365;

  /**
   * Reads the environment.
   *
   * @throws dev.skein.base.InvalidSettingException if a variable is missing or invalid
   */
  static TableConfig from(Settings settings) {
    int maxDays = Math.toIntExact(MAX_RETENTION.toDays());
    return new TableConfig(
        settings.required("AUDIT_TABLE"),
        Duration.ofDays(settings.integer("AUDIT_RETENTION_DAYS", DEFAULT_DAYS, 1, maxDays)));
  }
}
