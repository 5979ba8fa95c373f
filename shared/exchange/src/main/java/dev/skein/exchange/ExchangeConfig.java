package dev.skein.exchange;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.time.Duration;

/**
 * How an exchange divides its time.
 *
 * @param reserve what of the invocation's time is kept back for the audit record and the reply, 200
 *     ms to 20 s
 */
public record ExchangeConfig(Duration reserve) {

  /**
   * Reads the environment.
   *
   * @param auditTimeout the longest that the reserve must outlast
   * @throws InvalidSettingException when a variable does not fit
   */
  public static ExchangeConfig from(Settings settings, Duration auditTimeout) {
    Duration reserve =
        settings.millis(
            "DEADLINE_RESERVE_MS",
            Duration.ofMillis(2000),
            Duration.ofMillis(200),
            Duration.ofSeconds(20));
    if (reserve.compareTo(auditTimeout) <= 0) {
      throw new InvalidSettingException(
          "DEADLINE_RESERVE_MS",
          "is %d: it needs to be more than AUDIT_TIMEOUT_MS, which is %d"
              .formatted(reserve.toMillis(), auditTimeout.toMillis()));
    }
    return new ExchangeConfig(reserve);
  }
}
