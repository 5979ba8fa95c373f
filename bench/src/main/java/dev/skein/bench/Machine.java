package dev.skein.bench;

import java.lang.management.ManagementFactory;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** What the figures depend on. */
final class Machine {

  private Machine() {}

  /** Date, cores, JDK and load of this machine: to be called before measuring. */
  static String describe() {
    return "%s, %d cores (%s), %s, load average %.1f at the start"
        .formatted(
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.arch"),
            System.getProperty("java.vendor.version", Runtime.version().toString()),
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }
}
