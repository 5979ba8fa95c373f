package dev.skein.functions.audit;

import dev.skein.base.Settings;
import java.time.Duration;

/**
 * What is stored beside the records of a table: a hash chain, and whole texts for some time.
 *
 * @param chain whether the hash chain is written, from {@code AUDIT_CHAIN}; by default on
 * @param contentRetention the time from a record's timestamp until its content expires, from {@code
 *     AUDIT_CONTENT_RETENTION_DAYS}: 1 to 3650 days, by default 30. Content never outlives its
 *     record
 */
record StoreConfig(boolean chain, Duration contentRetention) {
  private static final int DEFAULT_DAYS = 30;

  /** The default values. */
  static final StoreConfig DEFAULT = new StoreConfig(true, Duration.ofDays(DEFAULT_DAYS));

  private enum Switch {
    ON,
    OFF
  }

  /**
   * Reads the environment.
   *
   * @throws dev.skein.base.InvalidSettingException if a variable is invalid
   */
  static StoreConfig from(Settings settings) {
    int maxDays = Math.toIntExact(TableConfig.MAX_RETENTION.toDays());
    return new StoreConfig(
        settings.choice("AUDIT_CHAIN", Switch.ON) == Switch.ON,
        Duration.ofDays(
            settings.integer("AUDIT_CONTENT_RETENTION_DAYS", DEFAULT_DAYS, 1, maxDays)));
  }
}
