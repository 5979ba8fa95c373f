package dev.skein.functions.audit;

import dev.skein.base.Settings;
import java.time.Duration;

/**
 * The table of the audit trail.
 *
 * @param table the name of the DynamoDB table, from {@code AUDIT_TABLE}
 * @param retention the time from a record's timestamp until it expires, from {@code
 *     AUDIT_RETENTION_DAYS}: 1 to 3650 days, by default 365
 * @param shards the number of partitions over which new records are spread in each index, from
 *     {@code AUDIT_SHARDS}: 1 to 32, by default 4. Only the consumer uses it: the reader reads the
 *     largest number ever used from the table
 */
record TableConfig(String table, Duration retention, int shards) {
  /** The longest retention that can be set: no older record exists. */
  static final Duration MAX_RETENTION = Duration.ofDays(3650);

  private static final int DEFAULT_DAYS = 365;
  private static final int DEFAULT_SHARDS = 4;
  private static final int MAX_SHARDS = 32;

  /** A table with the default number of shards. */
  TableConfig(String table, Duration retention) {
    this(table, retention, DEFAULT_SHARDS);
  }

  /**
   * Reads the environment.
   *
   * @throws dev.skein.base.InvalidSettingException if a variable is missing or invalid
   */
  static TableConfig from(Settings settings) {
    int maxDays = Math.toIntExact(MAX_RETENTION.toDays());
    return new TableConfig(
        settings.required("AUDIT_TABLE"),
        Duration.ofDays(settings.integer("AUDIT_RETENTION_DAYS", DEFAULT_DAYS, 1, maxDays)),
        settings.integer("AUDIT_SHARDS", DEFAULT_SHARDS, 1, MAX_SHARDS));
  }
}
