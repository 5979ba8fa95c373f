package dev.skein.local.front;

import dev.skein.local.template.Deployment.Quota;
import java.time.DayOfWeek;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;

/** Counts the requests of one key in a day, a week or a month of UTC. Thread-safe. */
final class QuotaCounter {

  private final Quota quota;
  private final InstantSource clock;
  private LocalDate period;
  private int used;

  QuotaCounter(Quota quota, InstantSource clock) {
    this.quota = quota;
    this.clock = clock;
    this.period = currentPeriod();
  }

  /** Counts a request, unless the quota is used up. */
  synchronized boolean tryUse() {
    LocalDate now = currentPeriod();
    if (!now.equals(period)) {
      period = now;
      used = 0;
    }
    if (used >= quota.limit()) {
      return false;
    }
    used++;
    return true;
  }

  private LocalDate currentPeriod() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    return switch (quota.period()) {
      case DAY -> today;
      case WEEK -> today.with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
      case MONTH -> today.withDayOfMonth(1);
    };
  }
}
