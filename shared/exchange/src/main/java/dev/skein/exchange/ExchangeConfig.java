package dev.skein.exchange;

import dev.skein.base.Deadline;
import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.time.Duration;
import java.util.Optional;

/**
 * How an exchange divides its time.
 *
 * @param reserve what of the invocation's time is kept back for the audit record and the reply, 200
 *     ms to 20 s
 * @param requestTimeout how long the model calls of one request may take, 100 ms to 15 min
 */
public record ExchangeConfig(Duration reserve, Duration requestTimeout) {

  private static final Duration LONGEST_INVOCATION = Duration.ofMinutes(15);

  /**
   * Reads the environment.
   *
   * @param auditTimeout the time limit of one audit delivery, which the reserve has to exceed
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
    Duration requestTimeout =
        settings.millis(
            "REQUEST_TIMEOUT_MS", LONGEST_INVOCATION, Duration.ofMillis(100), LONGEST_INVOCATION);
    return new ExchangeConfig(reserve, requestTimeout);
  }

  /**
   * When the model calls of a request end: before the invocation, by the reserve, and no later than
   * the operator and the caller allow.
   *
   * @param timeout the caller's
   */
  Deadline deadline(Deadline invocation, Optional<Duration> timeout) {
    var end = invocation.less(reserve).atMost(requestTimeout);
    return timeout.map(end::atMost).orElse(end);
  }
}
